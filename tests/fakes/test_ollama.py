"""The fake, asked by the real client: it must answer, and refuse, as the real server does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import ollama as library
import pytest

from tests.fakes.ollama import BGE, CHAT, EMBED, LLAMA, QWEN, SHOW, TAGS, FakeModel, FakeOllama, Reply, Trouble, looped, tokens_of

ASKED = [{"role": "user", "content": "米饭要煮多久？"}]


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as server:
        yield server


@pytest.fixture
async def client(ollama: FakeOllama) -> AsyncIterator[library.AsyncClient]:
    async with library.AsyncClient(ollama.url, timeout=20, trust_env=False) as asking:
        yield asking


@pytest.fixture
async def raw(ollama: FakeOllama) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ollama.url, timeout=20, trust_env=False) as asking:
        yield asking


async def chat(client: library.AsyncClient, **more: object) -> list[library.ChatResponse]:
    stream = await client.chat(model=QWEN.name, messages=ASKED, stream=True, **more)  # type: ignore[call-overload]
    return [part async for part in stream]


# What it says of itself


async def test_it_lists_its_models(client: library.AsyncClient) -> None:
    assert [model.model for model in (await client.list()).models] == ["qwen3:8b", "llama3.2:3b", "bge-m3:latest"]


async def test_it_tells_a_models_window_and_what_it_can_do(client: library.AsyncClient) -> None:
    shown = await client.show(QWEN.name)
    assert shown.capabilities == ["completion", "tools", "thinking"]
    assert shown.modelinfo == {"general.architecture": "qwen3", "qwen3.context_length": 40960, "qwen3.embedding_length": 64}


async def test_a_model_runs_after_it_was_used_and_until_it_is_sent_away(client: library.AsyncClient) -> None:
    assert (await client.ps()).models == []
    await chat(client, options={"num_ctx": 2048})
    assert [(model.model, model.context_length) for model in (await client.ps()).models] == [("qwen3:8b", 2048)]
    await chat(client, keep_alive=0)
    assert (await client.ps()).models == []


async def test_a_chat_without_messages_only_loads_the_model(client: library.AsyncClient) -> None:
    answer = await client.chat(model=QWEN.name, messages=[])
    assert (answer.done, answer.done_reason, answer.message.content) == (True, "load", "")
    assert len((await client.ps()).models) == 1
    assert (await client.chat(model=QWEN.name, messages=[], keep_alive=0)).done_reason == "unload"


async def test_it_has_a_version_and_a_front_page(raw: httpx.AsyncClient) -> None:
    assert (await raw.get("/")).text == "Ollama is running"
    assert (await raw.get("/api/version")).json() == {"version": "0.12.6"}


async def test_latest_is_the_tag_of_a_name_without_one(client: library.AsyncClient) -> None:
    assert len((await client.embed("bge-m3", "米饭")).embeddings) == 1
    assert len((await client.embed("BGE-M3:latest", "米饭")).embeddings) == 1


# Chats


async def test_a_stream_comes_token_by_token_and_ends_with_what_it_took(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always("米饭 takes 20 minutes.")
    *pieces, last = await chat(client)
    assert [part.message.content for part in pieces] == ["米", "饭", " takes", " 20", " minutes", "."]
    assert (last.done, last.done_reason, last.eval_count) == (True, "stop", 6)
    assert last.prompt_eval_count == len("米饭要煮多久？") + 4
    assert last.total_duration == last.load_duration + last.prompt_eval_duration + last.eval_duration


async def test_an_answer_can_come_in_one_piece(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always(Reply(text=["二十", "分钟"], thinking="想一想"))
    answer = await client.chat(model=QWEN.name, messages=ASKED, think=True)
    assert (answer.message.content, answer.message.thinking, answer.eval_count) == ("二十分钟", "想一想", 5)


async def test_a_function_of_the_request_may_write_the_answer(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always(Reply(text=lambda body: body["messages"][-1]["content"].upper()))
    answer = await client.chat(model=LLAMA.name, messages=[{"role": "user", "content": "rice"}])
    assert answer.message.content == "RICE"


async def test_a_reply_for_once_goes_before_the_reply_for_always(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always("三")
    ollama.once("一")
    ollama.once("二")
    answers = [(await client.chat(model=LLAMA.name, messages=ASKED)).message.content for _ in range(4)]
    assert answers == ["一", "二", "三", "三"]


@pytest.mark.parametrize(("think", "thought"), [(None, "想"), (True, "想"), ("low", "想"), (False, None)])
async def test_a_model_that_thinks_does_so_unless_it_is_told_not_to(
    ollama: FakeOllama, client: library.AsyncClient, think: bool | str | None, thought: str | None
) -> None:
    ollama.always(Reply(text="答", thinking="想"))
    answer = await client.chat(model=QWEN.name, messages=ASKED, think=think)
    assert (answer.message.thinking, answer.message.content) == (thought, "答")


async def test_thoughts_count_against_the_length_of_the_answer(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always(Reply(text="二十分钟", thinking="想一想"))
    *pieces, last = await chat(client, options={"num_predict": 5})
    assert [part.message.content for part in pieces if part.message.content] == ["二", "十"]
    assert (last.done_reason, last.eval_count) == ("length", 5)


async def test_a_prompt_that_is_too_long_loses_its_oldest_messages_but_never_the_system_message(
    ollama: FakeOllama, client: library.AsyncClient
) -> None:
    said = [{"role": "system", "content": "规" * 20}]
    said += [{"role": role, "content": f"{n}" + "话" * 40} for n in range(3) for role in ("user", "assistant")]
    answer = await client.chat(model=QWEN.name, messages=[*said, *ASKED], options={"num_ctx": 150})
    assert [message["content"][0] for message in ollama.chats[0].dropped] == ["0", "0", "1", "1"]
    assert answer.prompt_eval_count == (20 + 4) + 2 * (41 + 4) + (7 + 4)


async def test_the_last_message_stays_even_when_it_alone_is_too_long(ollama: FakeOllama, client: library.AsyncClient) -> None:
    asked = [*ASKED, {"role": "user", "content": "长" * 500}]
    answer = await client.chat(model=QWEN.name, messages=asked, options={"num_ctx": 100})
    assert (len(ollama.chats[0].dropped), answer.prompt_eval_count) == (1, 100)


async def test_no_window_is_wider_than_the_model_was_trained_for(client: library.AsyncClient) -> None:
    await client.chat(model=LLAMA.name, messages=ASKED, options={"num_ctx": 10_000_000})
    assert (await client.ps()).models[0].context_length == LLAMA.context_length


async def test_every_request_is_recorded(ollama: FakeOllama, client: library.AsyncClient) -> None:
    await client.list()
    await client.chat(model=LLAMA.name, messages=ASKED, options={"temperature": 0.5}, keep_alive="1h")
    assert [received.path for received in ollama.received] == [TAGS, CHAT]
    asked = ollama.chats[0]
    assert (asked.messages, asked.options, asked.body["keep_alive"], asked.status) == (ASKED, {"temperature": 0.5}, "1h", 200)
    assert "ollama-python" in asked.headers["User-Agent"]


async def test_a_test_can_wait_for_a_request(ollama: FakeOllama, client: library.AsyncClient) -> None:
    waiting = asyncio.create_task(ollama.wait_for(number=2))
    await chat(client)
    assert not waiting.done()
    await chat(client)
    assert (await waiting) is ollama.chats[1]


# Embeddings


async def test_texts_that_share_words_have_embeddings_near_one_another(client: library.AsyncClient) -> None:
    rice, steamed, tea = (await client.embed(BGE.name, ["米饭煮二十分钟", "米饭要煮多久", "green tea"])).embeddings

    def likeness(one: object, two: object) -> float:
        return sum(a * b for a, b in zip(one, two, strict=True))  # type: ignore[call-overload]

    assert likeness(rice, rice) == pytest.approx(1)
    assert likeness(rice, steamed) > likeness(rice, tea) + 0.2


async def test_embeddings_are_the_same_in_every_run(client: library.AsyncClient) -> None:
    first, second = (await client.embed(BGE.name, ["米饭", "米饭"])).embeddings
    assert first == second
    assert {at: round(value, 4) for at, value in enumerate(first) if value} == {4: -0.7071, 56: 0.7071}


async def test_embeddings_can_be_scripted_and_shortened(ollama: FakeOllama, client: library.AsyncClient) -> None:
    assert len((await client.embed(BGE.name, "米饭", dimensions=16)).embeddings[0]) == 16
    ollama.always(Reply(embeddings=lambda texts: [[float(len(text))] for text in texts]), to=EMBED)
    assert (await client.embed(BGE.name, ["a", "bc"])).embeddings == [[1.0], [2.0]]


async def test_no_input_gives_no_embeddings(client: library.AsyncClient) -> None:
    assert (await client.embed(BGE.name, [])).embeddings == []
    assert (await client.embed(BGE.name, "")).embeddings == []


async def test_a_text_longer_than_the_window_is_cut_unless_that_is_forbidden(client: library.AsyncClient) -> None:
    answer = await client.embed(BGE.name, "长" * 50, options={"num_ctx": 10})
    assert answer.prompt_eval_count == 10
    with pytest.raises(library.ResponseError, match="exceeds maximum context length"):
        await client.embed(BGE.name, "长" * 50, options={"num_ctx": 10}, truncate=False)


# What it refuses


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "missing request body"),
        (b"{", 400, "invalid character"),
        (b"[]", 400, "cannot unmarshal array"),
        ({"messages": []}, 400, "model is required"),
        ({"model": "gone", "messages": []}, 404, "model 'gone' not found"),
        ({"model": 7}, 400, "cannot unmarshal number into Go struct field Request.model of type string"),
        ({"model": "qwen3:8b", "messages": "hi"}, 400, "of type array"),
        ({"model": "qwen3:8b", "messages": ["hi"]}, 400, "of type api.Message"),
        ({"model": "qwen3:8b", "messages": [{"role": "user", "content": ["hi"]}]}, 400, "messages.content of type string"),
        ({"model": "qwen3:8b", "messages": [{"role": "robot", "content": "hi"}]}, 400, "unknown role 'robot'"),
        ({"model": "qwen3:8b", "messages": [{"role": "user"}]}, 400, "without content"),
        ({"model": "qwen3:8b", "stream": "yes"}, 400, "of type bool"),
        ({"model": "qwen3:8b", "num_ctx": 4096}, 400, "unknown field 'num_ctx'"),
        ({"model": "qwen3:8b", "options": {"num_contxt": 4096}}, 400, "unknown option 'num_contxt'"),
        ({"model": "qwen3:8b", "options": {"num_ctx": "4096"}}, 400, 'option "num_ctx" must be of type integer'),
        ({"model": "qwen3:8b", "options": {"use_mmap": 1}}, 400, 'option "use_mmap" must be of type boolean'),
        ({"model": "qwen3:8b", "options": {"temperature": True}}, 400, 'option "temperature" must be of type float32'),
        ({"model": "qwen3:8b", "options": {"stop": "."}}, 400, 'option "stop" must be of type array'),
        ({"model": "qwen3:8b", "options": {"stop": [1]}}, 400, 'option "stop" must be of an array of strings'),
        ({"model": "qwen3:8b", "keep_alive": "300"}, 400, 'missing unit in duration "300"'),
        ({"model": "qwen3:8b", "keep_alive": "for ever"}, 400, 'invalid duration "for ever"'),
        ({"model": "qwen3:8b", "keep_alive": True}, 400, "Unsupported type"),
        ({"model": "qwen3:8b", "think": "hard"}, 400, "invalid think value"),
        ({"model": "llama3.2:3b", "think": True}, 400, '"llama3.2:3b" does not support thinking'),
        ({"model": "bge-m3", "messages": []}, 400, '"bge-m3" does not support chat'),
        ({"model": "qwen3:8b", "truncate": False, "options": {"num_ctx": 5}, "messages": ASKED}, 400, "maximum context length"),
    ],
)
async def test_a_wrong_chat_is_refused_with_the_reason(
    raw: httpx.AsyncClient, body: dict[str, object] | bytes, status: int, said: str
) -> None:
    answer = await raw.post(CHAT, content=body if isinstance(body, bytes) else json.dumps(body))
    assert answer.status_code == status
    assert said in answer.json()["error"]


@pytest.mark.parametrize("keep_alive", [0, -1, 300, 1.5, "30m", "1h30m", "-1s", "500ms", "0", None])
async def test_every_form_of_a_duration_is_taken(raw: httpx.AsyncClient, keep_alive: object) -> None:
    answer = await raw.post(CHAT, json={"model": "qwen3:8b", "messages": ASKED, "stream": False, "keep_alive": keep_alive})
    assert answer.status_code == 200


@pytest.mark.parametrize("wrong", [5, [1], [["a"]], {"text": "a"}])
async def test_an_input_that_is_no_text_is_refused(raw: httpx.AsyncClient, wrong: object) -> None:
    answer = await raw.post(EMBED, json={"model": "bge-m3", "input": wrong})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid input type"})


@pytest.mark.parametrize(("path", "body"), [(SHOW, {"model": "gone"}), (EMBED, {"model": "gone", "input": "a"})])
async def test_a_model_that_is_not_there_is_refused_everywhere(raw: httpx.AsyncClient, path: str, body: dict[str, str]) -> None:
    answer = await raw.post(path, json=body)
    assert (answer.status_code, answer.json()) == (404, {"error": "model 'gone' not found"})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", CHAT), ("GET", SHOW), ("DELETE", EMBED), ("POST", TAGS), ("PUT", "/api/ps")]
)
async def test_a_wrong_method_is_refused(raw: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await raw.request(method, path)).status_code == 405


async def test_an_unknown_path_is_not_found(raw: httpx.AsyncClient) -> None:
    assert (await raw.get("/api/nothing")).status_code == 404


async def test_refused_requests_are_recorded_too(ollama: FakeOllama, raw: httpx.AsyncClient) -> None:
    await raw.post(CHAT, content=b"{")
    assert [(received.path, received.status) for received in ollama.received] == [(CHAT, 400)]


# How it misbehaves


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        (Trouble.HALF_A_LINE, json.JSONDecodeError, "line 1"),
        (Trouble.GARBAGE_LINE, json.JSONDecodeError, "Expecting value"),
        (Trouble.ODD_LINE, AttributeError, "has no attribute 'get'"),
        (Trouble.RESET, httpx.RemoteProtocolError, "closed connection"),
        (Trouble.ERROR_LINE, library.ResponseError, "unexpected EOF"),
    ],
)
async def test_a_stream_can_break_after_some_pieces(
    ollama: FakeOllama, client: library.AsyncClient, trouble: Trouble, error: type[Exception], said: str
) -> None:
    ollama.always(Reply(text="一二三四", trouble=trouble, after=2))
    stream = await client.chat(model=QWEN.name, messages=ASKED, stream=True)
    assert [(await anext(stream)).message.content for _ in range(2)] == ["一", "二"]
    with pytest.raises(error, match=said):
        await anext(stream)
    assert ollama.chats[0].sent == ["一", "二"]


async def test_a_stream_can_end_without_saying_that_it_is_done(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always(Reply(text="一二三四", trouble=Trouble.NO_DONE, after=3))
    parts = await chat(client)
    assert [(part.message.content, part.done) for part in parts] == [("一", False), ("二", False), ("三", False)]


@pytest.mark.parametrize(("trouble", "status", "said"), [(Trouble.SERVER_ERROR, 500, "EOF"), (Trouble.BAD_GATEWAY, 502, "<h1>")])
async def test_the_server_can_be_broken_altogether(
    ollama: FakeOllama, client: library.AsyncClient, trouble: Trouble, status: int, said: str
) -> None:
    for path in (CHAT, TAGS, SHOW, EMBED):
        ollama.always(Reply(trouble=trouble), to=path)
    for ask in (chat(client), client.list(), client.show(QWEN.name), client.embed(BGE.name, "a")):
        with pytest.raises(library.ResponseError, match=said) as refused:
            await ask
        assert refused.value.status_code == status


@pytest.mark.parametrize("path", [TAGS, SHOW, EMBED, CHAT])
@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.HALF_A_LINE, json.JSONDecodeError),
        (Trouble.GARBAGE_LINE, json.JSONDecodeError),
        (Trouble.ODD_LINE, TypeError),
        (Trouble.RESET, httpx.RemoteProtocolError),
        (Trouble.ERROR_LINE, library.ResponseError),
    ],
)
async def test_an_answer_in_one_piece_can_be_broken_too(
    ollama: FakeOllama, client: library.AsyncClient, path: str, trouble: Trouble, error: type[Exception]
) -> None:
    ollama.always(Reply(trouble=trouble), to=path)
    ask = {
        TAGS: client.list,
        SHOW: lambda: client.show(QWEN.name),
        EMBED: lambda: client.embed(BGE.name, "a"),
        CHAT: lambda: client.chat(model=QWEN.name, messages=ASKED),
    }
    with pytest.raises(error):
        await ask[path]()


async def test_the_server_can_be_somebody_elses(ollama: FakeOllama, raw: httpx.AsyncClient) -> None:
    ollama.once(Reply(instead={"status": "ok"}), to=TAGS)
    assert (await raw.get(TAGS)).json() == {"status": "ok"}


async def test_an_answer_can_wait_for_the_model_to_load(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.once(Reply(text="好", trouble=Trouble.LOADING))
    answering = asyncio.create_task(chat(client))
    asked = await ollama.wait_for()
    assert (answering.done(), asked.sent) == (False, [])
    ollama.resume()
    assert "".join(part.message.content or "" for part in await answering) == "好"


async def test_there_can_be_dead_air_between_two_pieces(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.once(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=2))
    stream = await client.chat(model=QWEN.name, messages=ASKED, stream=True)
    assert [(await anext(stream)).message.content for _ in range(2)] == ["一", "二"]
    third = asyncio.ensure_future(anext(stream))
    assert not (await asyncio.wait([third], timeout=0.05))[0]
    ollama.resume()
    assert (await third).message.content == "三"
    assert (await anext(stream)).done


async def test_it_sees_a_client_leave_in_the_middle_of_a_stream(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.once(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=1))
    stream = await client.chat(model=QWEN.name, messages=ASKED, stream=True)
    await anext(stream)
    assert not ollama.chats[0].hung_up.is_set()
    await stream.aclose()
    async with asyncio.timeout(10):
        await ollama.chats[0].hung_up.wait()
    assert ollama.chats[0].sent == ["一"]


async def test_a_client_that_reads_to_the_end_has_not_hung_up(ollama: FakeOllama, client: library.AsyncClient) -> None:
    await chat(client)
    assert not ollama.chats[0].hung_up.is_set()


async def test_an_embedding_can_be_missing(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always(Reply(trouble=Trouble.FEWER_EMBEDDINGS), to=EMBED)
    assert len((await client.embed(BGE.name, ["a", "b", "c"])).embeddings) == 2


async def test_a_model_can_repeat_itself_without_end(ollama: FakeOllama, client: library.AsyncClient) -> None:
    ollama.always(Reply(text=looped("还是米饭。", times=30)))
    assert "".join(part.message.content or "" for part in await chat(client)) == "还是米饭。" * 30


async def test_a_stopped_server_refuses_connections_and_comes_back_at_the_same_address(
    ollama: FakeOllama, client: library.AsyncClient
) -> None:
    await ollama.stop()
    with pytest.raises(ConnectionError):
        await client.list()
    await ollama.start()
    assert (await client.list()).models


async def test_it_has_the_models_that_it_is_given() -> None:
    async with FakeOllama(models=[FakeModel(name="tiny:1b", context_length=512)]) as server:
        client = library.AsyncClient(server.url, trust_env=False)
        assert [model.model for model in (await client.list()).models] == ["tiny:1b"]
        await client.close()


@pytest.mark.parametrize("text", ["", "米饭 takes 20 minutes.\n", "  a\u3000b ", "snake_case, 🍚🍚!", "\n\n", "ﬁ ½ é́"])
def test_tokens_joined_are_the_text_again(text: str) -> None:
    assert "".join(tokens_of(text)) == text
