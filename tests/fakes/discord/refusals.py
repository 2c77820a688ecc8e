"""What Discord refuses and in which words: a code, or the faults of a form, go in; a status and JSON come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Path = tuple[str | int, ...]
"""Where in a form a fault is."""

CODES: Mapping[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20001: (403, "Bots cannot use this endpoint"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached the maximum number of follow up messages"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160004: (400, "A thread has already been created for this message"),
}
"""JSON error codes with the status they come with (discord-api-docs, "Opcodes and Status Codes")."""


class Refused(Exception):
    """A request that Discord would refuse."""

    def __init__(self, code: int, message: str = "", *, status: int = 0, errors: Mapping[str, Any] | None = None) -> None:
        known_status, known_message = CODES.get(code, (400, ""))
        self.code = code
        self.status = status or known_status
        self.message = message or known_message
        self.errors = dict(errors or {})
        super().__init__(f"{self.status} {self.code} {self.message} {self.errors or ''}".strip())

    def json(self) -> dict[str, Any]:
        return {"message": self.message, "code": self.code} | ({"errors": self.errors} if self.errors else {})


class Faults:
    """The faults of one form, gathered so that they are refused together."""

    def __init__(self, *prefix: str | int) -> None:
        self.found: list[tuple[Path, str, str]] = []
        self._prefix = prefix

    def add(self, path: Sequence[str | int], code: str, message: str) -> None:
        self.found.append(((*self._prefix, *path), code, message))

    def required(self, path: Sequence[str | int]) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choice(self, path: Sequence[str | int], choices: Sequence[object]) -> None:
        self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(str, choices))}}}.")

    def unknown(self, body: Mapping[str, Any], known: Sequence[str], path: Sequence[str | int] = ()) -> None:
        """Fields that do not exist; the real server would ignore them, and nobody would ever notice the slip."""
        for name in body:
            if name not in known:
                self.add((*path, name), "UNKNOWN_FIELD", "There is no such field (the real server would ignore it)")

    def text(self, value: object, path: Sequence[str | int], *, most: int, least: int = 0, required: bool = False) -> str:
        """A text of `least` to `most` code points; what is missing counts as empty."""
        if value is None or value == "":
            if required or least:
                self.required(path)
            return ""
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return ""
        if not least <= len(value) <= most:
            self._length(path, least, most)
        return value

    def items(self, value: object, path: Sequence[str | int], *, most: int, least: int = 0) -> list[Any]:
        """A list of `least` to `most` items; what is missing counts as empty."""
        if value is None:
            value = []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(value) <= most:
            self._length(path, least, most)
        return value

    def number(self, value: object, path: Sequence[str | int], *, least: int, most: int) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        if not least <= value <= most:
            self.add(path, "NUMBER_TYPE_RANGE", f"int value should be between {least} and {most}.")
        return value

    def refuse(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            raise Refused(50035, errors=self._nested())

    def _length(self, path: Sequence[str | int], least: int, most: int) -> None:
        if least:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def _nested(self) -> dict[str, Any]:
        """The errors as the API nests them: a key for each step, `_errors` at the place itself."""
        nested: dict[str, Any] = {}
        for path, code, message in self.found:
            place = nested
            for step in path:
                place = place.setdefault(str(step), {})
            place.setdefault("_errors", []).append({"code": code, "message": message})
        return nested


def invalid(path: str, code: str, message: str) -> Refused:
    """A form with a single fault."""
    faults = Faults()
    faults.add((path,), code, message)
    return Refused(50035, errors=faults._nested())
