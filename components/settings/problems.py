"""Several faults of one model, told at once and each by its own key.

A validator that raises `ValueError` ends at the first fault, and an operator would mend, run and mend
again. `refuse` raises them all; pydantic takes over the places of a ValidationError from within.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

PATH = re.compile(r"^([A-Za-z_][^\s:]*): (?=\S)")
"""A key's path at the beginning of a sentence, as in `links[0].to: no region 'mars'`."""


def split(sentence: str) -> tuple[str, str]:
    """A sentence's path, "" where it begins with none, and the rest."""
    found = PATH.match(sentence)
    return (found[1], sentence[found.end() :]) if found else ("", sentence)


def refuse(sentences: Iterable[str]) -> None:
    """Refuses a model for all that is wrong with it.

    Args:
        sentences: one a fault, each beginning with the key's path within the model.

    Raises:
        ValidationError: there are some.
    """
    errors: list[InitErrorDetails] = []
    for sentence in sentences:
        path, text = split(sentence)
        # Braces would be read as places for a context's values.
        kind = PydanticCustomError("rule", "{text}", {"text": text})
        errors.append(InitErrorDetails(type=kind, loc=(path,) if path else (), input=None))
    if errors:
        raise ValidationError.from_exception_data("settings", errors)
