"""Methods that put something into a chat: `sendMessage`, `sendDocument`, `sendPhoto`, `sendChatAction`, `sendMessageDraft`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.formatting import formatted
from tests.fakes.telegram.markup import checked_markup
from tests.fakes.telegram.params import Call, Upload
from tests.fakes.telegram.places import GENERAL, Chat, Draft, Message
from tests.fakes.telegram.refusals import Refused, bad, forbidden, stricter, upgraded
from tests.fakes.telegram.state import State
from tests.fakes.telegram.texts import Formatted, units

MOST_TEXT, MOST_CAPTION, MOST_QUOTE = 4096, 1024, 1024
MOST_DOCUMENT, MOST_PHOTO, MOST_DOWNLOAD = 50_000_000, 10_000_000, 20_000_000
"""Bytes that a bot may send as a file and as a picture, and may download."""
DRAFT_SECONDS = 30.0
TYPING_SECONDS = 5.0
DOINGS = (
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
    *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
)


def chat_of(state: State, call: Call) -> Chat:
    """The chat of a request, whether or not the bot may write there."""
    given = call.get("chat_id", "")
    if given in ("", 0):
        raise bad("chat_id is empty")
    if isinstance(given, str):
        chat = next((chat for chat in state.chats.values() if chat.username and f"@{chat.username}" == given), None)
    else:
        chat = state.chats.get(given)
    if chat is None or (chat.person is not None and chat.person.is_bot):
        raise bad("chat not found")
    return chat


def open_chat(state: State, call: Call) -> Chat:
    """The chat of a request, refused when the bot may not write there."""
    chat = chat_of(state, call)
    if chat.person is not None:
        if not chat.person.started_bot:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.person.blocks_bot:
            raise forbidden("bot was blocked by the user")
        return chat
    if chat.upgraded_to is not None:
        raise upgraded(chat.upgraded_to.id)
    kind = "group chat" if chat.kind == "group" else "supergroup chat"
    if chat.bot == "kicked":
        raise forbidden(f"bot was kicked from the {kind}")
    if chat.bot == "left":
        raise forbidden(f"bot is not a member of the {kind}")
    if chat.bot == "restricted":
        raise bad("not enough rights to send text messages to the chat")
    return chat


def topic_of(chat: Chat, call: Call, reply: Message | None = None) -> int | None:
    """The topic that a message goes to; a reply without one goes to the topic of what it answers."""
    given = call.get("message_thread_id")
    if given is None:
        return reply.topic if reply is not None else None
    topic = chat.topics.get(given)
    if topic is None or topic.deleted or given == GENERAL:
        raise bad("message thread not found")
    if topic.closed and chat.bot != "administrator":
        raise bad("TOPIC_CLOSED")
    if reply is not None and reply.topic != given:
        raise stricter("the message to be replied is in another topic")
    return topic.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    message: Message | None = None
    quote: str = ""


def reply_of(chat: Chat, call: Call) -> Reply:
    """What a message answers."""
    given = call.get("reply_parameters") or {}
    if not isinstance(given, dict):
        raise bad("can't parse reply parameters JSON object")
    number = given.get("message_id", call.get("reply_to_message_id"))
    if number is None:
        return Reply()
    if given.get("chat_id") not in (None, chat.id):
        raise stricter("this fake knows no replies into another chat")
    message = chat.messages.get(number)
    if message is None or message.deleted:
        if given.get("allow_sending_without_reply", call.get("allow_sending_without_reply")):
            return Reply()
        raise bad("message to be replied not found")
    quote = given.get("quote", "")
    if units(quote) > MOST_QUOTE or quote not in message.text:
        raise bad("QUOTE_TEXT_INVALID")
    return Reply(message=message, quote=quote)


def text_of(call: Call, *, may_be_empty: bool = False) -> Formatted:
    """The text of a request, 1 to 4096 UTF-16 units of what people see."""
    text = call.text("text")
    if not text and not may_be_empty:
        raise bad("message text is empty")
    content = formatted(text, call.get("parse_mode"), call.get("entities"), may_be_empty=may_be_empty)
    if not content.text and not may_be_empty:
        raise bad("message text is empty")
    if units(content.text) > MOST_TEXT:
        raise bad("message is too long")
    return content


def caption_of(call: Call) -> Formatted:
    content = formatted(call.text("caption"), call.get("parse_mode"), call.get("caption_entities"), may_be_empty=True)
    if units(content.text) > MOST_CAPTION:
        raise bad("message caption is too long")
    return content


def put(state: State, call: Call, content: Formatted, **more: Any) -> Message:
    """A message of the bot where the request wants it; drafts of the chat are done with."""
    chat = open_chat(state, call)
    buttons = checked_markup(call.get("reply_markup"), chat)
    reply = reply_of(chat, call)
    topic = topic_of(chat, call, reply.message)
    chat.drafts.clear()
    chat.typing_until.clear()
    return state.add(chat, state.bot, content, buttons=buttons, reply_to=reply.message, quote=reply.quote, topic=topic, **more)


def send_message(state: State, call: Call) -> Any:
    open_chat(state, call)
    return put(state, call, text_of(call)).json()


def send_document(state: State, call: Call) -> Any:
    name, stored_json, mime = _file(state, call, "document", MOST_DOCUMENT)
    return put(state, call, caption_of(call), media={"document": {**stored_json, "file_name": name, "mime_type": mime}}).json()


def send_photo(state: State, call: Call) -> Any:
    _, stored_json, mime = _file(state, call, "photo", MOST_PHOTO)
    if not mime.startswith("image/"):
        raise bad("IMAGE_PROCESS_FAILED")
    return put(state, call, caption_of(call), media={"photo": [{**stored_json, "width": 800, "height": 600}]}).json()


def _file(state: State, call: Call, kind: str, most: int) -> tuple[str, dict[str, Any], str]:
    """Name, JSON and type of a file that was uploaded, or is known by its id."""
    given = call.upload(kind)
    if given is None or given == "":
        raise bad(f"there is no {kind} in the request")
    if isinstance(given, Upload):
        if len(given.content) > most:
            raise Refused("Request Entity Too Large", code=413)
        if not given.content:
            raise bad("file must be non-empty")
        stored = state.store(given.name, given.content, given.mime)
    elif given in state.files:
        stored = state.files[given]
    else:
        raise bad("wrong file identifier/HTTP URL specified")
    return stored.name, stored.json(), stored.mime


def send_chat_action(state: State, call: Call) -> Any:
    """In the General topic the thread id may be 1 here, and only here."""
    chat = open_chat(state, call)
    if call.text("action") not in DOINGS:
        raise bad("wrong parameter action in request")
    general = chat.is_forum and call.get("message_thread_id") == GENERAL
    topic = None if general else topic_of(chat, call)
    chat.typing_until[topic] = state.clock.now() + TYPING_SECONDS
    return True


def send_message_draft(state: State, call: Call) -> Any:
    chat = open_chat(state, call)
    if not chat.private:
        raise bad("TEXTDRAFT_PEER_INVALID")
    number = call.number("draft_id")
    if not number:
        raise bad("RANDOM_ID_EMPTY")
    content, now = text_of(call, may_be_empty=True), state.clock.now()
    last = chat.drafts.get(number)
    changes = last.changes + 1 if last is not None else 1
    stop, keep = bool(call.get("can_stop")), bool(call.get("keep_on_stop"))
    topic = topic_of(chat, call)
    chat.drafts[number] = Draft(content=content, topic=topic, at=now, changes=changes, can_stop=stop, keep_on_stop=keep)
    return True
