"""A `ChatModel` of any provider that LangChain knows, by its package; `openai` is any server that speaks OpenAI's API."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from bot.llm.streams import ReasoningFilter, in_time
from bot.llm.types import Chunk, ModelUnavailable, NoServer, without_password

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage

    from bot.settings import ModelSettings as ModelSettings

FALLBACK_CONTEXT = 8192
"""Tokens; the API does not tell a model's length, `model.context` does."""


class HostedModel:
    """Writes through `init_chat_model` of LangChain; `key` may be anything for servers that ask for none."""

    def __init__(self, settings: ModelSettings, url: str, key: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._url = url.rstrip("/")
        self._key = key
        self._client: Any = None
        self._http: Any = None
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
        self._client = None
        if self._http is not None:
            await self._http.aclose()
            self._http = None

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
        from langchain.chat_models import init_chat_model

        provider = self._settings.provider
        own = self._of_openai() if provider == "openai" else self._of_others()
        options = {"temperature": self._settings.temperature, "max_retries": 0, **own}
        try:
            return init_chat_model(self.name, model_provider=provider, **options)
        except ImportError as error:
            package = re.search(r"pip install ([\w-]+)", str(error))
            remedy = "'notesbot[openai]'" if provider == "openai" else package[1] if package else f"langchain-{provider}"
            raise ModelUnavailable(f"model.provider is {provider}: pip install {remedy}") from error
        except ValueError as error:
            raise ModelUnavailable(f"model.provider: {str(error).splitlines()[0]}") from error

    def _of_openai(self) -> dict[str, Any]:
        import httpx
        from pydantic import SecretStr

        timeout = httpx.Timeout(None, connect=self._settings.connect_s)  # waiting for words is limited in `in_time`
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=False)
        return {
            "base_url": f"{self._url}/v1" if not self._url.endswith("/v1") else self._url,
            "api_key": SecretStr(self._key or "none"),
            "extra_body": {"max_tokens": self._settings.answer_tokens},  # `max_completion_tokens` is OpenAI's own server's only
            "http_async_client": self._http,
            "timeout": timeout,
            "stream_usage": True,
        }

    def _of_others(self) -> dict[str, Any]:
        """What most integrations take; each finds its own key in the environment when none is set here."""
        options: dict[str, Any] = {"max_tokens": self._settings.answer_tokens}
        if self._key:
            options["api_key"] = self._key
        if "url" in self._settings.model_fields_set:
            options["base_url"] = self._url
        return options


@asynccontextmanager
async def _vendor_errors(model: str, url: str) -> AsyncGenerator[None]:
    """Turn whatever a server, or the libraries that read what it sends, come up with into `ModelUnavailable`."""
    import httpx

    place = without_password(url)
    try:
        yield
    except ModelUnavailable:
        raise
    except TimeoutError as error:
        raise ModelUnavailable(f"{model} gave no word in time") from error
    except (httpx.HTTPError, OSError) as error:
        raise NoServer(f"no server at {place} ({type(error).__name__})") from error
    except Exception as error:  # each provider's package has errors of its own, and none is known here
        if cause := next((one for one in _causes(error) if isinstance(one, httpx.HTTPError)), None):
            raise NoServer(f"no server at {place} ({type(cause).__name__})") from error
        if status := getattr(error, "status_code", None):
            raise ModelUnavailable(f"{place} answered with an error (status {status}) for {model}") from error
        raise ModelUnavailable(f"{model} answered something that cannot be read ({type(error).__name__})") from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__ or error.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
