"""How a test has the server misbehave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.fakes.telegram.params import Call

PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


class Trouble(StrEnum):
    """What goes wrong with a request."""

    SERVER_ERROR = "500 with Telegram's JSON, nothing is done"
    BAD_GATEWAY = "502 with a web page, nothing is done"
    GATEWAY_TIMEOUT = "504 with a web page, although it was done"
    CUT_BEFORE = "the connection is torn down, nothing is done"
    CUT_AFTER = "the connection is torn down, although it was done"
    SLOW = "it is done and answered only after `seconds`"
    LATE = "it is done at once, but answered only after `seconds`"
    TOO_MANY = "429, to be asked again after `seconds`"
    GARBAGE = "200 with something that is no JSON, although it was done"


PAGES = {Trouble.BAD_GATEWAY: (502, "502 Bad Gateway"), Trouble.GATEWAY_TIMEOUT: (504, "504 Gateway Time-out")}
UNDONE = frozenset({Trouble.SERVER_ERROR, Trouble.BAD_GATEWAY, Trouble.CUT_BEFORE, Trouble.TOO_MANY})


@dataclass(slots=True, kw_only=True)
class Fault:
    """One trouble, for so many requests to a method (all methods but `getUpdates` when it is empty)."""

    trouble: Trouble
    method: str = ""
    times: int = 1
    skip: int = 0
    """Requests that go well before."""
    seconds: float = 1.0
    when: Callable[[Call], bool] = lambda call: True

    def meets(self, call: Call) -> bool:
        """Whether this request is to go wrong; counts it if so."""
        meant = call.method == self.method if self.method else call.method != "getUpdates"
        if not meant or self.times <= 0 or not self.when(call):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True
