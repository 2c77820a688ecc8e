from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

import prompts
from bot.llm import ChatModel, Chunk, ModelPool, OllamaModel
from bot.memory import Remembered
from bot.rag import AnswerStyle
from bot.rag.generation import WEAK
from bot.rag.pipeline import Assistant, Models
from bot.settings import ModelSettings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState, Citation, Place, Question
from knowledge.notebook import Notebook, Query
from knowledge.notes import Vault
from knowledge.vectors import OllamaEmbedder
from tests.bot.making import HOME, NOTES, indexed, question, write
from tests.bot.rag.numbering import numbered_answer, numbers_shown, pieces_of
from tests.fakes.model import ScriptedModel
from tests.fakes.ollama import BGE, EMBED, LLAMA, QWEN, FakeOllama, Reply, Trouble, looped

RICE = "米饭要煮多久？"
Make = Callable[..., Assistant]


@pytest.fixture
def make(notebook: Notebook, state: TurnStore) -> Make:
    """An assistant of the small vault, with a model or without."""

    def assistant(model: ChatModel | None = None, **manner: object) -> Assistant:
        return Assistant(
            notebook=notebook,
            state=state,
            models=Models(fast=model) if model else None,
            manner=AnswerStyle(**{"every_s": 0, **manner}),
        )  # type: ignore[arg-type]

    return assistant


async def snapshots(assistant: Assistant, asked: Question | str = RICE) -> list[Answer]:
    return [answer async for answer in assistant.ask(question(asked) if isinstance(asked, str) else asked)]


async def last(assistant: Assistant, asked: Question | str = RICE) -> Answer:
    return (await snapshots(assistant, asked))[-1]


def states(answers: list[Answer]) -> list[AnswerState]:
    return [answer.state for answer in answers]


def assert_sources_are_in_the_notes(answer: Answer) -> None:
    assert [source.n for source in answer.citations] == sorted({source.n for source in answer.citations})
    for source in answer.citations:
        assert source.text == NOTES[source.path][source.start : source.end]


# Snapshots


async def test_snapshots_grow_and_the_last_one_is_final(make: Make) -> None:
    answers = await snapshots(make(ScriptedModel("煮二十", "分钟", " [1]。")))
    assert states(answers) == [AnswerState.THINKING, *[AnswerState.PARTIAL] * 4, AnswerState.MODEL]
    assert [answer.text for answer in answers[2:-1]] == ["煮二十", "煮二十分钟", "煮二十分钟 [1]。"]
    assert [answer.final for answer in answers] == [False] * 5 + [True]


async def test_before_the_model_has_read_anything_the_best_quotation_is_shown_with_its_source(make: Make) -> None:
    async with aclosing(make(ScriptedModel("二十分钟。")).ask(question(RICE))) as answers:  # type: ignore[type-var]
        shown = [await anext(answers), await anext(answers)][-1]
    assert shown.text.startswith("> 米饭要先洗两遍，再煮二十分钟。 [1]")
    assert [source.path for source in shown.citations] == ["cooking/rice.md"]
    assert "[1] 米饭（" in shown.text


async def test_only_the_last_snapshot_has_an_id(make: Make, state: TurnStore) -> None:
    answers = await snapshots(make(ScriptedModel("煮 [1]。")))
    assert [bool(answer.id) for answer in answers] == [False] * (len(answers) - 1) + [True]
    assert (await state.recent_turns(HOME, 1))[0].answer_id == answers[-1].id


async def test_every_answer_has_an_id_of_its_own(make: Make) -> None:
    assistant = make()
    assert (await last(assistant)).id != (await last(assistant)).id


# Answers of the model


async def test_an_answer_names_those_of_its_sources_that_it_cites(make: Make) -> None:
    answer = await last(make(ScriptedModel("先洗两遍 [1]，再煮。")))
    assert (answer.text, [source.n for source in answer.citations]) == ("先洗两遍 [1]，再煮。", [1])
    assert_sources_are_in_the_notes(answer)
    assert answer.citations[0].path == "cooking/rice.md"


async def test_numbers_that_were_not_given_are_gone_from_the_last_snapshot(make: Make) -> None:
    answer = await last(make(ScriptedModel("煮二十分钟 [1][99]，", "比例一比一 [0, 42]。")))
    assert answer.text == "煮二十分钟 [1]，比例一比一 。"
    assert [source.n for source in answer.citations] == [1]


async def test_when_the_model_says_that_the_notes_do_not_say_the_nearest_place_is_quoted(make: Make) -> None:
    answer = await last(make(ScriptedModel("笔记里没有找到。")))
    assert answer.state is AnswerState.EXCERPTS
    assert answer.text.startswith(prompts.load("texts").say("model_found_nothing", "zh"))


async def test_a_source_is_named_by_code_where_the_model_names_none_or_a_wrong_one(make: Make) -> None:
    for said in ("米饭要煮二十分钟。", "米饭要煮二十分钟。[2]", "米饭要煮 20 分钟 [3]。"):
        answer = await last(make(ScriptedModel(said)), question(RICE, alone=True))
        assert [source.path for source in answer.citations] == ["cooking/rice.md"], said


async def test_a_number_that_stands_nowhere_goes_with_its_sentence(make: Make) -> None:
    answer = await last(make(ScriptedModel("米饭要煮二十分钟。", "之后再焖 45 分钟。")))
    assert "45" not in answer.text
    assert answer.text.endswith(prompts.load("texts").say("unsupported_left_out", "zh", n=1))


