"""Regular expressions of a stack file, matched here as RabbitMQ will match them.

Taken is what Python's `re` compiles, which is close to all of what PCRE, RabbitMQ's own, has in
common with it. Matching backtracks in both, so `^(a+)+$` can take longer than anybody waits: RabbitMQ
gives up after some steps and takes it for no match (`re`, match_limit); here the time is bounded, and
such a pattern is refused.
"""

from __future__ import annotations

import regex

SECONDS = 1.0
"""Longest match of one name. Honest patterns take microseconds."""


def matches(pattern: str, name: str) -> bool:
    """Whether RabbitMQ would find the pattern in the name.

    Raises:
        ValueError: it takes too long to say, or can't be said.
    """
    try:
        return regex.search(pattern, name, timeout=SECONDS) is not None
    except TimeoutError:
        raise ValueError(
            f"'{pattern}' takes more than {SECONDS:.0f} s to match '{name}'; take out the repetition "
            "within a repetition"
        ) from None
    except regex.error as error:
        raise ValueError(f"'{pattern}' is not a regular expression: {error}") from None
