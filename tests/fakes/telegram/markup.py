"""A reply markup goes in; what people see under the message comes out, or why the server will not have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.telegram.links import WrongLink, checked_link
from tests.fakes.telegram.places import Chat
from tests.fakes.telegram.refusals import bad, stricter

ACTIONS = (
    *("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat"),
    *("switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay"),
)
LOOKS = ("text", "style", "icon_custom_emoji_id")
OTHERS = {
    "keyboard": frozenset({"resize_keyboard", "one_time_keyboard", "is_persistent", "input_field_placeholder", "selective"}),
    "remove_keyboard": frozenset({"selective"}),
    "force_reply": frozenset({"input_field_placeholder", "selective"}),
}
MOST_BUTTONS = 100
MOST_DATA = 64
"""Bytes of `callback_data`."""


def checked_markup(given: object, chat: Chat | None, *, inline_only: bool = False) -> dict[str, Any] | None:
    """The inline keyboard of a message, None when there is none (a keyboard without buttons counts as none)."""
    if given is None or given == "":
        return None
    if not isinstance(given, Mapping):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in given:
        return _inline(given, chat)
    if inline_only:
        raise bad("inline keyboard expected")
    _check_other(given)
    return None


def _check_other(given: Mapping[str, Any]) -> None:
    for kind, more in OTHERS.items():
        if kind in given and not given.keys() - more - {kind}:
            return
    if given:
        raise stricter(f"a reply markup of {sorted(given)} does nothing")


def _inline(given: Mapping[str, Any], chat: Chat | None) -> dict[str, Any] | None:
    rows = given["inline_keyboard"]
    if given.keys() - {"inline_keyboard"}:
        raise stricter(f"an inline keyboard has no field {min(given.keys() - {'inline_keyboard'})!r}")
    if not isinstance(rows, list):
        raise bad('Field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad('can\'t parse inline keyboard: Field "inline_keyboard" must be an Array of Arrays')
    checked = [[_button(button, chat) for button in row] for row in rows if row]
    if sum(map(len, checked)) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": checked} if checked else None


def _button(button: object, chat: Chat | None) -> dict[str, Any]:
    if not isinstance(button, Mapping):
        raise bad("can't parse InlineKeyboardButton: expected an Object")
    if not button.get("text"):
        raise bad("can't parse InlineKeyboardButton: Can't find field \"text\"")
    actions = [name for name in ACTIONS if button.get(name) is not None]
    if unknown := button.keys() - {*ACTIONS, *LOOKS}:
        raise stricter(f"an inline keyboard button has no field {min(unknown)!r}")
    if not actions or (actions == ["callback_data"] and not button["callback_data"]):
        raise bad("can't parse InlineKeyboardButton: Text buttons are not allowed in the inline keyboard")
    if len(actions) > 1:
        raise stricter(f"an inline keyboard button does one thing, not {actions}")
    return {**button, **_checked_action(actions[0], button[actions[0]], chat)}


def _checked_action(action: str, value: Any, chat: Chat | None) -> dict[str, Any]:
    if action == "callback_data" and len(str(value).encode()) > MOST_DATA:
        raise bad("BUTTON_DATA_INVALID")
    if action == "url":
        try:
            return {"url": checked_link(str(value))}
        except WrongLink as problem:
            raise bad(f"inline keyboard button URL '{value}' is invalid: {problem}") from problem
    if action == "web_app" and (chat is None or not chat.private):
        raise bad("BUTTON_TYPE_INVALID")
    if action == "copy_text" and not 1 <= len(value.get("text", "")) <= 256:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    return {}
