"""Chat model of an Ollama server, through `langchain_ollama`."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from bot.llm.streams import ReasoningFilter, in_time
from bot.llm.types import Chunk, ModelUnavailable, NoServer, without_password

if TYPE_CHECKING:
    import httpx
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_ollama import ChatOllama
    from ollama import AsyncClient, ResponseError, ShowResponse

    from bot.settings import ModelSettings as ModelSettings

FALLBACK_CONTEXT = 4096
"""Tokens; Ollama's own default window, for a server that does not tell its model's."""
LARGEST_CONTEXT = 8192
"""Tokens. Room for what is read in seconds, a few turns and an answer; more would take memory from the model itself. It is the
same for every call: with another one the server loads the model anew."""
THOUGHTS, THOUGHTS_SHARE = 4096, 0.25
"""Tokens kept free for the thoughts of a model that thinks, and the most of its window that this may be."""
LONGEST_ERROR = 300
"""Characters of a server's own words that are passed on; what is longer is no sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCapabilities:
    """What a model can do, as its server tells."""

    window: int
    """Tokens that it can hold at once: its own length, within reason."""
    length: int
    """Its own length; a server gives it no more than that, whatever is asked for."""
    thinks: bool


class OllamaServer:
    """What a server says of itself and of its models.

    Raises (every method):
        ModelUnavailable: it does not answer, or not as Ollama does, or does not have the model.
    """

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s

    async def models(self) -> tuple[str, ...]:
        """The names of the models that it has, tags included."""
        async with vendor_errors(self._url, ""), self._client() as client:
            return tuple(model.model for model in (await client.list()).models if model.model)

    async def abilities(self, model: str) -> ModelCapabilities:
        async with vendor_errors(self._url, model), self._client() as client:
            return _abilities(await client.show(model))

    async def load(self, model: str, *, window: int, keep_alive: int | str) -> None:
        """Have the model in memory when the answer comes; that takes as long as it takes to read it from disk."""
        async with vendor_errors(self._url, model), self._client() as client:
            await client.chat(model, messages=[], options={"num_ctx": window}, keep_alive=keep_alive)

    def _client(self) -> AsyncClient:
        from ollama import AsyncClient

        # The library takes host and port out of the address and leaves the name and password that may stand before them.
        address = urlsplit(self._url)
        login = (address.username, address.password or "") if address.username else None
        return AsyncClient(self._url, timeout=self._timeout_s, trust_env=False, auth=login)


def _abilities(shown: ShowResponse) -> ModelCapabilities:
    lengths = [int(value) for key, value in (shown.modelinfo or {}).items() if key.endswith(".context_length")]
    length = lengths[0] if lengths else FALLBACK_CONTEXT
    return ModelCapabilities(window=min(length, LARGEST_CONTEXT), length=length, thinks="thinking" in (shown.capabilities or ()))


