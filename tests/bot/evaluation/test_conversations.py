"""Conversations that are played with the product's own answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluation import LabelProblem, conversations_in, play, report_on
from bot.evaluation.conversations import ScriptTurn, outcome_of
from bot.types import Answer, AnswerState, Question, Receipt
from tests.benchmarks.group_talk import misplaced, played
from tests.bot.making import citation

OWN = Path(__file__).with_name("conversations.jsonl")
"""Written for the sample notes, in both languages, with turns of every kind."""
KINDS = {"alone", "follow", "switch", "back", "cross", "para", "person", "compare", "correct", "talk", "overview", "none"}
WASH = (("cooking/rice.md", "先洗两遍"),)
TURN = ScriptTurn(text="米饭要洗吗？", kind="alone", evidence=(WASH,))
RICE = ("cooking/rice.md", "米饭要先洗两遍，再煮二十分钟。")


def answer(*ranked: str, state: AnswerState = AnswerState.EXCERPTS, cites: bool = True) -> Answer:
    return Answer(state=state, text="…", citations=(citation(),) if cites else (), receipt=Receipt(ranked=ranked))


def test_a_turn_is_scored_by_the_passages_found_and_by_what_its_answer_cites() -> None:
    other = ("tea.md", "Green tea.")
    found = outcome_of("1#0", TURN, answer(), [other, RICE])
    assert (found.hit_1, found.hit_5, found.cited, found.answered) == (0, 1, 1, 1)
    missed = outcome_of("1#0", TURN, answer(cites=False), [other])
    assert (missed.hit_1, missed.hit_5, missed.cited, missed.answered) == (0, 0, 0, 0)


def test_of_a_comparison_each_side_counts() -> None:
    both = replace(TURN, evidence=(WASH, (("tea.md", "two minutes"),)))
    outcome = outcome_of("1#0", both, answer(), [RICE])
    assert (outcome.hit_5, outcome.cited) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("expect", "state", "share"),
    [
        ("talk", AnswerState.TALK, 1),
        ("talk", AnswerState.EXCERPTS, 0),
        ("overview", AnswerState.OVERVIEW, 1),
        ("overview", AnswerState.ABSTAINED, 0),
        ("abstain", AnswerState.ABSTAINED, 1),
        ("abstain", AnswerState.EXCERPTS, 0),
    ],
)
def test_a_turn_without_evidence_is_to_be_answered_in_its_way(expect: str, state: AnswerState, share: float) -> None:
    outcome = outcome_of("1#0", ScriptTurn(text="…", kind="k", expect=expect), answer(state=state), [])
    assert (outcome.answered, outcome.has_evidence) == (share, False)


def test_means_are_told_by_kind_and_hits_only_of_turns_with_evidence() -> None:
    talk = outcome_of("1#0", ScriptTurn(text="hi", kind="talk", expect="talk"), answer(state=AnswerState.TALK), [])
    report = report_on([talk, outcome_of("1#1", TURN, answer(), [RICE]), outcome_of("1#2", TURN, answer(cites=False), [RICE])])
    assert list(report.kinds) == ["talk", "alone"]
    assert (report.everything.turns, report.everything.hit_1, report.kinds["alone"].cited) == (3, 1, 0.5)
    assert report.everything.answered == pytest.approx(2 / 3)


async def test_turns_are_played_in_one_place_with_the_answers_that_were_given(tmp_path: Path) -> None:
    asked: list[Question] = []

    async def ask(question: Question) -> AsyncIterator[Answer]:
        asked.append(question)
        yield replace(answer("p1"), id=f"a{len(asked)}")

    turns = [
        {"text": "一", "kind": "alone", "who": "Ann", "file": "cooking/rice.md", "evidence": ["两遍"]},
        {"text": "二", "kind": "person", "who": "Bob", "reply_to": 0, "file": "cooking/rice.md", "evidence": ["两遍"]},
    ]
    file = tmp_path / "talks.jsonl"
    file.write_text("\n".join(json.dumps({"id": id_, "turns": turns}) for id_ in "xy"), encoding="utf-8")
    outcomes = [one async for one in play(ask, conversations_in(file), {"p1": RICE}, "zh")]
    assert [(one.id, one.hit_1) for one in outcomes] == [("x#0", 1), ("x#1", 1), ("y#0", 1), ("y#1", 1)]
    assert [(one.person.name, one.reply_to, one.place.chat, one.place.private) for one in asked[:2]] == [
        ("Ann", "", "x", False),
        ("Bob", "a1", "x", False),
    ]
    assert asked[3].reply_to == "a3"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        '{"id": "1"}',
        '{"turns": []}',
        '{"turns": [{"text": "一", "kind": "alone"}]}',
        '{"turns": [{"text": "一", "kind": "talk", "expect": "silence"}]}',
        '{"turns": [{"text": "一", "kind": "talk", "expect": "talk", "reply_to": 0}]}',
        '{"turns": [{"text": "一", "kind": "compare", "file": "a.md", "evidence": ["x", "y"], "sides": [1]}]}',
    ],
)
def test_a_line_that_is_no_conversation_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "talks.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(LabelProblem, match=r"talks\.jsonl"):
        conversations_in(file)


def test_our_own_conversations_have_every_kind_of_turn_in_both_languages() -> None:
    turns = [turn for script in conversations_in(OWN) for turn in script.turns]
    assert {turn.kind for turn in turns} == KINDS
    assert len(turns) > 50
    assert sum(turn.text.isascii() for turn in turns) > 15


async def test_of_three_people_on_three_subjects_in_one_group_nobody_gets_another_one_s(tmp_path: Path) -> None:
    outcomes = await played(tmp_path)
    assert len(outcomes) == 60
    assert [(one.kind, one.text) for one in misplaced(outcomes)] == []
    assert all(one.mode == "excerpts" for one in outcomes)
