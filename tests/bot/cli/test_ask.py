from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.running import Program, exchange
from tests.bot.making import NOTES, write
from tests.fakes.ollama import QWEN, FakeOllama, Reply, Trouble

Where = tuple[str | Path, ...]
RICE = "米饭要煮多久？"


def assert_is_an_answer(one: dict[str, Any], mode: str) -> None:
    """The stable form, with sources that are in the notes."""
    assert list(one) == ["id", "answer", "mode", "citations", "ms"]
    assert (one["mode"], type(one["id"]), type(one["answer"]), type(one["ms"])) == (mode, str, str, float)
    for source in one["citations"]:
        assert list(source) == ["n", "path", "start", "end", "lines", "heading"]
        quoted = NOTES[source["path"]][source["start"] : source["end"]]
        first = NOTES[source["path"]][: source["start"]].count("\n") + 1
        assert source["lines"] == [first, first + quoted.count("\n")]


def questions(*ones: object) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in ones)


def without_marks(answer: str) -> str:
    """As a model is told it: the numbers of its sources are those of another prompt."""
    return re.sub(r" \[\d+\]", "", answer)


# One question


async def test_an_answer_as_json_has_the_stable_form(run: Program, where: Where) -> None:
    ran = await run("ask", "--json", RICE, *where)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    (one,) = ran.objects
    assert_is_an_answer(one, "excerpts")
    assert one["id"] == "1"
    assert "米饭要先洗两遍" in ran.out
    assert "\\u" not in ran.out
    first = one["citations"][0]
    assert (first["n"], first["path"], first["heading"], first["lines"]) == (1, "cooking/rice.md", ["米饭"], [1, 3])
    assert NOTES[first["path"]][first["start"] : first["end"]].endswith("水和米的比例是一比一点二。")
    for source in one["citations"]:
        quoted = NOTES[source["path"]][source["start"] : source["end"]]
        lines = [f"> {line.strip()}" for line in quoted.splitlines() if line.strip() and not line.startswith("#")]
        assert "\n".join(lines) + f" [{source['n']}]" in one["answer"]


async def test_for_people_the_answer_is_printed_with_its_sources(run: Program, where: Where) -> None:
    ran = await run("ask", "--sentences", "1", "米饭要先洗", "几遍？", *where)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "笔记里这样写：\n\n**米饭**\n\n> 米饭要先洗两遍，再煮二十分钟。 [1]\n[1] 米饭  lines 1–3\n"


async def test_a_folder_without_notes_is_said_to_be_empty_and_is_not_searched(run: Program, vault: Path, data: Path) -> None:
    write(vault, {"a.pdf": "", "b/c.PDF": "", "d.docx": "", "e.png": ""})
    said = f"There are no notes yet: put .md files into {vault}.\nFiles of kinds that are not read: 3 (2 .pdf, 1 .docx).\n"
    for json_too in ((), ("--json",)):
        ran = await run("ask", *json_too, RICE, "--notes", vault, "--data", data)
        assert (ran.code, ran.out, ran.err) == (1, "", said)


# Its sources, by a second command


async def test_a_source_that_there_is_not_is_a_failure(run: Program, where: Where) -> None:
    await run("ask", *where, "粥要煮多久？")
    assert [(await run("source", *where, number)).code for number in ("1", "99")] == [0, 1]


async def test_the_sources_of_the_last_answer_can_be_looked_up_afterwards(run: Program, where: Where) -> None:
    await run("ask", RICE, *where)
    one, words = await asyncio.gather(run("source", "1", *where), run("source", "隔夜的", "冷饭", *where))
    assert one.out.startswith("[1] `cooking/rice.md` 米饭 (lines 1–3)\n")
    assert "\n> 米饭要先洗两遍，再煮二十分钟。" in one.out
    assert "> 炒饭要用隔夜的冷饭，油要烧热。" in words.out
    assert (one.code, words.code, one.err) == (0, 0, "")


# A file of questions


async def test_a_file_of_questions_is_answered_line_by_line_and_leaves_no_trace(run: Program, where: Where) -> None:
    leaning = await exchange(run, "How long is green tea steeped?", *where)
    asked = [
        {"id": "r", "question": RICE},
        {"id": 7, "question": "How long is green tea steeped?"},
        {"question": "炒饭用什么饭？"},
        {"question": "And black tea?", "history": leaning},
    ]
    write(run.folder, {"q.jsonl": "\n" + questions(*asked) + "  \n"})
    ran = await run("ask", "--json", "--questions", "q.jsonl", *where)
    assert (ran.code, [one["id"] for one in ran.objects]) == (0, ["r", "7", "4", "5"])
    for one, quoted in zip(ran.objects, ("再煮二十分钟", "for two minutes", "隔夜的冷饭", "Black tea"), strict=True):
        assert_is_an_answer(one, "excerpts")
        assert quoted in one["answer"]
    assert (await run("source", *where)).out == "There is no answer with sources yet. Ask something first.\n"


