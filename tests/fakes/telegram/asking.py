"""Methods that ask for something: the bot itself, chats and their members, files, the list of commands."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.fakes.telegram.params import Call
from tests.fakes.telegram.places import IN_IT, Chat, member_json
from tests.fakes.telegram.refusals import bad, forbidden, stricter, upgraded
from tests.fakes.telegram.sending import MOST_DOWNLOAD, chat_of
from tests.fakes.telegram.state import State

MOST_COMMANDS, MOST_NAME, MOST_DESCRIPTION = 100, 32, 256
SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def get_me(state: State, call: Call) -> Any:
    can = {"can_join_groups": True, "can_read_all_group_messages": not state.privacy, "supports_inline_queries": True}
    return state.bot.json() | can


def known_chat(state: State, call: Call) -> Chat:
    """A chat that the bot may look at: it need not be allowed to write there."""
    chat = chat_of(state, call)
    if chat.upgraded_to is not None:
        raise upgraded(chat.upgraded_to.id)
    if chat.bot not in IN_IT:
        how = "was kicked from" if chat.bot == "kicked" else "is not a member of"
        raise forbidden(f"bot {how} the {'group' if chat.kind == 'group' else 'supergroup'} chat")
    return chat


def get_chat(state: State, call: Call) -> Any:
    chat = known_chat(state, call)
    told = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(GIFTS, False)}
    names = {"active_usernames": [chat.username]} if chat.username else {}
    return chat.json() | told | names


GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat_member(state: State, call: Call) -> Any:
    chat = known_chat(state, call)
    if call.number("user_id") == state.bot.id:
        return member_json(state.bot, chat.bot)
    user = state.users.get(call.number("user_id"))
    if user is None:
        raise bad("PARTICIPANT_ID_INVALID")
    return member_json(user, "member" if chat.private else chat.members.get(user.id, "left"))


def get_chat_administrators(state: State, call: Call) -> Any:
    chat = known_chat(state, call)
    if chat.private:
        raise bad("there are no administrators in the private chat")
    admins = [member_json(state.users[one], status) for one, status in chat.members.items() if status in IN_IT[:2]]
    return admins + ([member_json(state.bot, chat.bot)] if chat.bot == "administrator" else [])


def get_chat_member_count(state: State, call: Call) -> Any:
    chat = known_chat(state, call)
    return 2 if chat.private else 1 + sum(status in IN_IT for status in chat.members.values())


def get_file(state: State, call: Call) -> Any:
    stored = state.files.get(call.text("file_id"))
    if stored is None:
        raise bad("invalid file_id")
    if len(stored.content) > MOST_DOWNLOAD:
        raise bad("file is too big")
    return stored.json() | {"file_path": f"documents/{stored.id}"}


def set_my_commands(state: State, call: Call) -> Any:
    given = call.get("commands")
    if not isinstance(given, list):
        raise bad("can't parse commands JSON object")
    if len(given) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    where = _where(state, call)
    commands = [_command(one) for one in given]
    if len({one["command"] for one in commands}) < len(commands):
        raise stricter("a command is listed twice")
    state.commands[where] = commands
    return True


def _command(given: Any) -> dict[str, str]:
    name = str(given.get("command", "")).strip().removeprefix("/")
    description = str(given.get("description", "")).strip()
    if not name:
        raise bad("command must be non-empty")
    if len(name) > MOST_NAME:
        raise bad(f"command length must not exceed {MOST_NAME}")
    if not description:
        raise bad("command description must be non-empty")
    if len(description) > MOST_DESCRIPTION:
        raise bad(f"command description length must not exceed {MOST_DESCRIPTION}")
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise bad("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def _where(state: State, call: Call) -> tuple[str, str]:
    """The scope as text, and the language code, empty for all others."""
    scope = call.get("scope") or {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    language = call.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    for name in SCOPES[scope["type"]]:
        if name not in scope:
            raise bad(f"can't parse BotCommandScope: Can't find field \"{name}\"")
    if "chat_id" in scope:
        known_chat(state, Call(method=call.method, params={"chat_id": scope["chat_id"]}))
    return json.dumps(scope, sort_keys=True), language


def get_my_commands(state: State, call: Call) -> Any:
    return state.commands.get(_where(state, call), [])


def delete_my_commands(state: State, call: Call) -> Any:
    state.commands.pop(_where(state, call), None)
    return True
