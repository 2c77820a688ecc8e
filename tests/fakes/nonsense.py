"""Events as no documentation has them: parts are missing, or something else stands where they should be."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

ODD: tuple[Any, ...] = (None, 0, -1, 10**30, "", "x", "\ud800", True, [], {}, [[]], [None], {"id": {}}, 1.5, "1970-01-01")


def mangled(event: Any, random: Random) -> Any:
    """The event with one to three of its parts gone or replaced."""
    changed = deepcopy(event)
    for _ in range(random.randint(1, 3)):
        holder, key = random.choice([*_parts(changed)] or [({}, "")])
        if isinstance(holder, dict) and random.random() < 0.4:
            holder.pop(key, None)
        else:
            holder[key] = deepcopy(random.choice(ODD))
    return changed


def _parts(event: Any) -> Iterator[tuple[Any, Any]]:
    """Everything that can be taken out: its holder, and the key there."""
    if isinstance(event, dict | list):
        keys = list(event) if isinstance(event, dict) else list(range(len(event)))
        for key in keys:
            yield event, key
            yield from _parts(event[key])
