"""`warren:index:Estate`: a whole estate as one component, with the settings of a stack file as arguments.

A facade over `components`: the settings are checked whole before anything is registered, and an error
names the key as in a stack file. Below the first level they keep a stack file's own form, snake_case keys
included, in every language.

Pulumi's analyzer reads this module's annotations as they are, so they must not be postponed
(`from __future__ import annotations` makes text of them).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, cast

import pulumi

from components.context import Context
from components.estate import Estate as Regions
from components.estate import EstateArgs as RegionsArgs
from components.settings import SettingsError, parse

NAME = "warren"
"""Of the package: `pulumi package add` makes an SDK of this name."""


class EstateArgs(TypedDict):
    """The settings of an estate, as `docs/configuration.md` has them, without the prefix `warren:`."""

    domain: str
    """Regions are `<region>.<domain>`; certificates carry these names."""
    regions: dict[str, Any]
    """The regions, by name: each with its `cloud` and that cloud's own keys."""
    dr: dict[str, Any]
    """Roles of the regions: `primary`, `standby`, `epoch`."""
    namespace: NotRequired[str]
    """Kubernetes namespace of the brokers, in each cluster; `rabbitmq` by default."""
    links: NotRequired[list[Any]]
    """Links between regions, each with its `kind` and that kind's own keys; none by default."""
    topology: NotRequired[dict[str, Any]]
    """Vhosts with what is in them, and users; alike in all regions."""
    tls: NotRequired[dict[str, Any]]
    """Lifetimes of the certificates of the stack's own CA."""
    broker: NotRequired[dict[str, Any]]
    """Defaults of every region's brokers."""
    naming: NotRequired[dict[str, Any]]
    """Public DNS zone; none by default."""
    production: NotRequired[bool]
    """Whether real messages depend on this estate; policies ask more of it then."""


class Estate(pulumi.ComponentResource):
    """RabbitMQ in several regions, on AWS, Azure, Google Cloud or any Kubernetes, joined by links."""

    ca: pulumi.Output[str]
    """The stack's CA certificate (PEM), which clients trust."""
    links: pulumi.Output[list[Any]]
    """The links: name, kind, from, to, vhost, and what to watch."""
    names: pulumi.Output[dict[str, Any]]
    """The global name and the zone's name servers; empty without `naming`."""
    regions: pulumi.Output[dict[str, Any]]
    """Of each region its cloud, role, context, host, port and the name in its certificate."""
    users: pulumi.Output[dict[str, str]]
    """Users' passwords, by name; secret."""

    def __init__(
        self, name: str, args: EstateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{NAME}:index:Estate", name, None, opts)
        settings = _settings(args)
        context = Context(
            project=pulumi.get_project(),
            stack=pulumi.get_stack(),
            domain=settings.domain,
            namespace=settings.namespace,
        )
        inside = Regions(name, RegionsArgs(context, settings), pulumi.ResourceOptions(parent=self))
        found = inside.outputs()
        self.ca = pulumi.Output.from_input(found["ca"])
        self.links = pulumi.Output.from_input(found["links"])
        self.names = pulumi.Output.from_input(found["names"]).apply(lambda names: names or {})
        self.regions = pulumi.Output.from_input(found["regions"])
        self.users = pulumi.Output.from_input(found["users"])
        self.register_outputs(
            {
                "ca": self.ca,
                "links": self.links,
                "names": self.names,
                "regions": self.regions,
                "users": self.users,
            }
        )


def _settings(args: EstateArgs) -> Any:
    """The settings, checked.

    Raises:
        RunError: they are wrong, or hang on a value that is not known before `up`: what is registered
            can't depend on that.
    """
    values = dict(args)
    for place, value in values.items():
        if (unknown := _output_below(value, place)) is not None:
            raise pulumi.RunError(
                f"{unknown}: this value comes from another resource, and an estate is planned from its "
                "settings before any resource is there. Write the value itself, or take it from the "
                "configuration."
            )
    try:
        return parse(values, pulumi.get_stack())
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def _output_below(value: object, place: str) -> str | None:
    """Where an output is in a value; None when it is all plain."""
    if isinstance(value, pulumi.Output):
        return place
    if isinstance(value, Mapping):
        items = [
            (f"{place}.{key}", item) for key, item in cast("Mapping[str, object]", value).items()
        ]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        items = [
            (f"{place}[{number}]", item)
            for number, item in enumerate(cast("Sequence[object]", value))
        ]
    else:
        return None
    return next(
        (found for key, item in items if (found := _output_below(item, key)) is not None), None
    )