async def test_while_a_sentence_is_written_it_is_shown_up_to_what_it_may_have_made_up(make: Make) -> None:
    answers = await snapshots(make(ScriptedModel("米饭要煮", "二十分钟。之后", "再焖 45", " 分钟。")))
    assert not any("45" in answer.text for answer in answers)


async def test_such_a_sentence_can_be_marked_instead_but_never_in_a_group(make: Make) -> None:
    assistant = make(ScriptedModel("米饭要煮二十分钟。", "之后再焖 45 分钟。"), unsupported="marked")
    answer = await last(assistant, question(RICE, alone=True))
    assert "之后再焖 45 分钟" + prompts.load("texts").say("not_from_notes", "zh") in answer.text
    group = replace(HOME, private=False)
    assert "45" not in (await last(assistant, replace(question(RICE, alone=True), place=group, again=True))).text


async def test_an_answer_of_which_nothing_stands_in_the_notes_becomes_a_quotation(make: Make) -> None:
    answer = await last(make(ScriptedModel("猫喜欢睡在纸箱里 [1]。")))
    assert answer.state is AnswerState.EXCERPTS
    assert "纸箱" not in answer.text


async def test_blanks_around_an_answer_go(make: Make) -> None:
    assert (await last(make(ScriptedModel("\n\n", "二十分钟。", "\n")))).text == "二十分钟 [1]。"


async def test_the_receipt_tells_how_the_answer_came_about(make: Make, notebook: Notebook) -> None:
    model = ScriptedModel("煮 [1]。", name="qwen3:8b")
    receipt = (await last(make(model))).receipt
    given = str(model.told[0][-1].content).split("<<<")[1:]
    assert (receipt.searched, receipt.model, receipt.why_no_model) == (RICE, "qwen3:8b", "")
    assert (receipt.found, len(receipt.used)) == (len(given), len(given))
    assert receipt.total_ms >= receipt.search_ms > 0


async def test_no_more_passages_are_given_than_is_set(make: Make) -> None:
    model = ScriptedModel("好 [1]。")
    answer = await last(make(model, passages=1))
    assert len(answer.receipt.used) == 1
    assert "<<<2." not in str(model.told[0][-1].content)


@pytest.mark.parametrize(("asked", "rule"), [(RICE, "用中文回答"), ("How long does green tea steep?", "Answer in English")])
async def test_the_model_answers_in_the_language_of_the_question(make: Make, asked: str, rule: str) -> None:
    model = ScriptedModel("好。")
    await last(make(model), question(asked))
    assert rule in str(model.told[0][0].content)


@pytest.mark.parametrize(("language", "rule"), [("zh", "用中文回答"), ("en", "Answer in English")])
async def test_a_question_without_words_is_answered_in_the_language_of_the_person(
    make: Make, notebook: Notebook, language: str, rule: str
) -> None:
    write(notebook.vault.root, {"years.md": "1984, 2001\n"})
    await notebook.index()
    model = ScriptedModel("好。")
    await last(make(model), question("1984 2001?", language=language))  # type: ignore[arg-type]
    assert rule in str(model.told[0][0].content)


async def test_the_length_of_answers_is_set(make: Make) -> None:
    model = ScriptedModel("好。")
    await last(make(model, length="short"))
    assert "用一两句话回答。" in str(model.told[0][0].content)


# Answers of excerpts


async def test_without_a_model_the_notes_are_quoted_word_for_word(make: Make) -> None:
    answers = await snapshots(make())
    assert states(answers) == [AnswerState.THINKING, AnswerState.EXCERPTS]
    answer = answers[-1]
    assert answer.text.startswith("笔记里这样写：\n\n**米饭**\n\n> 米饭要先洗两遍，再煮二十分钟。")
    assert_sources_are_in_the_notes(answer)
    assert answer.citations[0].text.startswith("# 米饭\n\n米饭要先洗两遍，再煮二十分钟。")
    assert answer.receipt.used[0] == answer.citations[0].passage


async def test_every_quoted_line_is_in_its_source_and_every_source_is_quoted(make: Make) -> None:
    answer = await last(make())
    for source in answer.citations:
        assert "\n".join(_quoted_lines(source)) + f" [{source.n}]" in answer.text
    assert answer.text.count("\n> ") == sum(len(_quoted_lines(source)) for source in answer.citations)


def _quoted_lines(source: Citation) -> list[str]:
    """What is shown of a source: its heading stands above the quote."""
    return [f"> {line.strip()}" for line in source.text.splitlines() if line.strip() and not line.startswith("#")]


async def test_context_of_another_heading_stands_under_that_heading(make: Make) -> None:
    answer = await last(make(), "炒饭用什么饭？")
    for source in answer.citations:
        assert f"**{' › '.join(dict.fromkeys((source.title, *source.heading)))}**" in answer.text


async def test_as_many_sentences_are_quoted_as_is_set(make: Make) -> None:
    one, three = await last(make(excerpts=1)), await last(make(excerpts=3))
    assert one.citations[0].text == "# 米饭\n\n米饭要先洗两遍，再煮二十分钟。"
    assert sum(source.text.count("。") for source in three.citations) in (2, 3)


async def test_as_many_characters_are_quoted_as_are_set(make: Make) -> None:
    answer = await last(make(characters=50))
    assert 1 <= sum(len(source.text) for source in answer.citations) <= 50


