"""A request's JSON goes in; it comes out checked, or refused with the status and words of the real server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, str]
"""Names of a request's fields and the kind of JSON each takes; `any` takes all of them."""

CHAT_FIELDS: Fields = {
    "model": "string",
    "messages": "array",
    "stream": "bool",
    "format": "any",
    "keep_alive": "any",
    "tools": "array",
    "options": "object",
    "think": "any",
    "truncate": "bool",
    "shift": "bool",
    "logprobs": "bool",
    "top_logprobs": "number",
}
EMBED_FIELDS: Fields = {
    "model": "string",
    "input": "any",
    "truncate": "bool",
    "dimensions": "number",
    "keep_alive": "any",
    "options": "object",
}
SHOW_FIELDS: Fields = {
    "model": "string",
    "name": "string",
    "system": "string",
    "template": "string",
    "verbose": "bool",
    "options": "object",
}
MESSAGE_FIELDS: Fields = {
    "role": "string",
    "content": "string",
    "thinking": "string",
    "images": "array",
    "tool_calls": "array",
    "tool_name": "string",
    "tool_call_id": "string",
}
INTEGERS = "num_ctx num_batch num_gpu main_gpu num_thread num_keep seed num_predict top_k repeat_last_n mirostat"
FLOATS = "top_p min_p typical_p tfs_z temperature repeat_penalty presence_penalty frequency_penalty mirostat_tau mirostat_eta"
BOOLEANS = "numa use_mmap use_mlock low_vram f16_kv logits_all vocab_only embedding_only penalize_newline"
OPTIONS = {
    **dict.fromkeys(INTEGERS.split(), "integer"),
    **dict.fromkeys(FLOATS.split(), "float32"),
    **dict.fromkeys(BOOLEANS.split(), "boolean"),
    "stop": "array",
}
KIND_OF_OPTION = {"integer": "number", "float32": "number", "boolean": "bool", "array": "array"}
ROLES = ("system", "user", "assistant", "tool")
LEVELS = ("high", "medium", "low")
FOREVER = float("inf")
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


class Refused(Exception):
    """The request gets this status and an error object."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def parsed(data: bytes, fields: Fields) -> dict[str, Any]:
    """The object in `data`, its fields and options known and of their kind; `null` counts as absent."""
    if not data.strip():
        raise Refused("missing request body")
    try:
        body = json.loads(data)
    except ValueError as error:
        raise Refused(f"invalid character in request body: {error}") from error
    if not isinstance(body, dict):
        raise Refused(f"json: cannot unmarshal {_kind(body)} into Go value of type api.Request")
    body = {name: value for name, value in body.items() if value is not None}
    _check_fields(body, fields, "Request")
    body["options"] = _checked_options(body.get("options", {}))
    if "keep_alive" in body:
        seconds_of(body["keep_alive"])
    return body


def checked_messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages", [])
    for message in messages:
        if not isinstance(message, dict):
            raise Refused(
                f"json: cannot unmarshal {_kind(message)} into Go struct field ChatRequest.messages of type api.Message"
            )
        _check_fields(message, MESSAGE_FIELDS, "ChatRequest.messages")
        if message.get("role") not in ROLES:
            raise Refused(f"unknown role {message.get('role')!r} (no template would show this message)")
        if "content" not in message and not message.get("tool_calls"):
            raise Refused("a message without content")
    return list(messages)


def checked_think(think: object) -> bool:
    """Whether the model is to think; a level counts as yes."""
    if isinstance(think, bool):
        return think
    if think in LEVELS:
        return True
    raise Refused(f'invalid think value: {think!r} (must be "high", "medium", "low", true, or false)')


def checked_input(body: Mapping[str, Any]) -> list[str]:
    texts = body.get("input", [])
    if isinstance(texts, str):
        return [texts] if texts else []
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return texts
    raise Refused("invalid input type")


def seconds_of(keep_alive: object) -> float:
    """A number of seconds, or Go's form of a duration (`30m`, `1h30m`); below zero means forever."""
    if isinstance(keep_alive, int | float) and not isinstance(keep_alive, bool):
        return float(keep_alive) if keep_alive >= 0 else FOREVER
    if not isinstance(keep_alive, str):
        raise Refused(f"Unsupported type: '{_kind(keep_alive)}'")
    bare = keep_alive.removeprefix("-").removeprefix("+")
    if bare == "0":
        return 0.0
    if not re.fullmatch(rf"(?:{PART.pattern})+", bare):
        what = "missing unit in duration" if re.fullmatch(r"[\d.]+", bare) else "invalid duration"
        raise Refused(f'time: {what} "{keep_alive}"')
    seconds = sum(float(number) * UNITS[unit] for number, unit in PART.findall(bare))
    return FOREVER if keep_alive.startswith("-") else seconds


def _check_fields(values: Mapping[str, Any], fields: Fields, place: str) -> None:
    for name, value in values.items():
        if name not in fields:
            raise Refused(f"unknown field {name!r} of {place} (the real server would ignore it)")
        if fields[name] not in ("any", _kind(value)):
            raise Refused(f"json: cannot unmarshal {_kind(value)} into Go struct field {place}.{name} of type {fields[name]}")


def _checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        if name not in OPTIONS:
            raise Refused(f"unknown option {name!r} (the real server would ignore it)")
        if _kind(value) != KIND_OF_OPTION[OPTIONS[name]]:
            raise Refused(f'option "{name}" must be of type {OPTIONS[name]}')
    if not all(isinstance(word, str) for word in given.get("stop", ())):
        raise Refused('option "stop" must be of an array of strings')
    return given


def _kind(value: object) -> str:
    """What Go calls this kind of JSON."""
    if isinstance(value, bool):
        return "bool"
    kinds = {int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")
