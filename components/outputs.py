"""What a stack's outputs are: the one form that `Estate` writes and everybody else reads.

No Pulumi here, so that whoever only looks at an estate (status, recovery) loads none. Classes are
generic in what a text is: `str` for readers, `pulumi.Input[str]` for the program that writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, Generic, TypeVar, cast, get_origin

from components.watch import Watch

Text = TypeVar("Text")


class OutputsError(Exception):
    """The outputs lack something, or hold it in another form; the text has its path."""


@dataclass(frozen=True)
class RegionOutputs(Generic[Text]):
    """A region, as it is found from outside.

    Attributes:
        cloud: existing, aws, azure or gcp.
        role: primary, standby or active.
        context: of the kubeconfig.
        kubeconfig: path or content; None for the user's.
        cluster_name: RabbitMQ's.
        replicas: brokers that there should be.
        host: address of the AMQPS entry.
        port: of the AMQPS entry.
        server_name: name in the brokers' certificate.
        amqps: where clients connect.
        management: the management API's address inside the cluster.
    """

    cloud: str
    role: str
    context: Text
    kubeconfig: Text | None
    cluster_name: str
    replicas: int
    host: Text
    port: int
    server_name: str
    amqps: Text
    management: str


@dataclass(frozen=True)
class LinkOutputs:
    """A link between two regions.

    Attributes:
        watch: what is to be watched of it.
    """

    name: str
    kind: str
    from_: str
    to: str
    vhost: str
    watch: Watch


@dataclass(frozen=True)
class NamesOutputs(Generic[Text]):
    """The public DNS zone.

    Attributes:
        global_: the name that follows the primary.
        name_servers: of the zone, for its parent.
    """

    global_: str
    name_servers: Any


@dataclass(frozen=True)
class EstateOutputs(Generic[Text]):
    """All of a stack's outputs.

    Attributes:
        domain: of the regions' names.
        namespace: Kubernetes namespace of the brokers in every region.
        primary: the region that takes messages.
        epoch: how often the primary has changed.
        regions: by name.
        links: between them.
        names: None where another DNS serves the names.
        ca: the stack's CA certificate (PEM).
        users: passwords by user, the same in every region; secret.
        operators: passwords of warren's own users, by region and user; secret. Empty in the outputs of
            an estate from before regions had passwords of their own, where `users` has them.
    """

    domain: str
    namespace: str
    primary: str
    epoch: int
    regions: Mapping[str, RegionOutputs[Text]]
    links: Sequence[LinkOutputs]
    names: NamesOutputs[Text] | None
    ca: Text
    users: Mapping[str, Text]
    operators: Mapping[str, Mapping[str, Text]]

    def password(self: EstateOutputs[str], region: str, user: str) -> str:
        """The password of one of warren's own users in a region."""
        return self.operators.get(region, self.users)[user]


def properties(value: Any) -> Any:
    """Outputs as a program exports them: mappings by the fields' names, texts left as they are."""
    if isinstance(value, Watch):
        return value.to_data()
    if isinstance(value, RegionOutputs | LinkOutputs | NamesOutputs | EstateOutputs):
        found: dict[str, Any] = {
            item.name.rstrip("_"): properties(getattr(cast("Any", value), item.name))
            for item in fields(cast("Any", value))
        }
        return found
    if isinstance(value, Mapping):
        known = cast("Mapping[str, Any]", value)
        return {key: properties(item) for key, item in known.items()}
    if isinstance(value, list | tuple):
        return [properties(item) for item in cast("Sequence[Any]", value)]
    return value


def read(exported: Mapping[str, Any]) -> EstateOutputs[str]:
    """Outputs from what a program exported, secrets revealed.

    What a newer program exports beside it is left aside.

    Raises:
        OutputsError: something is missing, or is of another kind.
    """
    own = dict(exported)
    regions = _mapping(own, "regions")
    links = own.get("links")
    if not isinstance(links, list):
        raise OutputsError("links: a list is expected")
    return _made(
        EstateOutputs[str],
        {
            **own,
            "regions": {
                name: _made(RegionOutputs[str], item, f"regions.{name}")
                for name, item in regions.items()
            },
            "links": [
                read_link(item, f"links[{index}]")
                for index, item in enumerate(cast("list[Any]", links))
            ],
            "names": own.get("names") and _made(NamesOutputs[str], own["names"], "names"),
            "users": _mapping(own, "users"),
            "operators": _mapping(own, "operators") if "operators" in own else {},
        },
        "",
    )


def read_link(given: Any, path: str) -> LinkOutputs:
    """A link from what a program exported of it; `path` is where, for the error."""
    found = _made(LinkOutputs, given, path)
    try:
        return replace(found, watch=Watch.from_data(cast("Any", found.watch)))
    except (KeyError, TypeError, IndexError):
        raise OutputsError(f"{path}.watch: is of another form") from None


def _mapping(exported: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = exported.get(key)
    if not isinstance(found, dict):
        raise OutputsError(f"{key}: a mapping is expected")
    return cast("dict[str, Any]", found)


_Made = TypeVar("_Made")

_OPTIONAL = {"kubeconfig"}
"""Pulumi leaves out of an object what is None."""


def _made(kind: type[_Made], given: Any, path: str) -> _Made:
    if not isinstance(given, dict):
        raise OutputsError(f"{path}: a mapping is expected")
    values = cast("dict[str, Any]", given)
    found: dict[str, Any] = {}
    for item in fields(get_origin(kind) or cast("Any", kind)):
        key = item.name.rstrip("_")
        if key in values:
            found[item.name] = int(values[key]) if item.type == "int" else values[key]
        elif key in _OPTIONAL:
            found[item.name] = None
        elif item.default is MISSING:
            raise OutputsError(f"{f'{path}.' if path else ''}{key}: is missing")
    return kind(**found)