@pytest.mark.parametrize(("asked", "lead"), [(RICE, "笔记里这样写："), ("How long does tea steep?", "The notes say:")])
async def test_excerpts_are_introduced_in_the_language_of_the_question(make: Make, asked: str, lead: str) -> None:
    assert (await last(make(), asked)).text.startswith(lead)


# When the model fails


async def test_a_model_that_fails_at_once_is_replaced_by_excerpts_with_the_reason(make: Make) -> None:
    answers = await snapshots(make(ScriptedModel(fails="no Ollama at http://x")))
    assert states(answers) == [AnswerState.THINKING, AnswerState.PARTIAL, AnswerState.EXCERPTS]
    assert "no Ollama at http://x" in answers[-1].text.splitlines()[0]
    assert answers[-1].text.startswith(prompts.load("texts").say("no_model", "zh", why="no Ollama at http://x"))
    assert (answers[-1].receipt.why_no_model, answers[-1].receipt.model) == ("no Ollama at http://x", "")


async def test_a_model_that_fails_in_the_middle_is_replaced_by_excerpts_and_its_words_go(make: Make) -> None:
    answers = await snapshots(make(ScriptedModel("煮三", "小时", fails="gave no word in time")))
    assert states(answers) == [AnswerState.THINKING, *[AnswerState.PARTIAL] * 3, AnswerState.EXCERPTS]
    assert "煮三" not in answers[-1].text
    assert "米饭要先洗两遍，再煮二十分钟。" in answers[-1].citations[0].text
    assert_sources_are_in_the_notes(answers[-1])


@pytest.mark.parametrize("pieces", [(), ("",), (" ", "\n\n")])
async def test_a_model_that_says_nothing_is_replaced_by_excerpts(make: Make, pieces: tuple[str, ...]) -> None:
    answer = await last(make(ScriptedModel(*pieces, name="mute:1b")))
    assert (answer.state, answer.receipt.why_no_model) == (AnswerState.EXCERPTS, "mute:1b said nothing")


async def test_a_failure_is_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    await last(make(ScriptedModel(fails="no Ollama at http://x")))
    assert "answered by excerpts: no Ollama at http://x" in caplog.text


async def test_a_programming_error_is_not_hidden(make: Make) -> None:
    class Broken(ScriptedModel):
        async def window(self) -> int:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await snapshots(make(Broken("好")))


# When the notes do not say


@pytest.fixture
async def nothing(vault: Path, data: Path, state: TurnStore) -> Assistant:
    return Assistant(notebook=indexed(vault, data), state=state, models=Models(fast=ScriptedModel("编造的回答")))


@pytest.mark.parametrize(
    ("asked", "said"), [(RICE, "笔记里没有找到答案。"), ("How long?", "The notes do not seem to answer this.")]
)
async def test_when_nothing_is_found_the_bot_says_so_and_does_not_ask_the_model(
    nothing: Assistant, asked: str, said: str
) -> None:
    answers = await snapshots(nothing, asked)
    assert states(answers) == [AnswerState.THINKING, AnswerState.ABSTAINED]
    assert (answers[-1].text, answers[-1].citations) == (said, ())
    assert answers[-1].id


async def test_a_question_that_was_not_answered_is_recorded_too(nothing: Assistant, state: TurnStore) -> None:
    answer = await last(nothing)
    (turn,) = await state.recent_turns(HOME, 5)
    assert (turn.answer_id, turn.asked, turn.answered) == (answer.id, RICE, answer.text)


# What is remembered


async def test_the_turn_is_recorded_with_its_sources(make: Make, state: TurnStore) -> None:
    answer = await last(make(ScriptedModel("煮二十分钟 [1][9]。")))
    (turn,) = await state.recent_turns(HOME, 5)
    assert (turn.asked, turn.answered) == (RICE, "煮二十分钟 [1]。")
    assert await state.sources(answer.id) == answer.citations
    assert await state.last_answer_with_sources(HOME) == answer.id


async def test_a_snapshot_that_nobody_waits_for_is_not_recorded(make: Make, state: TurnStore) -> None:
    async with aclosing(make(ScriptedModel("煮", "二十")).ask(question(RICE))) as answers:  # type: ignore[type-var]
        async for answer in answers:
            if answer.state is AnswerState.PARTIAL:
                break
    assert await state.recent_turns(HOME, 5) == ()


async def test_the_model_is_told_the_earlier_turns_of_the_place(make: Make) -> None:
    model = ScriptedModel("答 [1]。")
    assistant = make(model)
    await last(assistant, RICE)
    await last(assistant, "米饭和水的比例是多少？")
    await last(assistant, question("炒饭用什么饭？", place=Place(platform="terminal", chat="elsewhere")))
    told = [[str(message.content) for message in messages[1:-1]] for messages in model.told]
    assert told == [[], [str(model.told[0][-1].content), "答。"], []]


async def test_a_second_question_of_a_chat_begins_with_all_that_the_server_has_read(make: Make) -> None:
    model = ScriptedModel("米饭要煮二十分钟。")
    assistant = make(model)
    for asked in (RICE, "米饭和水的比例是多少？", "炒饭用什么饭？"):
        await last(assistant, asked)
    sent = [[str(message.content) for message in messages] for messages in model.told]
    for before, after in pairwise(sent):
        assert after[: len(before)] == before


async def test_after_a_start_the_turns_are_told_as_they_were_said(make: Make) -> None:
    await last(make(ScriptedModel("米饭要煮二十分钟。")), RICE)
    model = ScriptedModel("一比一点二。")
    await last(make(model), "米饭和水的比例是多少？")
    assert [str(message.content) for message in model.told[0][1:-1]] == [RICE, "米饭要煮二十分钟。"]