class OllamaModel:
    """A `ChatModel`; to be closed in the end. Its client is built when first needed: importing it takes a second."""

    def __init__(self, settings: ModelSettings, *, name: str = "", url: str = "") -> None:
        self.name = name or settings.name
        self._url = url or settings.url
        self._settings = settings
        self._built: tuple[ChatOllama, httpx.AsyncHTTPTransport] | None = None
        self._known: ModelCapabilities | None = None
        self._building = asyncio.Lock()

    async def window(self) -> int:
        abilities = await self._abilities()
        return abilities.window - _room_for_thoughts(abilities)

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        abilities = await self._abilities()
        async with vendor_errors(self._url, self.name):
            client = await self._opened()
            options, thinks = self._options(abilities), abilities.thinks or None  # None: to be asked to think is an error
            stream = client.astream(list(messages), options=options, reasoning=thinks)
            async with aclosing(self._pieces(cast("AsyncGenerator[AIMessageChunk]", stream))) as pieces:
                async for piece in pieces:
                    yield piece

    async def warm_up(self) -> None:
        """Have the server load the model with the window that will be asked for: with another it would load it again."""
        abilities = await self._abilities()
        server = OllamaServer(self._url, timeout_s=self._settings.first_token_s)
        await server.load(self.name, window=abilities.window, keep_alive=self._settings.keep_alive)

    async def close(self) -> None:
        """Close the connections to the server."""
        if self._built:
            await self._built[1].aclose()
            self._built = None

    async def _pieces(self, stream: AsyncGenerator[AIMessageChunk]) -> AsyncGenerator[Chunk]:
        """What a person may see of an answer, each piece in time, and no more of them (tokens) than it may have."""
        left, thoughts, done = self._settings.answer_tokens, ReasoningFilter(), False
        async with aclosing(in_time(stream, self._settings)) as chunks:
            async for chunk in chunks:
                words = thoughts.without(chunk.text)
                usage = chunk.usage_metadata
                yield Chunk(
                    text=words,
                    thinking=thoughts.going_on or (not words and bool(chunk.additional_kwargs.get("reasoning_content"))),
                    prompt_tokens=usage["input_tokens"] if usage else 0,
                    answer_tokens=usage["output_tokens"] if usage else 0,
                    prompt_s=(chunk.response_metadata.get("prompt_eval_duration") or 0) / 1e9,
                )
                done = done or bool(chunk.response_metadata.get("done"))
                left -= bool(words)
                if not left:
                    return
        if not done:
            raise ModelUnavailable(f"{self.name} broke off in the middle of its answer")
        if rest := thoughts.rest():
            yield Chunk(text=rest)

    async def _abilities(self) -> ModelCapabilities:
        if self._known is None:
            server = OllamaServer(self._url, timeout_s=self._settings.connect_s)
            told = await server.abilities(self.name)
            self._known = replace(told, window=min(self._settings.context or told.window, told.length))
        return self._known

    def _options(self, abilities: ModelCapabilities) -> dict[str, object]:
        """Thoughts count against `num_predict`, so that they get tokens of their own."""
        tokens = self._settings.answer_tokens + _room_for_thoughts(abilities)
        return {"num_ctx": abilities.window, "temperature": self._settings.temperature, "num_predict": tokens}

    async def _opened(self) -> ChatOllama:
        async with self._building:
            if self._built is None:
                self._built = await asyncio.to_thread(_build, self._settings, self.name, self._url)
            return self._built[0]


def _build(settings: ModelSettings, name: str, url: str) -> tuple[ChatOllama, httpx.AsyncHTTPTransport]:
    """A client, and its connections, which it cannot close by itself."""
    import httpx
    from langchain_ollama import ChatOllama

    connections = httpx.AsyncHTTPTransport(trust_env=False)
    timeout = httpx.Timeout(None, connect=settings.connect_s)  # waiting for words is limited in `patience`
    client = ChatOllama(
        model=name,
        base_url=url,
        keep_alive=settings.keep_alive,
        client_kwargs={"timeout": timeout, "trust_env": False},
        async_client_kwargs={"transport": connections},
    )
    return client, connections


def _room_for_thoughts(abilities: ModelCapabilities) -> int:
    return min(THOUGHTS, int(abilities.window * THOUGHTS_SHARE)) if abilities.thinks else 0


@asynccontextmanager
async def vendor_errors(url: str, model: str) -> AsyncIterator[None]:
    """Turn whatever a server, or the libraries that read what it sends, come up with into `ModelUnavailable`."""
    import httpx
    from ollama import ResponseError

    place = without_password(url)
    try:
        yield
    except ResponseError as error:
        remedy = f" (type: ollama pull {shlex.quote(model)})" if error.status_code == 404 and model else ""
        raise ModelUnavailable(f"{_words_of(error, place)}{remedy}") from error
    except TimeoutError as error:
        raise ModelUnavailable(f"{model} gave no word in time") from error
    except (httpx.HTTPError, ConnectionError) as error:
        raise NoServer(f"no Ollama at {place} ({type(error).__name__})") from error
    except (httpx.InvalidURL, OverflowError, OSError) as error:
        raise NoServer(f"{place} cannot be reached ({type(error).__name__})") from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # No JSON, or JSON of another form: the libraries look into it without looking at it first.
        raise ModelUnavailable(f"{place} answered something that is not Ollama's") from error


def _words_of(error: ResponseError, place: str) -> str:
    """The server's own words; an error page of a proxy is no sentence, and is named by its status instead."""
    words = " ".join(str(error.error).split())
    if words and "<" not in words and len(words) <= LONGEST_ERROR:
        return words
    return f"{place} answered with an error" + (f" (status {error.status_code})" if error.status_code > 0 else "")