async def test_a_model_is_told_the_history_of_each_question_and_of_no_other_and_replaced_when_it_breaks(
    run: Program, where: Where, ollama: FakeOllama
) -> None:
    history = await exchange(run, RICE, *where)
    asked = [
        {"question": RICE},
        {"question": "那水的比例呢？", "history": history},
        {"question": "粥要用多少水？", "history": []},
    ]
    write(run.folder, {"q.jsonl": questions(*asked)})
    ollama.once("先洗两遍 [1]，再煮 [77]。")
    ollama.once("一比一点二。")
    ollama.once(Reply(text="煮三小时", trouble=Trouble.ERROR_LINE, after=2))
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}
    ran = await run("ask", "--json", "--questions", "q.jsonl", *where, **model)
    for one, mode in zip(ran.objects, ("model", "model", "excerpts"), strict=True):
        assert_is_an_answer(one, mode)
    first, _, broken = ran.objects
    assert (first["answer"], [source["n"] for source in first["citations"]]) == ("先洗两遍 [1]，再煮 。", [1])
    assert "unexpected EOF" in broken["answer"]
    assert "煮三" not in broken["answer"]
    assert ran.err.startswith("WARNING bot.rag.pipeline: answered by excerpts: ")
    assert ran.err.count("\n") == 1
    told = [[message["content"] for message in chat.messages[1:-1]] for chat in ollama.chats]
    assert told == [[], [RICE, without_marks(history[1]["content"])], []]
    assert ollama.chats[0].messages[-1]["content"].endswith(f"问题：{RICE}")


async def test_history_is_told_as_it_was_said_also_when_two_questions_have_one_name(
    run: Program, where: Where, ollama: FakeOllama
) -> None:
    *_, answer = await exchange(run, RICE, *where)
    answer["content"] = without_marks(answer["content"])
    twice = [{"role": "user", "content": "米饭"}, {"role": "user", "content": "要煮多久？"}, answer]
    begun = [answer]
    asked = [
        {"id": "a", "question": "那水的比例呢？", "history": twice},
        {"id": "a", "question": "那炒饭用什么饭？", "history": twice[1:]},
        {"id": "a", "question": "那粥用多少水？", "history": begun},
    ]
    write(run.folder, {"q.jsonl": questions(*asked)})
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}
    await run("ask", "--json", "--questions", "q.jsonl", *where, **model)
    told = [[{name: said[name] for name in ("role", "content")} for said in chat.messages[1:-1]] for chat in ollama.chats]
    assert told == [twice, twice[1:], begun]


# What is no question


async def test_without_a_question_the_command_says_what_it_wants(run: Program, where: Where) -> None:
    nothing, blank, both = await asyncio.gather(
        run("ask", *where), run("search", "  ", *where), run("ask", "x", "--questions", "q.jsonl", *where)
    )
    assert nothing.err == "notesbot: what is the question? (notesbot ask QUESTION)\n"
    assert blank.err == "notesbot: what is the question? (notesbot search QUESTION)\n"
    assert both.err == "notesbot: name a QUESTION or --questions FILE, not both\n"
    assert {nothing.code, blank.code, both.code} == {2}


async def test_a_bad_question_file_ends_with_2_and_is_named_with_the_line(run: Program, where: Where) -> None:
    write(run.folder, {"q.jsonl": questions({"question": RICE}) + "\n{\n", "empty.jsonl": "\n"})
    broken, missing, empty = await asyncio.gather(
        run("ask", "--json", "--questions", "q.jsonl", *where),
        run("search", "--questions", "gone.jsonl", *where),
        run("ask", "--questions", "empty.jsonl", *where),
    )
    assert (broken.code, missing.code, empty.code) == (2, 2, 2)
    assert (empty.out, empty.err) == ("", "notesbot: empty.jsonl: holds no question (1 lines)\n")
    assert broken.err.startswith("notesbot: q.jsonl, line 3: not a question as JSON")
    assert missing.err.startswith("notesbot: gone.jsonl: cannot be read: ")
    assert (broken.err + missing.err).count("\n") == 2


async def test_words_that_are_no_text_end_with_2(run: Program, where: Where) -> None:
    latin = "米饭".encode("gbk").decode("utf-8", "surrogateescape")
    for ran in await asyncio.gather(run("ask", "--json", latin, *where), run("source", latin, *where)):
        assert (ran.code, ran.out) == (2, "")
        assert "not text in this terminal's encoding" in ran.err
        assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("said", "mode"), [("thanks!", "talk"), ("你会做什么", "talk"), ("笔记目录", "overview"), ("总结一下 rice.md", "overview")]
)
async def test_what_is_no_question_has_a_mode_of_its_own(run: Program, where: Where, said: str, mode: str) -> None:
    (one,) = (await run("ask", "--json", said, *where)).objects
    assert (one["mode"], bool(one["citations"])) == (mode, "rice" in said)