async def test_a_question_that_stands_alone_ignores_what_was_said_before(make: Make) -> None:
    model = ScriptedModel("答 [1]。")
    assistant = make(model)
    await last(assistant, RICE)
    await last(assistant, question("米饭和水的比例是多少？", alone=True))
    assert [str(message.content) for message in model.told[1][1:-1]] == []


async def test_a_question_that_leans_is_searched_for_with_what_it_leans_on(make: Make) -> None:
    assistant = make(ScriptedModel("Two minutes [1]."))
    await last(assistant, "How long is green tea steeped?")
    assert "Green tea is steeped" in (await last(assistant, "那它呢？")).citations[0].text
    alone = await last(assistant, question("那它呢？", alone=True))
    assert not any("Green tea is steeped" in source.text for source in alone.citations)


async def test_six_earlier_turns_are_looked_at(make: Make) -> None:
    model = ScriptedModel("答。")
    assistant = make(model)
    for number in range(8):
        await last(assistant, "米饭要煮多久" + "？" * number)
    asked = [str(message.content) for message in model.told[-1][1:-1:2]]
    assert [words.rpartition("\n")[2].removeprefix("问题：") for words in asked] == [
        "米饭要煮多久" + "？" * number for number in range(1, 7)
    ]


# With the real adapter


class TestOverTheWire:
    @pytest.fixture
    async def wired(self, make: Make, ollama: FakeOllama) -> AsyncIterator[Assistant]:
        model = OllamaModel(ModelSettings(name=QWEN.name, url=ollama.url, silence_s=0.2))
        yield make(model)
        await model.close()

    async def test_an_answer_comes_from_the_server_with_its_sources(self, wired: Assistant, ollama: FakeOllama) -> None:
        ollama.always(Reply(text="先洗 [1]，后煮 [8]。", thinking="嗯"))
        answer = await last(wired)
        assert (answer.state, answer.text) == (AnswerState.MODEL, "先洗 [1]，后煮 。")
        assert_sources_are_in_the_notes(answer)

    @pytest.mark.parametrize(
        "trouble",
        [Trouble.ERROR_LINE, Trouble.GARBAGE_LINE, Trouble.HALF_A_LINE, Trouble.RESET, Trouble.DEAD_AIR, Trouble.SERVER_ERROR],
    )
    async def test_every_trouble_ends_in_excerpts(self, wired: Assistant, ollama: FakeOllama, trouble: Trouble) -> None:
        ollama.always(Reply(text="煮三小时", trouble=trouble, after=2))
        answer = await last(wired)
        assert answer.state is AnswerState.EXCERPTS
        assert "煮三" not in answer.text
        assert answer.receipt.why_no_model

    async def test_a_stopped_server_ends_in_excerpts(self, wired: Assistant, ollama: FakeOllama) -> None:
        await ollama.stop()
        assert (await last(wired)).text.startswith("（模型暂时用不上：no Ollama at http://127.0.0.1:")

    async def test_leaving_in_the_middle_stops_the_server(self, wired: Assistant, ollama: FakeOllama) -> None:
        ollama.always(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=1))
        async with aclosing(wired.ask(question(RICE))) as answers:  # type: ignore[type-var]
            async for answer in answers:
                if answer.text == "一":
                    break
        async with asyncio.timeout(10):
            await ollama.chats[0].hung_up.wait()

    async def test_cancelling_in_the_middle_stops_the_server(self, make: Make, ollama: FakeOllama) -> None:
        ollama.always(Reply(text="一二三", trouble=Trouble.DEAD_AIR, after=1))
        model = OllamaModel(ModelSettings(name=QWEN.name, url=ollama.url))
        answering = asyncio.create_task(snapshots(make(model)))
        asked = await ollama.wait_for()
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        async with asyncio.timeout(10):
            await asked.hung_up.wait()
        await model.close()


@pytest.mark.parametrize("asked", ["量子计算机什么时候能破解加密？", "Who won the chess tournament?"])
async def test_a_question_about_something_else_is_not_answered_from_the_notes(make: Make, asked: str) -> None:
    answer = await last(make(), asked)
    assert (answer.state, answer.citations) == (AnswerState.ABSTAINED, ())


async def test_when_nothing_is_near_the_answer_is_a_plain_no(make: Make) -> None:
    answer = await last(make(), "量子计算机哪年能破解密码？")
    assert (answer.state, answer.text) == (AnswerState.ABSTAINED, prompts.load("texts").say("abstained", "zh"))


async def test_what_comes_near_is_offered_with_one_quote_and_no_model_is_asked(make: Make, notebook: Notebook) -> None:
    asked = "鸡蛋的营养价值很高吗？"
    assert (await notebook.search(Query(question=asked))).near
    answer = await last(make(ScriptedModel("很高。")), asked)
    assert (answer.state, len(answer.citations)) == (AnswerState.NEAREST, 1)
    assert answer.text.startswith(prompts.load("texts").say("nearest_quote", "zh"))


async def test_notes_that_are_only_headings_have_nothing_to_quote_and_their_headings_are_shown(
    vault: Path, data: Path, state: TurnStore
) -> None:
    write(vault, {"plan.md": "# 米饭\n\n## 面条\n"})
    notebook = indexed(vault, data)
    answer = await last(Assistant(notebook=notebook, state=state), "米饭")
    notebook.close()
    assert (answer.state, answer.citations) == (AnswerState.ABSTAINED, ())
    assert "- 米饭" in answer.text


