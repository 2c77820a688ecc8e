from __future__ import annotations

import json
from pathlib import Path

from tests.bot.cli.running import Program
from tests.fakes.ollama import QWEN, FakeOllama

CONVERSATIONS = Path(__file__).parents[1] / "evaluation" / "conversations.jsonl"
QUESTION = {"id": "1", "question": "粥要用几倍的水？", "file": "cooking/rice.md", "evidence": ["十倍的水"]}


async def test_a_kept_run_names_each_switch(run: Program, notes: Path, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(QUESTION), encoding="utf-8")
    switched_on = {"NOTESBOT_SEARCH__TRANSLATE": "true", "NOTESBOT_SEARCH__ENRICH": "true"}
    for environment in ({}, switched_on):
        assert (await run("eval", file, "--notes", notes, "--data", data, **environment)).code == 0
    before, after = (await run("eval", "--history", "--json", "--data", data)).objects
    switches = ("translate", "enrich")
    assert [before["settings"][f"search.{name}"] for name in switches] == ["false"] * 2
    assert [after["settings"][f"search.{name}"] for name in switches] == ["true", "true"]


async def test_a_draft_is_made_once_and_can_be_measured(run: Program, notes: Path, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "draft.jsonl"
    ran = await run("eval", "--make", file, "--notes", notes, "--data", data)
    assert ran.code == 0
    drafted = file.read_text(encoding="utf-8")
    assert drafted.strip()
    assert (await run("eval", "--json", file, "--notes", notes, "--data", data)).code == 0
    again = await run("eval", "--make", file, "--notes", notes, "--data", data)
    assert (again.code, file.read_text(encoding="utf-8")) == (2, drafted)


async def test_with_a_model_the_model_drafts(run: Program, notes: Path, data: Path, tmp_path: Path, ollama: FakeOllama) -> None:
    ollama.always("煮饭前要洗几遍米？")
    file = tmp_path / "draft.jsonl"
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}
    assert (await run("eval", "--make", file, "--notes", notes, "--data", data, **model)).code == 0
    drafts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {draft["question"] for draft in drafts} == {"煮饭前要洗几遍米？"}


async def test_names_are_shown_as_they_are(run: Program, notes: Path, data: Path, tmp_path: Path) -> None:
    file = tmp_path / ":x:[b].jsonl"
    file.write_text(json.dumps({**QUESTION, "lang": ":zap:"}), encoding="utf-8")
    measured = await run("eval", file, "--notes", notes, "--data", data)
    assert ":zap:" in measured.out
    history = await run("eval", "--history", "--data", data, COLUMNS="200")
    assert ":x:[b].jsonl" in history.out


async def test_answers_are_scored_by_kind_and_by_the_way_they_came_about(
    run: Program, notes: Path, data: Path, tmp_path: Path, ollama: FakeOllama
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({**QUESTION, "answer": "十倍"}), encoding="utf-8")
    where = ("eval", "--answers", file, "--notes", notes, "--data", data)
    ollama.always("粥用十倍的水。")
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}
    (report,) = (await run(*where, "--json", **model)).objects
    assert report["modes"]["model"] | {"seconds": 0, "first_words_s": 0, "characters": 0} == {
        "questions": 1, "correct": 1, "evidence": 1, "cited": 1, "in_language": 1, "refused": 0, "characters": 0, "seconds": 0,
        "first_words_s": 0,
    }  # fmt: skip
    shown = await run(*where, COLUMNS="200")
    assert shown.out.split()[:3] == ["n", "correct", "evidence"]


async def test_our_own_conversations_are_played_and_reported_by_kind(run: Program, data: Path) -> None:
    ran = await run("eval", "--json", "--conversation", CONVERSATIONS, "--data", data)
    assert ran.code == 0
    (report,) = ran.objects
    assert {kind: report["kinds"][kind]["answered"] for kind in ("talk", "overview")} == {"talk": 1.0, "overview": 1.0}
    assert report["everything"]["turns"] == len(report["outcomes"]) > 50
    everything = report["everything"]
    assert (everything["answered"] >= 0.87, everything["hit_1"] >= 0.87, everything["cited"] >= 0.88) == (True, True, True)


async def test_a_bar_that_conversations_miss_is_a_failure(run: Program, notes: Path, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "talks.jsonl"
    turns: list[dict[str, object]] = [
        {"text": "粥要用几倍的水？", "kind": "alone", "file": "cooking/rice.md", "evidence": ["十倍的水"]},
        {"text": "谢谢", "kind": "none", "expect": "abstain"},
    ]
    file.write_text(json.dumps({"id": "1", "turns": turns}), encoding="utf-8")
    where = ("eval", "--conversation", file, "--notes", notes, "--data", data)
    shown = await run(*where, "--min-recall", "1", "--min-answered", "0.5")
    assert shown.code == 0
    assert "1#1 none (talk): 谢谢" in shown.out
    assert (await run(*where, "--min-answered", "0.6")).code == 1
