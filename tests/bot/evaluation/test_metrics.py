from __future__ import annotations

import json
from dataclasses import asdict, replace
from math import log2
from pathlib import Path

import pytest

from bot.evaluation import EvaluationRun, Labelled, LabelProblem, RunHistory, labelled_in, means_of
from bot.evaluation.metrics import QuestionOutcome, report_of, to_outcome

ONE = QuestionOutcome(id="1", question="q", kind="lookup", language="zh", answerable=True, ranks=(1,))


def test_the_measures_of_a_small_set_are_what_a_hand_computes() -> None:
    outcomes = [
        ONE,
        replace(ONE, id="2", kind="multi", ranks=(2, 7)),
        replace(ONE, id="3", ranks=(0,), abstained=True),
        replace(ONE, id="4", kind="unanswerable", answerable=False, ranks=(), abstained=True),
    ]
    means = means_of(outcomes)
    assert (means.recall_1, means.recall_5, means.recall_10) == pytest.approx((1 / 3, 1.5 / 3, 2 / 3))
    assert means.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)
    several = (1 / log2(3) + 1 / log2(8)) / (1 / log2(2) + 1 / log2(3))
    assert means.ndcg == pytest.approx((1 + several + 0) / 3)
    assert (means.wrongly_abstained, means.rightly_abstained) == pytest.approx((1 / 3, 1))
    assert set(report_of(outcomes).kinds) == {"lookup", "multi", "unanswerable"}


def test_evidence_is_found_by_the_note_and_the_words_together() -> None:
    one = Labelled(id="1", question="q", kind="lookup", language="zh", evidence=((("a.md", "米饭"),),))
    found = [("b.md", "米饭"), ("a.md", "面条"), ("a.md", "煮米饭")]
    scored = to_outcome(one, found, quoted=found[:2], abstained=False, ms=1.0)
    assert (scored.ranks, scored.contained) == ((3,), False)


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"question": ""}', '{"question": "q", "file": "a.md", "evidence": []}', '{"question": "q"}']
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"question": "q", "file": "a.md", "evidence": ["x"]}\n' + line, encoding="utf-8")
    with pytest.raises(LabelProblem, match=r"q\.jsonl, line 2"):
        labelled_in(file)


def test_runs_come_back_as_they_were_kept_and_a_broken_line_is_named(tmp_path: Path) -> None:
    runs = RunHistory(tmp_path / "runs" / "r.jsonl")
    assert runs.all() == ()
    run = EvaluationRun(
        at="2026-01-01T00:00:00+00:00", questions="q", digest="d", settings={"model": ""}, report=report_of([ONE])
    )
    runs.add(run)
    runs.add(run)
    assert runs.all() == (run, run)
    assert json.loads((tmp_path / "runs" / "r.jsonl").read_text(encoding="utf-8").splitlines()[0]) == json.loads(
        json.dumps(asdict(run))
    )
    with (tmp_path / "runs" / "r.jsonl").open("a") as file:
        file.write("broken\n")
    with pytest.raises(LabelProblem, match="line 3"):
        runs.all()
