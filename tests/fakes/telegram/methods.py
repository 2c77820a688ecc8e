"""The methods that are served, by name: their parameters, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram import asking, editing, polls, sending
from tests.fakes.telegram.params import Call
from tests.fakes.telegram.state import State

Do = Callable[[State, Call], Any]
TO = frozenset({"chat_id", "business_connection_id"})
SENT = TO | frozenset(
    {"message_thread_id", "direct_messages_topic_id", "disable_notification", "protect_content", "allow_paid_broadcast"}
    | {"message_effect_id", "suggested_post_parameters", "reply_parameters", "reply_markup"}
    | {"reply_to_message_id", "allow_sending_without_reply"}
)
TEXT = frozenset({"text", "parse_mode", "entities", "link_preview_options", "disable_web_page_preview"})
CAPTION = frozenset({"caption", "parse_mode", "caption_entities", "show_caption_above_media"})
EDITED = TO | frozenset({"message_id", "inline_message_id", "reply_markup"})
SCOPE = frozenset({"scope", "language_code"})
POLL = frozenset(
    {"question", "question_parse_mode", "question_entities", "options", "is_anonymous", "type", "allows_multiple_answers"}
    | {"correct_option_id", "correct_option_ids", "explanation", "explanation_parse_mode", "explanation_entities", "open_period"}
    | {"close_date", "is_closed", "allows_revoting", "shuffle_options", "allow_adding_options", "hide_results_until_closes"}
    | {"description", "description_parse_mode", "description_entities", "members_only", "country_codes"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method that answers from the state alone."""

    name: str
    params: frozenset[str]
    do: Do


def _method(name: str, params: set[str] | frozenset[str], do: Do) -> Method:
    return Method(name=name, params=frozenset(params), do=do)


ALL = (
    _method("getMe", set(), asking.get_me),
    _method("sendMessage", SENT | TEXT, sending.send_message),
    _method("sendDocument", SENT | CAPTION | {"document", "thumbnail", "disable_content_type_detection"}, sending.send_document),
    _method("sendPhoto", SENT | CAPTION | {"photo", "has_spoiler"}, sending.send_photo),
    _method("sendChatAction", TO | {"message_thread_id", "action"}, sending.send_chat_action),
    _method(
        "sendMessageDraft",
        {"chat_id", "message_thread_id", "draft_id", "text", "parse_mode", "entities", "can_stop", "keep_on_stop"},
        sending.send_message_draft,
    ),
    _method("sendPoll", SENT | POLL, polls.send_poll),
    _method("stopPoll", TO | {"message_id", "reply_markup"}, polls.stop_poll),
    _method("editMessageText", EDITED | TEXT, editing.edit_message_text),
    _method("editMessageCaption", EDITED | CAPTION, editing.edit_message_caption),
    _method("editMessageReplyMarkup", EDITED, editing.edit_message_reply_markup),
    _method("deleteMessage", {"chat_id", "message_id"}, editing.delete_message),
    _method("deleteMessages", {"chat_id", "message_ids"}, editing.delete_messages),
    _method("setMessageReaction", {"chat_id", "message_id", "reaction", "is_big"}, editing.set_message_reaction),
    _method(
        "answerCallbackQuery", {"callback_query_id", "text", "show_alert", "url", "cache_time"}, editing.answer_callback_query
    ),
    _method(
        "answerInlineQuery",
        {"inline_query_id", "results", "cache_time", "is_personal", "next_offset", "button"},
        editing.answer_inline_query,
    ),
    _method("getChat", {"chat_id"}, asking.get_chat),
    _method("getChatMember", {"chat_id", "user_id"}, asking.get_chat_member),
    _method("getChatAdministrators", {"chat_id"}, asking.get_chat_administrators),
    _method("getChatMemberCount", {"chat_id"}, asking.get_chat_member_count),
    _method("getFile", {"file_id"}, asking.get_file),
    _method("setMyCommands", SCOPE | {"commands"}, asking.set_my_commands),
    _method("getMyCommands", SCOPE, asking.get_my_commands),
    _method("deleteMyCommands", SCOPE, asking.delete_my_commands),
)
METHODS = {method.name.lower(): method for method in ALL}
GET_UPDATES = frozenset({"offset", "limit", "timeout", "allowed_updates"})
SET_WEBHOOK = frozenset(
    {"url", "certificate", "ip_address", "max_connections", "allowed_updates", "drop_pending_updates", "secret_token"}
)
"""Of the methods that wait or reach out, which the server does itself."""