# A question that is too long


async def test_who_asks_too_long_a_question_is_told_that_the_model_saw_its_ends(make: Make) -> None:
    model = ScriptedModel("二十分钟 [1]。", window=2000)
    answer = await last(make(model), "米饭要煮多久？" + "米饭先洗" * 800 + "到底多久？")
    told = str(model.told[0][-1].content)
    assert "问题：米饭要煮多久？米饭先洗" in told
    assert told.endswith("到底多久？")
    assert answer.text == f"二十分钟 [1]。\n\n{prompts.load('texts').say('question_shortened', 'zh')}"


# Answers that were given before


PRIVATE, OTHER = Place(platform="telegram", chat="1"), Place(platform="telegram", chat="2")


async def test_the_same_question_is_answered_once_by_the_model(make: Make) -> None:
    model = ScriptedModel("二十分钟 [1]。")
    assistant = make(model)
    first, second = await last(assistant, question(RICE, place=PRIVATE)), await last(assistant, question(RICE, place=OTHER))
    assert (len(model.told), first.receipt.cached, second.receipt.cached) == (1, False, True)
    assert (second.text, second.citations) == (first.text, first.citations)
    assert second.id != first.id


async def test_an_answer_that_is_wanted_anew_comes_from_the_model(make: Make) -> None:
    model = ScriptedModel("二十分钟 [1]。")
    assistant = make(model)
    await last(assistant, question(RICE, alone=True))
    answer = await last(assistant, replace(question(RICE, alone=True), again=True))
    assert (len(model.told), answer.receipt.cached) == (2, False)


async def test_what_was_said_in_one_place_never_answers_in_another(make: Make) -> None:
    model = ScriptedModel("你说过的秘密 [1]。")
    assistant = make(model)
    for place in (PRIVATE, OTHER):
        await last(assistant, question("我的秘密是蓝色。米饭要先洗几遍？" if place is PRIVATE else RICE, place=place))
        answer = await last(assistant, question("炒饭用什么饭？", place=place))
        assert not answer.receipt.cached
    told = [" ".join(str(message.content) for message in messages) for messages in model.told]
    assert ["秘密是蓝色" in words for words in told] == [True, True, False, False]


async def test_an_answer_that_memory_was_told_for_is_not_kept(notebook: Notebook, state: TurnStore) -> None:
    class Remembers:
        async def recall(self, question: Question, window: object = (), *, budget: int) -> Remembered:
            assert budget > 0
            return Remembered(text="安不吃蒜。", used=("m1",))

        async def after(self, question: Question, answer: Answer) -> None:
            heard.append(answer.id)

    heard: list[str] = []
    model = ScriptedModel("二十分钟 [1]。")
    assistant = Assistant(notebook=notebook, state=state, models=Models(fast=model), memory=Remembers())
    for place in (PRIVATE, OTHER):
        answer = await last(assistant, question(RICE, place=place))
        assert (answer.receipt.cached, answer.receipt.memory) == (False, ("m1",))
    assert len(model.told) == 2
    assert "安不吃蒜" in str(model.told[0][-1].content)
    assert len(set(heard)) == 2


async def test_a_near_duplicate_is_answered_once_where_an_embedding_knows_meanings(
    notes: Path, data: Path, state: TurnStore, ollama: FakeOllama
) -> None:
    ollama.always(
        Reply(embeddings=lambda texts: [[1.0, *(text.count(letter) / 50 for letter in "米饭水炒粥")] for text in texts]), to=EMBED
    )
    embedder = OllamaEmbedder(model=BGE.name, url=ollama.url)
    notebook, model = Notebook(Vault(notes), data, embedder=embedder), ScriptedModel("二十分钟 [1]。")
    await notebook.index()
    assistant = Assistant(notebook=notebook, state=state, models=Models(fast=model))
    cached = [
        (await last(assistant, question(asked, place=place, alone=True))).receipt.cached
        for asked, place in [
            (RICE, PRIVATE),
            ("请问米饭要煮多长时间？", PRIVATE),
            ("米饭不要煮多久？", PRIVATE),
            ("请问米饭到底要煮多久？", OTHER),
            (RICE, OTHER),
        ]
    ]
    notebook.close()
    embedder.close()
    assert cached == [False, True, False, False, True]


async def test_the_name_of_who_asks_reaches_the_model_only_where_others_have_spoken(make: Make) -> None:
    group = Place(platform="telegram", chat="-5", private=False)
    model = ScriptedModel("二十分钟 [1]。")
    assistant = make(model)
    for asked in (RICE, "炒饭用什么饭？"):
        await last(assistant, question(asked, place=group))
    first, second = (str(messages[-1].content) for messages in model.told)
    assert first.endswith(f"问题：{RICE}")
    assert not second.endswith("问题：炒饭用什么饭？")


async def test_a_changed_note_makes_cached_answers_go(make: Make, notebook: Notebook) -> None:
    model = ScriptedModel("二十分钟 [1]。")
    assistant = make(model)
    await last(assistant, question(RICE, place=PRIVATE))
    write(notebook.vault.root, {"new.md": "# 面条\n\n面条煮三分钟。\n"})
    await notebook.index()
    assert not (await last(assistant, question(RICE, place=OTHER))).receipt.cached


# Two speeds, loops, places in a line


