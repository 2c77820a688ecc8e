"""A checked request and a script go in; the JSON that the real server would send comes out. Nothing here does any I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.ollama.models import DATE, FakeModel
from tests.fakes.ollama.prompts import hashed, tokens_of
from tests.fakes.ollama.scripting import Reply, Trouble
from tests.fakes.ollama.validation import Refused, checked_input, checked_think

Line = dict[str, Any]
MILLISECOND = 1_000_000
"""Durations are in nanoseconds; every token takes one millisecond."""
LOAD = 12 * MILLISECOND
TOO_LONG = "input length exceeds maximum context length"


def thinks(body: Mapping[str, Any], model: FakeModel) -> bool:
    """Whether this model thinks about this chat: one that can does, unless it is told not to."""
    if not model.can("completion"):
        raise Refused(f'"{body["model"]}" does not support chat')
    if body.get("tools") and not model.can("tools"):
        raise Refused(f"registry.ollama.ai/library/{model.name} does not support tools")
    think = checked_think(body.get("think", model.can("thinking")))
    if think and not model.can("thinking"):
        raise Refused(f'"{body["model"]}" does not support thinking')
    return think


def chat_lines(body: Mapping[str, Any], reply: Reply, *, think: bool, prompt_tokens: int) -> list[Line]:
    """One line for each piece, thoughts first and all of them within `num_predict`; the last says `done`, and why."""
    thoughts = reply.thoughts() if think else []
    pieces = [("thinking", piece) for piece in thoughts] + [("content", piece) for piece in reply.pieces(body)]
    limit = int(body["options"].get("num_predict", -1))
    said = pieces[:limit] if limit > 0 else pieces
    lines = [_line(body, **{kind: piece}) for kind, piece in said]
    reason = "length" if len(said) < len(pieces) else "stop"
    return [*lines, {**_line(body), "done_reason": reason, "done": True, **_metrics(prompt_tokens, len(said))}]


def loaded(body: Mapping[str, Any], *, stays: bool) -> Line:
    """The answer to a chat without messages, which only takes the model into memory, or out of it."""
    return {**_line(body), "done_reason": "load" if stays else "unload", "done": True}


def joined(lines: Sequence[Line]) -> Line:
    """The lines of a stream as one answer."""
    thinking = "".join(line["message"].get("thinking", "") for line in lines)
    content = "".join(line["message"]["content"] for line in lines)
    message = {"role": "assistant", "content": content} | ({"thinking": thinking} if thinking else {})
    return {**lines[-1], "message": message}


def embedded(body: Mapping[str, Any], reply: Reply, model: FakeModel, *, window: int) -> Line:
    """One embedding for each input, in order."""
    texts = checked_input(body)
    counts = [len(tokens_of(text)) for text in texts]
    if max(counts, default=0) > window and body.get("truncate") is False:
        raise Refused(TOO_LONG)
    length = min(int(body.get("dimensions") or model.embedding_length), model.embedding_length)
    vectors = reply.embeddings(texts) if reply.embeddings else [hashed(text, length) for text in texts]
    sent = [list(vector) for vector in vectors][: -1 if reply.trouble is Trouble.FEWER_EMBEDDINGS else None]
    tokens = sum(min(count, window) for count in counts)
    metrics = {"total_duration": LOAD + tokens * MILLISECOND, "load_duration": LOAD, "prompt_eval_count": tokens}
    return {"model": body["model"], "embeddings": sent, **metrics}


def _line(body: Mapping[str, Any], *, content: str = "", thinking: str = "") -> Line:
    message = {"role": "assistant", "content": content} | ({"thinking": thinking} if thinking else {})
    return {"model": body["model"], "created_at": DATE, "message": message, "done": False}


def _metrics(prompt_tokens: int, tokens: int) -> dict[str, int]:
    prompt, answer = prompt_tokens * MILLISECOND, tokens * MILLISECOND
    return {
        "total_duration": LOAD + prompt + answer,
        "load_duration": LOAD,
        "prompt_eval_count": prompt_tokens,
        "prompt_eval_duration": prompt,
        "eval_count": tokens,
        "eval_duration": answer,
    }
