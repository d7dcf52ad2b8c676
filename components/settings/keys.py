"""Which keys a place in the settings takes, for "did you mean"."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

Location = Sequence[str | int]


def similar(word: str, known: Sequence[str]) -> str:
    """`; did you mean 'replicas'?`, or "" where nothing is like the word."""
    found = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.65)
    return f"; did you mean '{found[0]}'?" if found else ""


def keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Keys of the models that may stand at a location; [] where none does.

    Tags of unions, which pydantic puts into a location, are passed over.
    """
    places: list[Any] = [model]
    for part in location:
        inner = [item for place in places for item in _inside(place, part)]
        # A union's tag leads nowhere: the models stay those of the union.
        places = inner or places
    found = [item for place in places for item in _models(place)]
    return sorted({key for item in found for key in _names(item)})


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _inside(place: Any, part: str | int) -> Iterator[Any]:
    for model in _models(place):
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
    for kind in _plain(place):
        arguments = get_args(kind)
        if get_origin(kind) is list and isinstance(part, int):
            yield arguments[0]
        elif get_origin(kind) is dict and isinstance(part, str):
            yield arguments[1]


def _models(place: Any) -> Iterator[type[BaseModel]]:
    for kind in _plain(place):
        if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel):
            yield kind


def _plain(place: Any) -> Iterator[Any]:
    """The types that an annotation allows, without Annotated, unions and None."""
    origin = get_origin(place)
    if origin is Annotated:
        kind, *marks = get_args(place)
        # Regions and zones say their members, the clouds', in a mark instead of a union.
        members = [mark.members() for mark in marks if hasattr(mark, "members")]
        if members:
            yield from (model for found in members for model in found.values())
        else:
            yield from _plain(kind)
    elif origin in (Union, types.UnionType):
        for item in get_args(place):
            yield from _plain(item)
    else:
        yield place
