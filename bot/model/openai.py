"""A `ChatModel` of any server that speaks OpenAI's API (vLLM, llama.cpp, LM Studio), through `langchain_openai` (an extra)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from bot.model.patience import in_time
from bot.model.values import ModelUnavailable, NoServer, Piece

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage

    from bot.settings import Model as ModelSettings

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

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Piece]:
        async with _vendor_errors(self._url):
            client = await self._opened()
            chunks = cast("AsyncGenerator[AIMessageChunk]", client.astream(list(messages)))
            async for chunk in in_time(chunks, self._settings):
                usage = chunk.usage_metadata
                yield Piece(
                    text=chunk.text,
                    thinking=bool(chunk.additional_kwargs.get("reasoning_content")) and not chunk.text,
                    prompt_tokens=usage["input_tokens"] if usage else 0,
                    answer_tokens=usage["output_tokens"] if usage else 0,
                )

    async def warm_up(self) -> None:
        """These servers hold one model, loaded when they start."""

    async def close(self) -> None:
        if self._client is not None:
            await self._client.root_async_client.close()
            self._client = None

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
        from pydantic import SecretStr

        return ChatOpenAI(
            model=self.name,
            base_url=f"{self._url}/v1" if not self._url.endswith("/v1") else self._url,
            api_key=SecretStr(self._key or "none"),
            temperature=self._settings.temperature,
            max_completion_tokens=self._settings.answer_tokens,
            stream_usage=True,
            max_retries=0,
        )


@asynccontextmanager
async def _vendor_errors(url: str) -> AsyncGenerator[None]:
    """Turn what the library raises into `ModelUnavailable`."""
    try:
        yield
    except ModelUnavailable:
        raise
    except TimeoutError as error:
        raise ModelUnavailable(f"{url} gave no word in time") from error
    except (ConnectionError, OSError) as error:
        raise NoServer(f"no server at {url} ({type(error).__name__})") from error
    except Exception as error:
        from openai import APIConnectionError, OpenAIError

        if isinstance(error, APIConnectionError):
            raise NoServer(f"no server at {url}") from error
        if isinstance(error, OpenAIError | ValueError | TypeError | LookupError | AttributeError):
            raise ModelUnavailable(f"{url}: {' '.join(str(error).split())[:200]}") from error
        raise
