from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.bot.cli.running import Program, exchange
from tests.bot.making import NOTES, write

Where = tuple[str | Path, ...]
FORM = ["id", "question", "searched", "abstained", "ms", "passages"]
PASSAGE = ["path", "start", "end", "lines", "heading", "score", "text"]
ODD = {
    "emoji.md": "# 😀 表情\n\n👩‍🔬 米饭 \U00020000 很香。\n",
    "crlf.md": "\ufeff# 标题\r\n\r\n米饭在第二段。\r\n",
    "深/处/笔 记.md": "米饭在深处。",
}


def assert_are_slices(one: dict[str, Any], texts: dict[str, str]) -> None:
    assert list(one) == FORM
    assert [one["passages"][0], *one["passages"]]
    for passage in one["passages"]:
        assert list(passage) == PASSAGE
        text = texts[passage["path"]]
        assert passage["text"] == text[passage["start"] : passage["end"]]
        assert passage["lines"][0] == text[: passage["start"]].count("\n") + 1
        assert passage["lines"][1] == text[: passage["end"]].rstrip("\n").count("\n") + 1
    scores = [passage["score"] for passage in one["passages"]]
    assert scores == sorted(scores, reverse=True)


async def test_found_passages_as_json_have_the_stable_form(run: Program, where: Where) -> None:
    ran = await run("search", "--json", "米饭要煮多久？", *where)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    (one,) = ran.objects
    assert_are_slices(one, NOTES)
    assert (one["id"], one["question"], one["searched"], one["abstained"]) == ("1", "米饭要煮多久？", "米饭要煮多久？", False)
    assert isinstance(one["ms"], float)
    best = one["passages"][0]
    assert (best["path"], best["heading"], best["lines"]) == ("cooking/rice.md", ["米饭"], [1, 3])
    assert "米饭要煮多久" in ran.out
    assert "\\u" not in ran.out


async def test_offsets_are_code_points_of_the_file_whatever_is_in_it(run: Program, vault: Path, data: Path) -> None:
    write(vault, ODD)
    ran = await run("search", "--json", "米饭", "--notes", vault, "--data", data)
    assert_are_slices(ran.objects[0], ODD)
    assert {passage["path"] for passage in ran.objects[0]["passages"]} == set(ODD)


async def test_a_file_of_questions_is_searched_for_line_by_line_with_history(run: Program, where: Where) -> None:
    history = await exchange(run, "How is green tea steeped?", *where)
    asked = [{"id": "a", "question": "炒饭"}, {"id": "b", "question": "那它呢？", "history": history}]
    write(run.folder, {"q.jsonl": "".join(json.dumps(one) + "\n" for one in asked)})
    ran = await run("search", "--json", "--questions", "q.jsonl", *where)
    assert [(one["id"], one["question"]) for one in ran.objects] == [("a", "炒饭"), ("b", "那它呢？")]
    assert "隔夜的冷饭" in ran.objects[0]["passages"][0]["text"]
    assert "Green tea" in ran.objects[1]["passages"][0]["text"]


async def test_an_empty_vault_has_no_passages(run: Program, vault: Path, data: Path) -> None:
    ran = await run("search", "--json", "米饭", "--notes", vault, "--data", data)
    (one,) = ran.objects
    assert (ran.code, one["abstained"], one["passages"]) == (0, True, [])


async def test_for_people_as_many_passages_are_numbered_as_are_wanted(run: Program, where: Where) -> None:
    ran = await run("search", "-k", "2", "炒饭", *where)
    assert ran.code == 0
    assert ran.out.startswith("1. `cooking/rice.md` 米饭 › 炒饭 (lines 5–9)\n\n> ## 炒饭\n")
    assert "\n\n2. `" in ran.out
    assert "\n\n3. `" not in ran.out


async def test_a_note_that_was_changed_is_found_as_it_is_now(run: Program, where: Where, notes: Path) -> None:
    await run("search", "米饭", *where)
    write(notes, {"new.md": "# 馒头\n\n馒头要蒸十五分钟。\n"})
    (notes / "tea.md").unlink()
    ran = await run("search", "--json", "馒头 tea", *where)
    paths = [passage["path"] for passage in ran.objects[0]["passages"]]
    assert paths[0] == "new.md"
    assert "tea.md" not in paths


async def test_the_owners_notes_are_found_word_for_word(run: Program, shared: Path, data: Path) -> None:
    texts = {file.name: file.read_bytes().decode("utf-8") for file in (shared / "notes").iterdir()}
    lines = (shared / "questions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()[:20]
    write(run.folder, {"q.jsonl": "\n".join(lines)})
    ran = await run("search", "--json", "--questions", "q.jsonl", "--notes", shared / "notes", "--data", data)
    assert len(ran.objects) == 20
    for one in ran.objects:
        for passage in one["passages"]:
            assert passage["text"] == texts[passage["path"]][passage["start"] : passage["end"]]


async def test_small_talk_and_overviews_bring_no_passages_and_no_abstention(run: Program, where: Where) -> None:
    for said in ("哈哈 谢谢", "what notes do you have?"):
        (one,) = (await run("search", "--json", said, *where)).objects
        assert list(one) == FORM
        assert (one["abstained"], one["passages"]) == (False, [])
