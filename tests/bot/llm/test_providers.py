"""The adapter to LangChain's providers: servers with OpenAI's API over a real socket, and others by their packages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from bot.llm import Chunk, HostedModel, ModelUnavailable, NoServer
from bot.settings import ModelSettings
from tests.fakes.openai import FakeOpenAI, Fault, Said

pytest.importorskip("langchain_openai", reason="the extra `openai` is not installed")
MESSAGES = [SystemMessage("规则"), HumanMessage("一"), AIMessage("二"), HumanMessage("米饭要煮多久？")]


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running


@pytest.fixture
async def model(server: FakeOpenAI) -> AsyncIterator[HostedModel]:
    settings = ModelSettings(
        provider="openai", name="qwen3", url=server.url, answer_tokens=99, temperature=0.5, first_token_s=5, silence_s=0.3
    )
    made = HostedModel(settings, server.url, "k-123")
    yield made
    await made.close()


async def pieces_of(model: HostedModel) -> list[Chunk]:
    return [piece async for piece in model.stream(MESSAGES)]


def words_of(pieces: list[Chunk]) -> str:
    return "".join(piece.text for piece in pieces)


async def test_messages_settings_and_key_arrive_and_the_answer_comes_in_pieces(server: FakeOpenAI, model: HostedModel) -> None:
    server.says(Said(pieces=("煮二十", "分钟 [1]。")))
    pieces = await pieces_of(model)
    assert [piece.text for piece in pieces if piece.text] == ["煮二十", "分钟 [1]。"]
    assert [(piece.prompt_tokens, piece.answer_tokens) for piece in pieces if piece.prompt_tokens] == [(11, 2)]
    (body,) = server.bodies
    assert [(message["role"], message["content"]) for message in body["messages"]] == [
        ("system", "规则"),
        ("user", "一"),
        ("assistant", "二"),
        ("user", "米饭要煮多久？"),
    ]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("qwen3", 0.5, 99)
    assert server.keys == ["Bearer k-123"]


async def test_a_server_that_counts_nothing_is_well_too(server: FakeOpenAI, model: HostedModel) -> None:
    server.says(Said(counted=None))
    assert words_of(await pieces_of(model)) == "好的。"


async def test_thoughts_between_tags_are_not_shown(server: FakeOpenAI, model: HostedModel) -> None:
    server.says(Said(pieces=("<thi", "nk>想想", "</think>\n\n二十", "分钟。")))
    pieces = await pieces_of(model)
    assert words_of(pieces) == "二十分钟。"
    assert any(piece.thinking for piece in pieces)


@pytest.mark.parametrize("fault", list(Fault))
async def test_every_fault_makes_the_model_unavailable_in_one_line_and_it_can_be_asked_again(
    server: FakeOpenAI, model: HostedModel, fault: Fault
) -> None:
    server.says(Said(pieces=("煮",), fault=fault))
    async with asyncio.timeout(20):
        with pytest.raises(ModelUnavailable) as caught:
            await pieces_of(model)
    assert "\n" not in str(caught.value)
    assert words_of(await pieces_of(model)) == "好的。"


async def test_no_server_is_said_with_its_address_and_without_its_password() -> None:
    settings = ModelSettings(provider="openai", name="qwen3", connect_s=1)
    model = HostedModel(settings, "http://ann:secret@127.0.0.1:9", "")
    with pytest.raises(NoServer, match=r"no server at http://127\.0\.0\.1:9"):
        await pieces_of(model)
    await model.close()


async def test_leaving_closes_the_connection(server: FakeOpenAI, model: HostedModel) -> None:
    server.says(Said(pieces=("煮",), fault=Fault.SILENCE))
    async with aclosing(model.stream(MESSAGES)) as pieces:  # type: ignore[type-var]
        assert (await anext(pieces)).text == "煮"
    async with asyncio.timeout(10):
        await server.hung_up.wait()


async def test_the_window_is_what_is_set() -> None:
    assert await HostedModel(ModelSettings(name="q", context=5000), "http://x", "").window() == 5000
    assert await HostedModel(ModelSettings(name="q"), "http://x", "").window() == 8192


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("mistralai", "model.provider is mistralai: pip install langchain-mistralai"),
        ("nobody", "model.provider: Unsupported provider='nobody'."),
    ],
)
async def test_a_provider_without_its_package_or_that_there_is_not_is_said_with_the_remedy(provider: str, said: str) -> None:
    model = HostedModel(ModelSettings(provider=provider, name="m"), "http://x", "k")
    with pytest.raises(ModelUnavailable) as caught:
        await pieces_of(model)
    assert str(caught.value) == said


async def test_another_provider_that_langchain_knows_answers_through_its_own_package(server: FakeOpenAI) -> None:
    """Ollama's package is there in any case: it stands for any other."""
    model = HostedModel(ModelSettings(provider="ollama", name="m", url="http://127.0.0.1:9"), "http://127.0.0.1:9", "")
    with pytest.raises(NoServer, match=r"no server at http://127\.0\.0\.1:9"):
        await pieces_of(model)
    await model.close()
