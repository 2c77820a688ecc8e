"""A result or a refusal goes in; the HTTP answer comes out, also the broken ones of a server in trouble."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.telegram.faults import PAGE, PAGES, Fault, Trouble
from tests.fakes.telegram.refusals import Refused, flooded

Answer = Refused | dict[str, Any]


class Cut(Exception):
    """The connection is to be torn down."""


def body_of(answer: Answer) -> dict[str, Any]:
    if not isinstance(answer, Refused):
        return answer
    told = {"ok": False, "error_code": answer.code, "description": answer.description}
    return told | ({"parameters": answer.parameters} if answer.parameters else {})


def json_of(answer: Answer) -> web.Response:
    return web.json_response(body_of(answer), status=answer.code if isinstance(answer, Refused) else 200)


def undone(fault: Fault) -> web.Response:
    if fault.trouble is Trouble.CUT_BEFORE:
        raise Cut
    if fault.trouble is Trouble.TOO_MANY:
        return json_of(flooded(int(fault.seconds)))
    if fault.trouble is Trouble.SERVER_ERROR:
        return json_of(Refused("Internal Server Error", code=500))
    return page_of(fault.trouble)


def page_of(trouble: Trouble) -> web.Response:
    status, title = PAGES.get(trouble, (200, "Hello"))
    return web.Response(status=status, text=PAGE.format(title), content_type="text/html")
