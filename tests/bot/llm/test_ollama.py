"""The adapter to Ollama, over a real socket: what arrives there, and what becomes of every way to fail."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from bot.llm import FALLBACK_CONTEXT, LARGEST_CONTEXT, ModelUnavailable, OllamaModel, OllamaServer
from bot.settings import ModelSettings
from tests.fakes.ollama import CHAT, LLAMA, QWEN, SHOW, TAGS, FakeModel, FakeOllama, Reply, Trouble, looped, tokens_of

MESSAGES = [SystemMessage("规则"), HumanMessage("一"), AIMessage("二"), HumanMessage("米饭要煮多久？")]


MADE: list[OllamaModel] = []


def model_at(ollama: FakeOllama, **settings: object) -> OllamaModel:
    MADE.append(OllamaModel(ModelSettings(**{"name": QWEN.name, "url": ollama.url, **settings})))  # type: ignore[arg-type]
    return MADE[-1]


@pytest.fixture(autouse=True)
async def _models_are_closed() -> AsyncIterator[None]:
    yield
    while MADE:
        await MADE.pop().close()


async def pieces_of(model: OllamaModel) -> list[str]:
    """The words of an answer, piece by piece."""
    return [piece.text async for piece in model.stream(MESSAGES) if piece.text]


async def why_not(model: OllamaModel, *, after: Sequence[str] = ()) -> str:
    """The reason why `model` breaks off, which it does `after` these pieces and in one line."""
    async with asyncio.timeout(20):
        pieces = (piece.text async for piece in model.stream(MESSAGES) if piece.text)
        assert [await anext(pieces) for _ in after] == list(after)
        with pytest.raises(ModelUnavailable) as caught:
            await anext(pieces)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# When all is well


async def test_an_answer_comes_in_pieces(ollama: FakeOllama) -> None:
    ollama.always("煮 20 分钟 [1]。")
    assert await pieces_of(model_at(ollama)) == ["煮", " 20", " 分", "钟", " [", "1", "]", "。"]


async def test_the_messages_arrive_as_they_are(ollama: FakeOllama) -> None:
    await pieces_of(model_at(ollama))
    assert [(message["role"], message["content"]) for message in ollama.chats[0].messages] == [
        ("system", "规则"),
        ("user", "一"),
        ("assistant", "二"),
        ("user", "米饭要煮多久？"),
    ]


async def test_the_settings_arrive_on_the_wire(ollama: FakeOllama) -> None:
    model = model_at(ollama, name=LLAMA.name, context=2048, temperature=0.7, answer_tokens=99, keep_alive="2h")
    await pieces_of(model)
    asked = ollama.chats[0]
    assert asked.options == {"num_ctx": 2048, "temperature": 0.7, "num_predict": 99}
    assert (asked.body["model"], asked.body["keep_alive"], asked.body["stream"]) == (LLAMA.name, "2h", True)


async def test_the_window_is_the_models_own_within_reason() -> None:
    small = FakeModel(name="small:1b", context_length=2048)
    large = FakeModel(name="large:1b", context_length=1_000_000)
    async with FakeOllama(models=[small, large]) as server:
        assert await model_at(server, name="small:1b").window() == 2048
        assert await model_at(server, name="large:1b").window() == LARGEST_CONTEXT
        await pieces_of(model_at(server, name="small:1b"))
        assert server.chats[0].options["num_ctx"] == 2048


async def test_a_window_that_is_set_is_the_window(ollama: FakeOllama) -> None:
    model = model_at(ollama, name=LLAMA.name, context=5000)
    assert await model.window() == 5000
    await pieces_of(model)
    assert ollama.chats[0].options["num_ctx"] == 5000


async def test_a_window_that_is_set_is_no_longer_than_the_model(ollama: FakeOllama) -> None:
    async with FakeOllama(models=[FakeModel(name="small:1b", context_length=2048)]) as server:
        server.always("好")
        model = model_at(server, name="small:1b", context=9999)
        await pieces_of(model)
        assert (await model.window(), server.chats[0].options["num_ctx"]) == (2048, 2048)


async def test_what_a_model_can_do_is_asked_for_once(ollama: FakeOllama) -> None:
    model = model_at(ollama)
    for _ in range(3):
        await pieces_of(model)
    assert len(ollama.at(SHOW)) == 1


async def test_a_server_that_does_not_tell_the_window_gets_ollamas_own(ollama: FakeOllama) -> None:
    silent = FakeModel(name="silent:1b", family="x")
    async with FakeOllama(models=[silent]) as server:
        shown = {**silent.shown(), "model_info": {"general.architecture": "x"}}
        server.always(Reply(instead=shown), to=SHOW)
        assert await model_at(server, name="silent:1b").window() == FALLBACK_CONTEXT


@pytest.mark.parametrize("thinking", ["嗯，我想想：是二十吗？", ["<think>", "二十", "</think>"]])
async def test_what_a_model_thinks_is_no_part_of_its_answer(ollama: FakeOllama, thinking: str | list[str]) -> None:
    ollama.always(Reply(text="二十分钟。", thinking=thinking))
    assert await pieces_of(model_at(ollama)) == ["二", "十", "分", "钟", "。"]


async def test_a_model_that_does_not_think_is_not_asked_to(ollama: FakeOllama) -> None:
    ollama.always("二十分钟。")
    assert "".join(await pieces_of(model_at(ollama, name=LLAMA.name))) == "二十分钟。"
    assert "think" not in ollama.chats[0].body


async def test_a_server_too_old_to_tell_what_its_models_can_do_is_not_asked_to_think(ollama: FakeOllama) -> None:
    ollama.always(Reply(instead={name: value for name, value in LLAMA.shown().items() if name != "capabilities"}), to=SHOW)
    assert await pieces_of(model_at(ollama, name=LLAMA.name))


async def test_what_a_model_thinks_takes_nothing_from_its_answer(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="二十分钟。", thinking="想" * 900))
    assert "".join(await pieces_of(model_at(ollama))) == "二十分钟。"


async def test_prompt_thoughts_and_answer_fit_the_window_together(ollama: FakeOllama) -> None:
    model = model_at(ollama, context=4000, answer_tokens=500)
    prompt_and_answer = await model.window()
    await pieces_of(model)
    options = ollama.chats[0].options
    assert options["num_ctx"] == 4000
    assert prompt_and_answer + options["num_predict"] - 500 == 4000
    assert options["num_predict"] >= 500 + 1000


async def test_a_model_may_repeat_itself_until_it_has_said_all_it_may(ollama: FakeOllama) -> None:
    ollama.always(Reply(text=looped("还是米饭。", times=500)))
    assert await pieces_of(model_at(ollama, answer_tokens=64)) == ["还是米饭。"] * 64


async def test_one_model_can_answer_two_questions_at_once(ollama: FakeOllama) -> None:
    ollama.once("一一一")
    ollama.once("二二二")
    model = model_at(ollama)
    answers = await asyncio.gather(pieces_of(model), pieces_of(model))
    assert sorted("".join(pieces) for pieces in answers) == ["一一一", "二二二"]


async def test_a_proxy_of_the_environment_is_not_used(ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ollama.always("好")
    assert await pieces_of(model_at(ollama)) == ["好"]
    assert await OllamaServer(ollama.url, timeout_s=5).models()


async def test_the_last_piece_tells_what_the_server_counted(ollama: FakeOllama) -> None:
    ollama.always("二十分钟。")
    pieces = [piece async for piece in model_at(ollama).stream(MESSAGES)]
    counted = [(piece.prompt_tokens, piece.answer_tokens) for piece in pieces if piece.prompt_tokens]
    told = sum(len(tokens_of(str(message.content))) + 4 for message in MESSAGES)
    assert counted == [(told, 5)]


async def test_that_a_model_thinks_is_told_and_not_what(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="好。", thinking="想想"))
    pieces = [piece async for piece in model_at(ollama).stream(MESSAGES)]
    assert [piece.thinking for piece in pieces[:2]] == [True, True]
    assert not any(piece.thinking for piece in pieces if piece.text)
    assert "想" not in "".join(piece.text for piece in pieces)


async def test_thoughts_that_a_server_leaves_in_the_answer_are_not_shown(ollama: FakeOllama) -> None:
    ollama.always(Reply(text=["<th", "ink>想", "想</thi", "nk>\n\n", "二十", "分钟。"]))
    pieces = [piece async for piece in model_at(ollama, name=LLAMA.name).stream(MESSAGES)]
    assert "".join(piece.text for piece in pieces) == "二十分钟。"
    assert any(piece.thinking for piece in pieces)


async def test_a_model_is_loaded_with_the_window_that_is_asked_for_later(ollama: FakeOllama) -> None:
    model = model_at(ollama, keep_alive="1h")
    await model.warm_up()
    (loading,) = ollama.chats
    assert (loading.messages, loading.body["keep_alive"]) == ([], "1h")
    await pieces_of(model)
    assert ollama.chats[1].options["num_ctx"] == loading.options["num_ctx"]


async def test_a_model_that_cannot_be_loaded_is_unavailable(ollama: FakeOllama) -> None:
    with pytest.raises(ModelUnavailable, match="not found"):
        await model_at(ollama, name="gone:8b").warm_up()


# When it is not


async def test_no_server_is_said_with_its_address(ollama: FakeOllama) -> None:
    await ollama.stop()
    assert await why_not(model_at(ollama)) == f"no Ollama at {ollama.url} (ConnectionError)"


async def test_a_server_that_stops_after_it_was_asked_is_said_with_its_address(ollama: FakeOllama) -> None:
    model = model_at(ollama)
    await model.window()
    await ollama.stop()
    assert await why_not(model) == f"no Ollama at {ollama.url} (ConnectError)"


async def test_a_password_in_the_address_is_sent_and_not_shown(ollama: FakeOllama) -> None:
    url = ollama.url.replace("//", "//ann:secret@")
    assert await pieces_of(model_at(ollama, url=url))
    assert {received.headers.get("Authorization") for received in ollama.received} == {"Basic YW5uOnNlY3JldA=="}
    await ollama.stop()
    assert await why_not(model_at(ollama, url=url)) == f"no Ollama at {ollama.url} (ConnectionError)"


async def test_a_model_that_is_not_there_is_said_with_the_remedy(ollama: FakeOllama) -> None:
    for settings in ({}, {"context": 4096}):
        said = await why_not(model_at(ollama, name="gone:8b", **settings))
        assert said == "model 'gone:8b' not found (type: ollama pull gone:8b)"


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Trouble.ERROR_LINE, "an error was encountered while running the model: unexpected EOF"),
        (Trouble.GARBAGE_LINE, "answered something that is not Ollama's"),
        (Trouble.HALF_A_LINE, "answered something that is not Ollama's"),
        (Trouble.RESET, "no Ollama at"),
    ],
)
async def test_a_stream_that_breaks_is_said_after_what_came_before(
    ollama: FakeOllama, trouble: Trouble, said: str, after: int
) -> None:
    ollama.always(Reply(text="一二三四", trouble=trouble, after=after))
    assert said in await why_not(model_at(ollama), after=["一", "二"][:after])


async def test_a_stream_that_ends_too_soon_is_no_answer(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="一二三四", trouble=Trouble.NO_DONE, after=2))
    assert await why_not(model_at(ollama), after=["一", "二"]) == "qwen3:8b broke off in the middle of its answer"


@pytest.mark.parametrize("path", [CHAT, SHOW])
async def test_an_error_of_the_server_is_said_in_its_words(ollama: FakeOllama, path: str) -> None:
    ollama.always(Reply(trouble=Trouble.SERVER_ERROR), to=path)
    assert await why_not(model_at(ollama)) == "an error was encountered while running the model: unexpected EOF"


@pytest.mark.parametrize("path", [CHAT, SHOW])
async def test_an_error_page_of_a_proxy_is_said_in_plain_words(ollama: FakeOllama, path: str) -> None:
    ollama.always(Reply(trouble=Trouble.BAD_GATEWAY), to=path)
    assert await why_not(model_at(ollama)) == f"{ollama.url} answered with an error (status 502)"


@pytest.mark.parametrize("path", [CHAT, SHOW, TAGS])
@pytest.mark.parametrize(
    "reply", [Reply(trouble=Trouble.ODD_LINE), Reply(instead={"status": "ok"}), Reply(instead={"models": 7})]
)
async def test_json_that_is_not_ollamas_makes_the_model_unavailable(ollama: FakeOllama, path: str, reply: Reply) -> None:
    ollama.always(reply, to=path)
    with pytest.raises(ModelUnavailable, match="answered something that is not Ollama's"):
        await (OllamaServer(ollama.url, timeout_s=5).models() if path == TAGS else pieces_of(model_at(ollama)))


@pytest.mark.parametrize("length", ["long", None, [1]])
async def test_a_window_that_is_no_number_makes_the_model_unavailable(ollama: FakeOllama, length: object) -> None:
    ollama.always(Reply(instead={**QWEN.shown(), "model_info": {"qwen3.context_length": length}}), to=SHOW)
    assert "not Ollama's" in await why_not(model_at(ollama))


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://[", "http://ollama:port"])
async def test_an_address_that_is_none_makes_the_model_unavailable(url: str) -> None:
    with pytest.raises(ModelUnavailable):
        await OllamaServer(url, timeout_s=1).models()


async def test_a_pause_within_silence_s_is_no_failure_when_the_first_word_may_take_less(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=1))
    answering = asyncio.create_task(pieces_of(model_at(ollama, first_token_s=0.3, silence_s=30)))
    asked = await ollama.wait_for()
    await asyncio.wait([hanging_up := asyncio.create_task(asked.hung_up.wait())], timeout=0.6)
    assert not hanging_up.done()
    ollama.resume()
    assert await answering == ["一", "二", "三"]
    hanging_up.cancel()


@pytest.mark.parametrize("keep_alive", ["300", "-1", "1h30m", "0"])
async def test_a_duration_that_the_settings_take_is_taken_by_ollama(ollama: FakeOllama, keep_alive: str) -> None:
    assert await pieces_of(model_at(ollama, keep_alive=keep_alive))


@pytest.mark.parametrize("settings", [{"first_token_s": 0.2}, {"first_token_s": 0.2, "context": 4096}])
async def test_a_model_that_never_begins_is_given_up(ollama: FakeOllama, settings: dict[str, float]) -> None:
    ollama.always(Reply(trouble=Trouble.LOADING))
    assert await why_not(model_at(ollama, **settings)) == "qwen3:8b gave no word in time"
    async with asyncio.timeout(10):
        await ollama.chats[0].hung_up.wait()


async def test_a_model_that_takes_its_time_to_load_is_waited_for(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="好", trouble=Trouble.LOADING))
    answering = asyncio.create_task(pieces_of(model_at(ollama, silence_s=0.01)))
    await ollama.wait_for()
    assert not (await asyncio.wait([answering], timeout=0.2))[0]
    ollama.resume()
    assert await answering == ["好"]


async def test_a_model_that_falls_silent_is_given_up(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=2))
    assert await why_not(model_at(ollama, silence_s=0.2), after=["一", "二"]) == "qwen3:8b gave no word in time"
    async with asyncio.timeout(10):
        await ollama.chats[0].hung_up.wait()


async def test_a_server_that_does_not_say_its_models_in_time_is_given_up(ollama: FakeOllama) -> None:
    ollama.always(Reply(trouble=Trouble.LOADING), to=TAGS)
    with pytest.raises(ModelUnavailable, match=r"no Ollama at .* \(ReadTimeout\)"):
        await OllamaServer(ollama.url, timeout_s=0.2).models()


async def test_the_model_can_be_asked_again_after_it_failed(ollama: FakeOllama) -> None:
    ollama.once(Reply(trouble=Trouble.SERVER_ERROR))
    ollama.always("好")
    model = model_at(ollama)
    await why_not(model)
    assert await pieces_of(model) == ["好"]


# When nobody listens any more


async def test_breaking_out_of_the_stream_closes_the_connection(ollama: FakeOllama) -> None:
    ollama.always(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=1))
    async with aclosing(model_at(ollama).stream(MESSAGES)) as pieces:  # type: ignore[type-var]
        assert (await anext(pieces)).text == "一"
        assert not ollama.chats[0].hung_up.is_set()
    async with asyncio.timeout(10):
        await ollama.chats[0].hung_up.wait()


async def test_cancelling_a_task_that_waits_closes_the_connection(ollama: FakeOllama) -> None:
    ollama.always(Reply(trouble=Trouble.LOADING))
    answering = asyncio.create_task(pieces_of(model_at(ollama)))
    asked = await ollama.wait_for()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    async with asyncio.timeout(10):
        await asked.hung_up.wait()


# What the server says of itself


async def test_the_models_of_a_server_are_told_by_their_full_names(ollama: FakeOllama) -> None:
    assert await OllamaServer(ollama.url, timeout_s=5).models() == ("qwen3:8b", "llama3.2:3b", "bge-m3:latest")


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR])
async def test_a_server_that_cannot_tell_its_models_is_unavailable(ollama: FakeOllama, trouble: Trouble) -> None:
    ollama.always(Reply(trouble=trouble), to=TAGS)
    with pytest.raises(ModelUnavailable):
        await OllamaServer(ollama.url, timeout_s=5).models()


async def test_what_is_asked_of_a_server_leaves_no_connection_open(ollama: FakeOllama) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await OllamaServer(ollama.url, timeout_s=5).models()
        await OllamaServer(ollama.url, timeout_s=5).abilities(QWEN.name)
        model = model_at(ollama)
        await pieces_of(model)
        await model.close()
        gc.collect()
    assert [str(warning.message) for warning in caught if warning.category is ResourceWarning] == []