async def test_the_deep_model_answers_when_it_is_wanted(notebook: Notebook, state: TurnStore) -> None:
    fast, deep = ScriptedModel("快 [1]。", name="fast"), ScriptedModel("深 [1]。", name="deep")
    assistant = Assistant(notebook=notebook, state=state, models=Models(fast=fast, deep=deep))
    assert (await last(assistant, question(RICE, alone=True))).receipt.model == "fast"
    assert (await last(assistant, replace(question(RICE, alone=True), deep=True))).receipt.model == "deep"


def two_models(notebook: Notebook, state: TurnStore, fast: ChatModel, deep: ChatModel, *, unasked: bool = False) -> Assistant:
    models = Models(fast=fast, deep=deep, deep_unasked=unasked)
    return Assistant(notebook=notebook, state=state, models=models, manner=AnswerStyle(every_s=0))


@pytest.mark.parametrize(
    ("asked", "unasked", "name"),
    [
        (RICE, False, "fast"),
        ("炒饭和粥有什么区别？", False, "fast"),
        ("炒饭和粥有什么区别？", True, "deep"),
        ("米饭要先洗两遍，再煮多久？", True, "fast"),
    ],
)
async def test_the_deep_model_answers_what_is_hard_unasked_only_where_that_is_set(
    notebook: Notebook, state: TurnStore, asked: str, unasked: bool, name: str
) -> None:
    fast, deep = ScriptedModel("快 [1]。", name="fast"), ScriptedModel("深 [1]。", name="deep")
    answer = await last(two_models(notebook, state, fast, deep, unasked=unasked), question(asked, alone=True))
    assert answer.receipt.model == name


async def test_a_question_for_which_little_was_found_goes_to_the_deep_model(notebook: Notebook, state: TurnStore) -> None:
    fast, deep = ScriptedModel("快 [1]。", name="fast"), ScriptedModel("深 [1]。", name="deep")
    assistant = two_models(notebook, state, fast, deep, unasked=True)
    strengths = {}
    for asked in (RICE, "冷饭有什么营养？", "冷饭"):
        found = await notebook.search(Query(question=asked))
        answer = await last(assistant, question(asked, alone=True))
        if not found.abstained and not found.near:
            strengths[found.strength < WEAK] = answer.receipt.model
    assert strengths[True] == "deep"


async def test_when_the_deep_model_cannot_answer_the_fast_one_does_and_says_so_to_who_wanted_it(
    notebook: Notebook, state: TurnStore, caplog: pytest.LogCaptureFixture
) -> None:
    fast = ScriptedModel("快 [1]。", name="fast")
    caplog.set_level(logging.INFO)
    assistant = two_models(notebook, state, fast, ScriptedModel(fails="no room", name="deep"), unasked=True)
    wanted = await last(assistant, replace(question(RICE, alone=True), deep=True))
    assert wanted.text == f"快 [1]。\n\n{prompts.load('texts').say('without_deep', 'zh', why='no room')}"
    assert "not answered by deep: no room" in caplog.text
    unasked = await last(assistant, question("炒饭和粥有什么区别？", alone=True))
    assert (unasked.text, unasked.receipt.model) == ("快 [1]。", "fast")
    assert (await last(assistant, question(RICE, alone=True))).text == "快 [1]。"  # the remark is not kept for others


async def test_words_of_the_deep_model_that_were_shown_are_not_begun_anew_by_the_fast_one(
    notebook: Notebook, state: TurnStore
) -> None:
    fast = ScriptedModel("快 [1]。", name="fast")
    assistant = two_models(notebook, state, fast, ScriptedModel("深", fails="broke", name="deep"))
    assert (await last(assistant, replace(question(RICE), deep=True))).state is AnswerState.EXCERPTS
    assert fast.told == []


async def test_a_model_that_repeats_itself_is_stopped_and_cut(make: Make) -> None:
    model = ScriptedModel("先洗两遍 [1]。", *["然后再煮一次米饭看看。"] * 400)
    answer = await last(make(model))
    assert model.stopped
    assert answer.text.startswith("先洗两遍 [1]。")
    assert prompts.load("texts").say("looped", "zh") in answer.text
    assert (len(answer.text) < 300, answer.receipt.stopped) == (True, "loop")


async def test_an_answer_of_which_nothing_may_be_shown_is_replaced_by_excerpts(make: Make) -> None:
    system = prompts.load("answer").say("system", "zh", length="")
    answer = await last(make(ScriptedModel(system), unsupported="off"))
    assert (answer.state, answer.receipt.why_no_model) == (AnswerState.EXCERPTS, "scripted said nothing that may be shown")
    assert (await last(make(ScriptedModel(system)))).state is AnswerState.EXCERPTS


# Citations


async def test_no_number_that_was_not_given_ever_reaches_a_person(make: Make) -> None:
    chance = Random(7)

    class Numbers(ScriptedModel):
        async def stream(self, messages: object) -> AsyncIterator[Chunk]:
            for piece in pieces_of(numbered_answer(chance), chance):
                yield Chunk(text=piece)

    assistant = make(Numbers(), unsupported="off")
    for _ in range(40):
        answers = await snapshots(assistant, replace(question(RICE, alone=True), again=True))
        given = set(range(1, len(answers[-1].receipt.used) + 1))
        assert all(numbers_shown(answer.text) <= given for answer in answers)
        assert {source.n for source in answers[-1].citations} == numbers_shown(answers[-1].text)
        assert_sources_are_in_the_notes(answers[-1])


