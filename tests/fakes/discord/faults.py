"""How the fake is to misbehave, for as many requests as a test says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Trouble(StrEnum):
    """What goes wrong with a request."""

    SERVER_ERROR = "500 with JSON, and nothing done"
    BAD_GATEWAY = "502 with a web page, as from a proxy, and nothing done"
    UNAVAILABLE = "503, which discord.py does not retry, and nothing done"
    CUT_BEFORE = "the connection is torn down, and nothing done"
    CUT_AFTER = "it is done, but the connection is torn down before the answer"
    ERROR_AFTER = "it is done, but answered 502"
    TOO_MANY = "429 for this route, whatever the limits say; `seconds` is how long to wait"
    BANNED = "429 with a web page and no JSON, as from Cloudflare"
    DELAY = "it is done as it should, after `seconds`"
    MISSING_ACCESS = "403 with code 50001"


@dataclass(slots=True, kw_only=True)
class Fault:
    trouble: Trouble
    route: str = ""
    """Only requests whose route contains this."""
    times: int = 1
    seconds: float = 0.05


@dataclass(slots=True)
class Faults:
    waiting: list[Fault] = field(default_factory=list)

    def take(self, route: str) -> Fault | None:
        """The fault for this request, used up."""
        found = next((fault for fault in self.waiting if fault.route in route), None)
        if found:
            found.times -= 1
            if found.times <= 0:
                self.waiting.remove(found)
        return found
