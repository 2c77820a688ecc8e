"""The parameters of a request: in a query, a form, in parts or as JSON they come in; typed values come out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.telegram.refusals import bad, stricter

NUMBERS = frozenset(
    {
        "offset",
        "limit",
        "timeout",
        "message_id",
        "message_thread_id",
        "reply_to_message_id",
        "user_id",
        "draft_id",
        "max_connections",
    }
    | {"cache_time", "open_period", "close_date", "correct_option_id", "direct_messages_topic_id"}
)
TRUTHS = frozenset(
    {"disable_notification", "protect_content", "allow_paid_broadcast", "allow_sending_without_reply", "show_alert", "is_big"}
    | {"can_stop", "keep_on_stop"}
    | {
        "is_personal",
        "is_anonymous",
        "allows_multiple_answers",
        "is_closed",
        "drop_pending_updates",
        "has_spoiler",
        "shuffle_options",
    }
    | {"disable_content_type_detection", "show_caption_above_media", "allows_revoting", "allow_adding_options", "members_only"}
    | {"hide_results_until_closes", "disable_web_page_preview"}
)
OBJECTS = frozenset(
    {"entities", "caption_entities", "question_entities", "explanation_entities", "description_entities", "reply_markup"}
    | {
        "reply_parameters",
        "link_preview_options",
        "allowed_updates",
        "options",
        "results",
        "button",
        "reaction",
        "commands",
        "scope",
    }
    | {"correct_option_ids", "message_ids", "suggested_post_parameters", "country_codes"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a request."""

    name: str
    content: bytes
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to one method."""

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)

    def text(self, name: str) -> str:
        return str(self.params.get(name, ""))

    def number(self, name: str, default: int = 0) -> int:
        return int(self.params.get(name, default))

    def upload(self, name: str) -> Upload | str | None:
        """The file of a parameter, or the id or address that stands for it."""
        given = self.params.get(name)
        if isinstance(given, str) and given.startswith("attach://"):
            return self.files.get(given.removeprefix("attach://"))
        return self.files.get(name) or given


async def received(http: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """The raw parameters, as the form they came in has them, and the files."""
    raw: dict[str, Any] = dict(http.query)
    files: dict[str, Upload] = {}
    if http.content_type == "application/json":
        try:
            body = await http.json()
        except ValueError as problem:
            raise bad("can't parse request body as JSON") from problem
        return raw | {name: value for name, value in body.items() if value is not None}, files
    for name, value in (await http.post()).items():
        if isinstance(value, web.FileField):
            files[name] = Upload(name=value.filename, content=value.file.read(), mime=value.content_type)
        else:
            raw[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return raw, files


def typed(raw: Mapping[str, Any], known: frozenset[str], method: str) -> dict[str, Any]:
    """The values as numbers, truths and objects; refused when one is not what it should be or does not exist."""
    if unknown := raw.keys() - known:
        raise stricter(f"{method} has no parameter {min(unknown)!r}")
    return {name: _value(name, value) for name, value in raw.items()}


def _value(name: str, value: Any) -> Any:
    if name == "chat_id":
        return _chat(value)
    if name in NUMBERS:
        return _number(name, value)
    if name in TRUTHS:
        return str(value).lower() in ("true", "1", "yes")
    if name in OBJECTS and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError as problem:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from problem
    return value


def _number(name: str, value: Any) -> int:
    try:
        return int(value)
    except ValueError as problem:
        raise stricter(f"{name} is no number: {value!r}") from problem


def _chat(value: Any) -> int | str:
    text = str(value).strip()
    return int(text) if text.removeprefix("-").isdigit() else text
