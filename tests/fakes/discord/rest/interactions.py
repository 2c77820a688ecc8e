"""Routes about interactions: the first response, within three seconds and only once, and all that may follow it."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord import calls
from tests.fakes.discord.api import NOTHING, Answer, Api, Request, Route
from tests.fakes.discord.calls import MOST_FOLLOW_UPS, TYPES_FOR, Call
from tests.fakes.discord.commands import check_choices
from tests.fakes.discord.components import check_modal
from tests.fakes.discord.drafts import Draft, drafted
from tests.fakes.discord.payloads import user_json
from tests.fakes.discord.refusals import Faults, Refused, invalid
from tests.fakes.discord.values import COMMAND, CONTEXT_COMMAND, DEFAULT, EPHEMERAL, LOADING, Message

WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{WEBHOOK}/messages/@original"
FOLLOW_UP = f"{WEBHOOK}/messages/{{message_id}}"


def respond(api: Api, request: Request) -> Answer:
    """The first response. Too late, or to a token that is not there: 10062. A second one: 40060."""
    call = api.calls.get(request.id("interaction_id"))
    if call is None or call.token != request.params["token"]:
        raise Refused(10062)
    if call.acknowledged:
        raise Refused(40060)
    if call.failed or call.expired:
        raise Refused(10062)
    body = request.body or {}
    _check_kind(call, body)
    message = _first(api, call, request, body["type"], body.get("data") or {})
    call.response, call.acknowledged_at = body["type"], api.world.clock.now()
    if request.query.get("with_response") in ("1", "true"):
        return 200, _confirmation(api, call, message)
    return NOTHING


def follow_up(api: Api, request: Request) -> Answer:
    """One more message; right after "is thinking…" it takes that one's place, and is as private as that was."""
    call = _call(api, request)
    draft = drafted(request.body or {}, request.files, webhook=True, may_be_ephemeral=True)
    if call.original and call.original.loading and not call.original.deleted:
        api.world.edit(call.original, draft)
        return _told(api, request, call.original)
    if set(call.owners) == {"1"} and len(call.followups) >= MOST_FOLLOW_UPS:
        raise Refused(40094)
    message = _post(api, call, draft, type=DEFAULT)
    call.followups.append(message)
    return _told(api, request, message)


def show_original(api: Api, request: Request) -> Answer:
    return 200, api.told(_original(_call(api, request)))


def change_original(api: Api, request: Request) -> Answer:
    return _change(api, request, _original(_call(api, request)))


def remove_original(api: Api, request: Request) -> Answer:
    api.world.delete(_original(_call(api, request)))
    return NOTHING


def show(api: Api, request: Request) -> Answer:
    return 200, api.told(_one(api, request))


def change(api: Api, request: Request) -> Answer:
    return _change(api, request, _one(api, request))


def remove(api: Api, request: Request) -> Answer:
    api.world.delete(_one(api, request))
    return NOTHING


def _check_kind(call: Call, body: dict[str, Any]) -> None:
    faults = Faults()
    faults.unknown(body, ("type", "data"))
    if body.get("type") not in TYPES_FOR[call.kind]:
        faults.choice(("type",), TYPES_FOR[call.kind])
    if body.get("type") == calls.UPDATES and call.message is None:
        faults.choice(("type",), (calls.REPLIES, calls.THINKS))
    faults.refuse()


def _first(api: Api, call: Call, request: Request, kind: int, data: dict[str, Any]) -> Message | None:
    """Do what the first response says; the message it made or changed."""
    if kind == calls.OFFERS:
        call.choices = _checked_choices(call, data)
    elif kind == calls.OPENS_MODAL:
        faults = Faults("data")
        check_modal(data, faults)
        faults.refuse()
        call.modal = data
    elif kind == calls.DEFERS_UPDATE:
        call.original = call.message
    elif kind == calls.UPDATES:
        assert call.message is not None
        api.world.edit(call.message, drafted(data, request.files, current=call.message, prefix=("data",)))
        call.original = call.message
    else:
        draft = _thinking(data) if kind == calls.THINKS else drafted(data, request.files, may_be_ephemeral=True, prefix=("data",))
        call.original = _post(api, call, draft, type=_message_type(call))
    return call.original


def _thinking(data: dict[str, Any]) -> Draft:
    flags = int(data.get("flags") or 0)
    if set(data) - {"flags"} or flags & ~EPHEMERAL:
        raise invalid(
            "data",
            "DEFERRED_TAKES_FLAGS_ONLY",
            "A deferred response takes the ephemeral flag and nothing else (the rest would be lost)",
        )
    return Draft(flags=flags | LOADING)


def _message_type(call: Call) -> int:
    if call.kind != calls.COMMAND:
        return DEFAULT
    return COMMAND if call.data.get("type", 1) == 1 else CONTEXT_COMMAND


def _checked_choices(call: Call, data: dict[str, Any]) -> list[dict[str, Any]]:
    faults = Faults("data")
    faults.unknown(data, ("choices",))
    choices = faults.items(data.get("choices"), ("choices",), most=25)
    check_choices(choices, ("choices",), faults, kind=call.focus_kind)
    faults.refuse()
    return choices


def _post(api: Api, call: Call, draft: Draft, *, type: int) -> Message:  # noqa: A002
    private = call.user if (draft.flags or 0) & EPHEMERAL else None
    about = {
        "id": str(call.id),
        "type": call.kind,
        "user": user_json(call.user),
        "authorizing_integration_owners": call.owners,
        **({"name": call.data["name"]} if "name" in call.data else {}),
    }
    return api.world.post(call.channel, api.bot, draft, type=type, only_for=private, interaction=about)


def _confirmation(api: Api, call: Call, message: Message | None) -> dict[str, Any]:
    interaction: dict[str, Any] = {"id": str(call.id), "type": call.kind}
    resource: dict[str, Any] = {"type": call.response}
    if message and call.response != calls.DEFERS_UPDATE:
        interaction |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        resource["message"] = api.told(message)
    return {"interaction": interaction, "resource": resource}


def _call(api: Api, request: Request) -> Call:
    """The interaction of a token that still works."""
    found = next((one for one in api.calls.values() if one.token == request.params["webhook_token"]), None)
    if found is None or request.id("webhook_id") != api.bot.id:
        raise Refused(50027)
    if not found.alive:
        raise Refused(50027)
    if not found.acknowledged:
        raise Refused(10015)
    return found


def _original(call: Call) -> Message:
    if call.original is None or call.original.deleted:
        raise Refused(10008)
    return call.original


def _one(api: Api, request: Request) -> Message:
    call = _call(api, request)
    mine = [*call.followups, *([call.original] if call.original else [])]
    found = next((one for one in mine if one.id == request.id("message_id") and not one.deleted), None)
    if found is None:
        raise Refused(10008)
    return found


def _change(api: Api, request: Request, message: Message) -> Answer:
    api.world.edit(message, drafted(request.body or {}, request.files, current=message, webhook=True))
    return 200, api.told(message)


def _told(api: Api, request: Request, message: Message) -> Answer:
    return (200, api.told(message)) if request.query.get("wait") in ("1", "true") or "wait" not in request.query else NOTHING


ROUTES: tuple[Route, ...] = (
    ("POST", "/interactions/{interaction_id}/{token}/callback", respond),
    ("POST", WEBHOOK, follow_up),
    ("GET", ORIGINAL, show_original),
    ("PATCH", ORIGINAL, change_original),
    ("DELETE", ORIGINAL, remove_original),
    ("GET", FOLLOW_UP, show),
    ("PATCH", FOLLOW_UP, change),
    ("DELETE", FOLLOW_UP, remove),
)
