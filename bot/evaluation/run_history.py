"""Evaluation runs in a JSON Lines file, compared with each other and plotted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.charts import BLUE, GREEN, ORANGE, SKY, Panel, Series, chinese_font, draw
from bot.evaluation.dataset import LabelProblem
from bot.evaluation.metrics import EvaluationReport, EvaluationRun, Means
from knowledge.foreign_text import parse_json

NAMED_RUNS = 8
"""Dates that find room under a chart."""


class RunHistory:
    """The runs kept in one JSON Lines file, oldest first; a line is never changed."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, run: EvaluationRun) -> None:
        """Keep a run."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")

    def all(self) -> tuple[EvaluationRun, ...]:
        """Every run.

        Raises:
            LabelProblem: a line is no run.
        """
        return tuple(self._read())

    def _read(self) -> Iterator[EvaluationRun]:
        if not self._file.exists():
            return
        for number, line in enumerate(self._file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield _run(parse_json(line))
            except (ValueError, KeyError, TypeError) as error:
                raise LabelProblem(f"{self._file}, line {number}: not a kept run: remove the line ({error!r})") from error


def _run(values: dict[str, Any]) -> EvaluationRun:
    return EvaluationRun(**{**values, "report": _report(values["report"])})


def _report(values: dict[str, Any]) -> EvaluationReport:
    tables = {name: {key: Means(**means) for key, means in values[name].items()} for name in ("kinds", "languages")}
    return EvaluationReport(**{**values, **tables, "everything": Means(**values["everything"])})


def chart(runs: Sequence[EvaluationRun], file: Path) -> None:
    """Write a PNG: recall at 1, 5 and 10 by kind of question, and recall at 5 and MRR over the runs of the same questions."""
    same = [run for run in runs if run.digest == runs[-1].digest]
    file.write_bytes(draw([_by_kind(runs[-1]), _over_runs(same)], chinese_font()))


def _by_kind(run: EvaluationRun) -> Panel:
    kinds = {"all": run.report.everything, **{kind: m for kind, m in run.report.kinds.items() if m.recall_10 or m.mrr}}
    bars = [
        Series(values=[getattr(means, f"recall_{at}") for means in kinds.values()], color=color, label=f"recall@{at}")
        for at, color in ((1, SKY), (5, BLUE), (10, GREEN))
    ]
    return Panel(title=f"{run.questions}, {run.at[:16]}", ticks=list(kinds), bars=bars, top=1.05)


def _over_runs(runs: Sequence[EvaluationRun]) -> Panel:
    lines = [
        Series(values=[getattr(run.report.everything, name) for run in runs], color=color, label=label)
        for name, color, label in (("recall_5", BLUE, "recall@5"), ("mrr", ORANGE, "MRR"))
    ]
    every = -(-len(runs) // NAMED_RUNS)
    ticks = [run.at[5:16].replace("T", " ") if at % every == 0 else "" for at, run in enumerate(runs)]
    return Panel(title="run by run", ticks=ticks, lines=lines, top=1.05)
