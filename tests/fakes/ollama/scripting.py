"""What a test wants the fake to answer, and how it is to misbehave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.fakes.ollama.prompts import tokens_of

Body = Mapping[str, Any]
"""A request's JSON."""
Words = str | Sequence[str]
"""A text, which is sent token by token, or the very pieces to send."""
Vectors = Sequence[Sequence[float]]


class Trouble(StrEnum):
    """What goes wrong; `Reply.after` says after how many pieces."""

    LOADING = "nothing comes, not even a status line, until `resume`"
    DEAD_AIR = "after the pieces nothing comes until `resume`"
    HALF_A_LINE = "half a line, then the regular end of the body"
    NO_DONE = "the body ends regularly, but without the line that says `done`"
    RESET = "the connection is torn down"
    ERROR_LINE = "a line with an error object, as when the runner dies"
    GARBAGE_LINE = "a line that is no JSON"
    ODD_LINE = "a line that is JSON, but none of Ollama's"
    SERVER_ERROR = "500 with an error object"
    BAD_GATEWAY = "502 with a web page, as from a proxy"
    FEWER_EMBEDDINGS = "one embedding is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One scripted answer."""

    text: Words | Callable[[Body], Words] = "好的。"
    thinking: Words = ""
    """Sent before the text by models that think, unless the request says `think: false`."""
    trouble: Trouble | None = None
    after: int = 0
    embeddings: Callable[[Sequence[str]], Vectors] | None = None
    """Texts to vectors; hashed words when not given."""
    instead: object = None
    """JSON that is sent with 200 instead of everything else, as by a server that is not Ollama."""

    def pieces(self, body: Body) -> list[str]:
        return _pieces(self.text(body) if callable(self.text) else self.text)

    def thoughts(self) -> list[str]:
        return _pieces(self.thinking)


def looped(words: str, times: int = 50) -> list[str]:
    """The pieces of a model that cannot stop saying the same."""
    return [words] * times


def _pieces(words: Words) -> list[str]:
    return tokens_of(words) if isinstance(words, str) else list(words)