async def test_numbers_of_earlier_answers_never_name_new_passages(make: Make, state: TurnStore) -> None:
    model = ScriptedModel("先洗 [1]。")
    assistant = make(model)
    first = await last(assistant, RICE)
    await last(assistant, "炒饭用什么饭？")
    told = " ".join(str(message.content) for message in model.told[1][1:-1])
    assert not re.search(r"\[\d+\]", told)
    assert (await state.sources(first.id)) == first.citations


# Faults of the server, one by one


FAULTS = {
    Trouble.LOADING: "gave no word in time",
    Trouble.DEAD_AIR: "gave no word in time",
    Trouble.HALF_A_LINE: "not Ollama's",
    Trouble.RESET: "no Ollama at",
    Trouble.ERROR_LINE: "unexpected EOF",
    Trouble.GARBAGE_LINE: "not Ollama's",
    Trouble.ODD_LINE: "not Ollama's",
    Trouble.SERVER_ERROR: "unexpected EOF",
    Trouble.BAD_GATEWAY: "status 502",
    Trouble.NO_DONE: "broke off in the middle",
}


@pytest.mark.parametrize("trouble", FAULTS)
@pytest.mark.parametrize("after", [0, 2])
async def test_each_fault_ends_in_excerpts_in_time_with_its_cause_in_the_log_and_the_next_question_is_answered(
    make: Make, ollama: FakeOllama, caplog: pytest.LogCaptureFixture, trouble: Trouble, after: int
) -> None:
    settings = ModelSettings(name=QWEN.name, url=ollama.url, first_token_s=0.4, silence_s=0.4, total_s=5)
    model = ModelPool([OllamaModel(settings)])
    assistant = make(model)
    ollama.once(Reply(text="煮三小时", trouble=trouble, after=after))
    ollama.always("二十分钟 [1]。")
    async with asyncio.timeout(8):
        answer = await last(assistant, question(RICE, alone=True))
    assert answer.state is AnswerState.EXCERPTS
    nothing_came = (trouble, after) == (Trouble.NO_DONE, 0)
    cause = "not Ollama's" if nothing_came else FAULTS[trouble]
    assert cause in answer.receipt.why_no_model
    assert cause in caplog.text
    assert (await last(assistant, question(RICE, alone=True))).text == "二十分钟 [1]。"
    await model.close()


async def test_a_model_that_is_not_there_and_a_server_that_is_gone_end_in_excerpts_and_recover(
    make: Make, ollama: FakeOllama, caplog: pytest.LogCaptureFixture
) -> None:
    gone = ModelPool([OllamaModel(ModelSettings(name="gone:8b", url=ollama.url))])
    assert "ollama pull gone:8b" in (await last(make(gone))).receipt.why_no_model
    assert "ollama pull gone:8b" in caplog.text
    model = ModelPool([OllamaModel(ModelSettings(name=QWEN.name, url=ollama.url))])
    assistant = make(model)
    await ollama.stop()
    assert (await last(assistant)).state is AnswerState.EXCERPTS
    assert "no Ollama at" in caplog.text
    await ollama.start()
    ollama.always("二十分钟。")
    assert (await last(assistant, question(RICE, alone=True))).state is AnswerState.MODEL
    await gone.close()
    await model.close()


async def test_a_prompt_that_the_server_had_to_cut_ends_in_excerpts_and_the_next_one_fits(
    make: Make, ollama: FakeOllama, caplog: pytest.LogCaptureFixture
) -> None:
    ollama.always("二十分钟 [1]。")
    model = OllamaModel(ModelSettings(name=LLAMA.name, url=ollama.url, context=4096))
    assistant = make(model)
    asked = question(RICE + "?!#$" * 1500, alone=True)  # signs, of which each is a token to this server, and to many
    answer = await last(assistant, asked)
    assert answer.state is AnswerState.EXCERPTS
    assert "could not read the whole prompt (4096 tokens or more)" in answer.receipt.why_no_model
    assert "could not read the whole prompt" in caplog.text
    assert (await last(assistant, question(RICE, alone=True))).state is AnswerState.MODEL
    await model.close()


async def test_a_looping_stream_thoughts_and_wrong_numbers_are_no_reason_for_excerpts(make: Make, ollama: FakeOllama) -> None:
    model = OllamaModel(ModelSettings(name=LLAMA.name, url=ollama.url))
    assistant = make(model)
    ollama.once(Reply(text=["先洗两遍 [1]。", *looped("然后再煮一次米饭看看。", 400)]))
    ollama.once(Reply(text=["<thi", "nk>先想想 [1]</th", "ink>\n", "二十分钟 [1]。"]))
    ollama.once(Reply(text=["二十分钟 [", "9", "9][1", "]，【０】一比一 [^7", "]。"]))
    async with asyncio.timeout(10):
        answers = [await last(assistant, replace(question(RICE, alone=True), again=True)) for _ in range(3)]
        await ollama.chats[0].hung_up.wait()
    assert [answer.state for answer in answers] == [AnswerState.MODEL] * 3
    assert answers[0].text.startswith(f"先洗两遍 [1]。\n\n{prompts.load('texts').say('looped', 'zh')}")
    assert [answer.text for answer in answers[1:]] == ["二十分钟 [1]。", "二十分钟 [1]，一比一 。"]
    await model.close()


