"""A `ChatModel` of any server that speaks OpenAI's API (vLLM, llama.cpp, LM Studio), through `langchain_openai` (an extra)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from bot.llm.streams import ReasoningFilter, in_time
from bot.llm.types import Chunk, ModelUnavailable, NoServer, without_password

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage

    from bot.settings import ModelSettings as ModelSettings

FALLBACK_CONTEXT = 8192
"""Tokens; the API does not tell a model's length, `model.context` does."""


class OpenAIModel:
    """Writes through `/v1/chat/completions`; `key` may be anything for servers that ask for none."""

    def __init__(self, settings: ModelSettings, url: str, key: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._url = url.rstrip("/")
        self._key = key
        self._client: Any = None
        self._building = asyncio.Lock()

    async def window(self) -> int:
        return self._settings.context or FALLBACK_CONTEXT

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        client = await self._opened()
        async with _vendor_errors(self.name, self._url):
            chunks = cast("AsyncGenerator[AIMessageChunk]", client.astream(list(messages)))
            async with aclosing(self._pieces(chunks)) as pieces:
                async for piece in pieces:
                    yield piece

    async def warm_up(self) -> None:
        """These servers hold one model, loaded when they start."""

    async def close(self) -> None:
        if self._client is not None:
            await self._client.http_async_client.aclose()
            self._client = None

    async def _pieces(self, stream: AsyncGenerator[AIMessageChunk]) -> AsyncGenerator[Chunk]:
        """What a person may see of an answer, each piece in time; many of these servers leave thoughts in the words."""
        thoughts = ReasoningFilter()
        async with aclosing(in_time(stream, self._settings)) as chunks:
            async for chunk in chunks:
                words, usage = thoughts.without(chunk.text), chunk.usage_metadata
                yield Chunk(
                    text=words,
                    thinking=thoughts.going_on,
                    prompt_tokens=usage["input_tokens"] if usage else 0,
                    answer_tokens=usage["output_tokens"] if usage else 0,
                )
        if rest := thoughts.rest():
            yield Chunk(text=rest)

    async def _opened(self) -> Any:
        async with self._building:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
            return self._client

    def _build(self) -> Any:
        try:
            from langchain_openai import ChatOpenAI
        except ImportError as error:
            raise ModelUnavailable("model.provider is openai: pip install 'notesbot[openai]'") from error
        import httpx
        from pydantic import SecretStr

        timeout = httpx.Timeout(None, connect=self._settings.connect_s)  # waiting for words is limited in `patience`
        return ChatOpenAI(
            model=self.name,
            base_url=f"{self._url}/v1" if not self._url.endswith("/v1") else self._url,
            api_key=SecretStr(self._key or "none"),
            temperature=self._settings.temperature,
            extra_body={"max_tokens": self._settings.answer_tokens},  # `max_completion_tokens` is OpenAI's own server's only
            http_async_client=httpx.AsyncClient(timeout=timeout, trust_env=False),
            timeout=timeout,
            stream_usage=True,
            max_retries=0,
        )


@asynccontextmanager
async def _vendor_errors(model: str, url: str) -> AsyncGenerator[None]:
    """Turn whatever a server, or the libraries that read what it sends, come up with into `ModelUnavailable`."""
    import httpx
    from openai import APIConnectionError, APIStatusError, OpenAIError

    place = without_password(url)
    try:
        yield
    except APIStatusError as error:
        raise ModelUnavailable(f"{place} answered with an error (status {error.status_code}) for {model}") from error
    except TimeoutError as error:
        raise ModelUnavailable(f"{model} gave no word in time") from error
    except (APIConnectionError, httpx.HTTPError, OSError) as error:
        raise NoServer(f"no server at {place} ({type(error).__name__})") from error
    except (OpenAIError, httpx.InvalidURL, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ModelUnavailable(f"{place} answered something that is not OpenAI's API") from error
