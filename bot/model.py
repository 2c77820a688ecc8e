"""Messages go in, pieces of an answer come out: a chat model of an Ollama server, through `langchain_ollama`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_ollama import ChatOllama

    from bot.settings import Model as ModelSettings

FALLBACK_CONTEXT = 4096
"""Tokens; Ollama's own default window, for a server that does not tell its model's."""
LARGEST_CONTEXT = 16384
"""Tokens; a longer window than this costs more memory than the few passages of an answer are worth."""


class ModelUnavailable(Exception):
    """No answer from the model now; the message says why, in words for the person who asked."""


class ChatModel(Protocol):
    """Something that writes."""

    name: str

    async def window(self) -> int:
        """How many tokens prompt and answer may have together."""

    def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[str]:
        """The answer in pieces, as they come.

        Raises:
            ModelUnavailable: nothing more will come; what came before stands.
        """


class OllamaServer:
    """What a server says of itself and of its models.

    Raises (every method):
        ModelUnavailable: it does not answer, or does not have the model.
    """

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s

    async def models(self) -> tuple[str, ...]:
        """The names of the models that it has, tags included."""
        from ollama import AsyncClient

        async with vendor_errors(self._url, ""):
            listed = await AsyncClient(self._url, timeout=self._timeout_s, trust_env=False).list()
        return tuple(model.model for model in listed.models if model.model)

    async def window(self, model: str) -> int:
        """The tokens that prompt and answer may have together: the model's own length, within reason."""
        from ollama import AsyncClient

        async with vendor_errors(self._url, model):
            shown = await AsyncClient(self._url, timeout=self._timeout_s, trust_env=False).show(model)
        lengths = [int(value) for key, value in (shown.modelinfo or {}).items() if key.endswith(".context_length")]
        return min(lengths[0], LARGEST_CONTEXT) if lengths else FALLBACK_CONTEXT


class OllamaModel:
    """A `ChatModel`. Its client is built when first needed: importing it takes a second."""

    def __init__(self, settings: ModelSettings) -> None:
        self.name = settings.name
        self._settings = settings
        self._client: ChatOllama | None = None
        self._window = settings.context

    async def window(self) -> int:
        if not self._window:
            self._window = await OllamaServer(self._settings.url, timeout_s=self._settings.connect_s).window(self.name)
        return self._window

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[str]:
        window = await self.window()
        async with vendor_errors(self._settings.url, self.name):
            client = await asyncio.to_thread(self._build)
            limit = self._settings.first_token_s
            stream = cast("AsyncGenerator[AIMessageChunk]", client.astream(list(messages), options=self._options(window)))
            async with aclosing(stream) as chunks:
                while True:
                    try:
                        chunk = await asyncio.wait_for(anext(chunks), limit)
                    except StopAsyncIteration:
                        return
                    if chunk.text:
                        limit = self._settings.silence_s
                        yield chunk.text

    def _options(self, window: int) -> dict[str, object]:
        return {"num_ctx": window, "temperature": self._settings.temperature, "num_predict": self._settings.answer_tokens}

    def _build(self) -> ChatOllama:
        if self._client is None:
            import httpx
            from langchain_ollama import ChatOllama

            timeout = httpx.Timeout(self._settings.first_token_s, connect=self._settings.connect_s)
            self._client = ChatOllama(
                model=self._settings.name,
                base_url=self._settings.url,
                keep_alive=self._settings.keep_alive,
                reasoning=True,
                client_kwargs={"timeout": timeout, "trust_env": False},
            )
        return self._client


@asynccontextmanager
async def vendor_errors(url: str, model: str) -> AsyncIterator[None]:
    """Turn what the libraries raise into `ModelUnavailable`, with a remedy where there is one."""
    import httpx
    from ollama import ResponseError

    try:
        yield
    except ResponseError as error:
        remedy = f" (type: ollama pull {model})" if error.status_code == 404 else ""
        raise ModelUnavailable(f"{error.error}{remedy}") from error
    except TimeoutError as error:
        raise ModelUnavailable(f"{model} gave no word in time") from error
    except (httpx.HTTPError, ConnectionError) as error:
        raise ModelUnavailable(f"no Ollama at {url} ({type(error).__name__})") from error
    except json.JSONDecodeError as error:
        raise ModelUnavailable(f"{url} answered something that is not Ollama's") from error