async def test_a_model_that_goes_on_with_its_prompt_is_stopped_and_what_it_repeats_is_not_shown(
    make: Make, ollama: FakeOllama
) -> None:
    model = OllamaModel(ModelSettings(name=LLAMA.name, url=ollama.url))
    repeated = "\n>>>\n\n<<<片段 2. 米饭\n" + "先洗两遍，再煮。" * 400
    ollama.once(Reply(text=["先洗两遍。", *(repeated[at : at + 5] for at in range(0, len(repeated), 5))]))
    async with asyncio.timeout(10):
        answer = await last(make(model), question(RICE, alone=True))
        await ollama.chats[0].hung_up.wait()
    assert (answer.state, answer.text) == (AnswerState.MODEL, "先洗两遍 [1]。")
    await model.close()


async def test_of_two_servers_the_second_answers_when_the_first_breaks_before_its_first_word(
    make: Make, ollama: FakeOllama, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeOllama() as other:
        ollama.always(Reply(text="煮三小时", trouble=Trouble.SERVER_ERROR))
        other.always("二十分钟 [1]。")
        settings = ModelSettings(name=QWEN.name, url=ollama.url)
        model = ModelPool([OllamaModel(settings), OllamaModel(settings, url=other.url)])
        answer = await last(make(model))
        await model.close()
    assert (answer.text, len(ollama.chats), len(other.chats)) == ("二十分钟 [1]。", 1, 1)
    assert "unexpected EOF (asked again in 5 s)" in caplog.text


async def test_once_words_were_shown_no_other_server_begins_anew(make: Make, ollama: FakeOllama) -> None:
    async with FakeOllama() as other:
        ollama.always(Reply(text="煮三小时", trouble=Trouble.ERROR_LINE, after=2))
        settings = ModelSettings(name=QWEN.name, url=ollama.url)
        model = ModelPool([OllamaModel(settings), OllamaModel(settings, url=other.url)])
        answers = await snapshots(make(model))
        await model.close()
        assert (answers[-1].state, len(ollama.chats), len(other.chats)) == (AnswerState.EXCERPTS, 1, 0)


async def test_who_waits_for_a_server_is_told_how_many_come_first(make: Make, ollama: FakeOllama) -> None:
    ollama.always(Reply(text="二十分钟 [1]。", trouble=Trouble.LOADING))
    model = ModelPool([OllamaModel(ModelSettings(name=QWEN.name, url=ollama.url))], each=1)
    assistant = make(model)
    first = asyncio.create_task(snapshots(assistant, question(RICE, place=PRIVATE)))
    await ollama.wait_for()
    second = asyncio.create_task(snapshots(assistant, question("米饭和水的比例是多少？", place=OTHER)))
    while not model._line.waiting:
        await asyncio.sleep(0.01)
    ollama.resume()
    assert (await first)[-1].state is AnswerState.MODEL
    await asyncio.sleep(0.05)
    ollama.resume()
    waited = await second
    await model.close()
    assert Answer(state=AnswerState.THINKING, text=prompts.load("texts").say("waiting", "zh", n=1)) in waited
    assert waited[-1].state is AnswerState.MODEL


async def test_a_long_conversation_never_outgrows_a_small_window_by_the_servers_own_count(make: Make, ollama: FakeOllama) -> None:
    ollama.always("米饭先洗两遍 [1]，再煮二十分钟，水和米的比例是一比一点二。" * 6)
    model = OllamaModel(ModelSettings(name=LLAMA.name, url=ollama.url, context=4096))
    assistant = make(model)
    for number in range(200):
        asked = "米饭要煮多久？" + "米饭要先洗两遍，再煮二十分钟。" * (number % 30)
        answer = await last(assistant, replace(question(asked), again=True))
        assert answer.state is AnswerState.MODEL
        assert answer.receipt.prompt_tokens + 700 <= 4096
    assert all(chat.dropped == () for chat in ollama.chats)
    await model.close()


# Messages that are no questions


@pytest.mark.parametrize(("said", "kind"), [("谢谢啦", AnswerState.TALK), ("这里都有哪些笔记", AnswerState.OVERVIEW)])
async def test_talk_and_overviews_ask_no_model_and_cite_nothing(make: Make, said: str, kind: AnswerState) -> None:
    model = ScriptedModel("不该说话。")
    answer = await last(make(model), said)
    assert (answer.state, answer.citations, model.told) == (kind, (), [])
    assert answer.id


async def test_a_note_is_summed_up_by_the_model_when_there_is_one(make: Make) -> None:
    model = ScriptedModel("炒饭用冷饭 [1]，粥用十倍的水 [2]。")
    answer = await last(make(model), "总结一下 rice.md")
    assert answer.state is AnswerState.MODEL
    assert [source.heading[-1] for source in answer.citations] == ["炒饭", "粥"]
    assert_sources_are_in_the_notes(answer)


async def test_a_note_is_summed_up_by_its_own_sentences_when_the_model_is_down(make: Make) -> None:
    answer = await last(make(ScriptedModel(fails="down")), "总结一下 rice.md")
    assert answer.state is AnswerState.OVERVIEW
    assert "> 炒饭要用隔夜的冷饭，油要烧热。 [1]" in answer.text
    assert_sources_are_in_the_notes(answer)


async def test_what_everybody_says_is_answered_in_the_language_spoken_so_far(make: Make) -> None:
    assistant = make()
    assert (await last(assistant, "ok")).text.startswith("Great")
    await last(assistant, RICE)
    assert (await last(assistant, "ok")).text.startswith("好的")


async def test_this_note_is_the_one_that_the_last_answer_rests_on(make: Make) -> None:
    assistant = make()
    await last(assistant, RICE)
    answer = await last(assistant, "这篇笔记里有什么")
    assert answer.state is AnswerState.OVERVIEW
    assert "**炒饭**" in answer.text
