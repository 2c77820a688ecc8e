"""Methods that change what stands in a chat: edits, deletions, reactions, answers to presses."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.formatting import formatted
from tests.fakes.telegram.markup import checked_markup
from tests.fakes.telegram.params import Call
from tests.fakes.telegram.places import Chat, Message
from tests.fakes.telegram.refusals import NOT_MODIFIED, bad, stricter
from tests.fakes.telegram.sending import caption_of, open_chat, text_of
from tests.fakes.telegram.state import State
from tests.fakes.telegram.texts import Formatted, units

TWO_DAYS = 48 * 3600
MOST_ANSWER = 200
REACTIONS = frozenset(
    "👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝🤗🫡🎅🎄💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
) | {*("❤", "⚡", "❤\u200d🔥", "👨\u200d💻", "✍", "☃", "🤷\u200d♂", "🤷", "🤷\u200d♀")}


def message_of(state: State, call: Call) -> tuple[Message, bool]:
    """The message to edit, and whether it was sent through inline mode."""
    if inline := call.text("inline_message_id"):
        if inline not in state.inline_messages:
            raise bad("MESSAGE_ID_INVALID")
        return state.inline_messages[inline], True
    chat = open_chat(state, call)
    if not call.number("message_id"):
        raise bad("message identifier is not specified")
    message = chat.messages.get(call.number("message_id"))
    if message is None or message.deleted:
        raise bad("message to edit not found")
    if message.sender is not state.bot or message.service:
        raise bad("message can't be edited")
    return message, False


def edit_message_text(state: State, call: Call) -> Any:
    message, inline = message_of(state, call)
    content = text_of(call)
    if message.media or message.poll:
        raise bad("there is no text in the message to edit")
    return _changed(state, call, message, content, inline=inline)


def edit_message_caption(state: State, call: Call) -> Any:
    message, inline = message_of(state, call)
    content = caption_of(call)
    if not message.media:
        raise bad("there is no caption in the message to edit")
    return _changed(state, call, message, content, inline=inline)


def edit_message_reply_markup(state: State, call: Call) -> Any:
    message, inline = message_of(state, call)
    return _changed(state, call, message, message.content, inline=inline)


def _changed(state: State, call: Call, message: Message, content: Formatted, *, inline: bool) -> Any:
    """An edit without a keyboard takes the keyboard away, as ever."""
    buttons = checked_markup(call.get("reply_markup"), message.chat, inline_only=True)
    if (content, buttons) == (message.content, message.buttons):
        raise bad(NOT_MODIFIED)
    if content != message.content:
        message.edits += 1
        message.edit_date = state.now
    message.content, message.buttons = content, buttons
    return True if inline else message.json()


def delete_message(state: State, call: Call) -> Any:
    chat = open_chat(state, call)
    _delete(state, chat, call.number("message_id"))
    return True


def delete_messages(state: State, call: Call) -> Any:
    """Those that are not there are passed over."""
    chat = open_chat(state, call)
    numbers = call.get("message_ids") or []
    if not 1 <= len(numbers) <= 100:
        raise bad("message identifiers are not specified" if not numbers else "too many message identifiers specified")
    for number in numbers:
        if number in chat.messages and not chat.messages[number].deleted:
            _delete(state, chat, number)
    return True


def _delete(state: State, chat: Chat, number: int) -> None:
    message = chat.messages.get(number)
    if message is None or message.deleted:
        raise bad("message to delete not found")
    if message.sender is not state.bot and not chat.private and chat.bot != "administrator":
        raise bad("message can't be deleted")
    if state.now - message.date > TWO_DAYS and (chat.private or chat.bot != "administrator"):
        raise bad("message can't be deleted for everyone")
    message.deleted = True


def set_message_reaction(state: State, call: Call) -> Any:
    chat = open_chat(state, call)
    message = chat.messages.get(call.number("message_id"))
    if message is None or message.deleted:
        raise bad("message to react not found")
    given = call.get("reaction") or []
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    if any(one.get("type") != "emoji" or one.get("emoji") not in REACTIONS for one in given):
        raise bad("REACTION_INVALID")
    message.reactions[state.bot.id] = tuple(one["emoji"] for one in given)
    return True


def answer_callback_query(state: State, call: Call) -> Any:
    press = state.press(call.get("callback_query_id"))
    if units(call.text("text")) > MOST_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    press.answer = dict(call.params)
    return True


MOST_RESULTS, MOST_ID = 50, 64
KINDS_OF_RESULT = frozenset(
    {
        "article",
        "photo",
        "gif",
        "mpeg4_gif",
        "video",
        "audio",
        "voice",
        "document",
        "location",
        "venue",
        "contact",
        "game",
        "sticker",
    }
)


def answer_inline_query(state: State, call: Call) -> Any:
    asked = state.inline(call.get("inline_query_id"))
    results = call.get("results")
    if not isinstance(results, list):
        raise bad("can't parse inline query results: expected an Array")
    if len(results) > MOST_RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    if len(call.text("next_offset").encode()) > MOST_ID:
        raise bad("NEXT_OFFSET_INVALID")
    checked = [_result(result) for result in results]
    if len({result["id"] for result in checked}) < len(checked):
        raise bad("RESULT_ID_DUPLICATE")
    asked.answer = {**call.params, "results": checked}
    return True


def _result(result: dict[str, Any]) -> dict[str, Any]:
    if result.get("type") not in KINDS_OF_RESULT:
        raise bad("can't parse inline query result: Type of inline query result is not supported")
    if not 1 <= len(str(result.get("id", "")).encode()) <= MOST_ID:
        raise bad("RESULT_ID_INVALID")
    if result["type"] != "article":
        raise stricter("this fake knows articles only")
    if not result.get("title"):
        raise bad("ARTICLE_TITLE_EMPTY")
    given = result.get("input_message_content")
    if not isinstance(given, dict) or "message_text" not in given:
        raise bad("can't parse inline query result: Can't find field \"input_message_content\"")
    if not given["message_text"]:
        raise bad("MESSAGE_EMPTY")
    content = formatted(given["message_text"], given.get("parse_mode"), given.get("entities"))
    if units(content.text) > 4096:
        raise bad("MESSAGE_TOO_LONG")
    return {**result, "content": content, "reply_markup": checked_markup(result.get("reply_markup"), None, inline_only=True)}
