"""Evaluation runs in a JSON Lines file, compared with each other and plotted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.evaluation.dataset import LabelProblem
from bot.evaluation.metrics import EvaluationReport, EvaluationRun, Means

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
                yield _run(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise LabelProblem(f"{self._file}, line {number}: not a kept run: remove the line ({error!r})") from error


def _run(values: dict[str, Any]) -> EvaluationRun:
    return EvaluationRun(**{**values, "report": _report(values["report"])})


def _report(values: dict[str, Any]) -> EvaluationReport:
    tables = {name: {key: Means(**means) for key, means in values[name].items()} for name in ("kinds", "languages")}
    return EvaluationReport(**{**values, **tables, "everything": Means(**values["everything"])})


def chart(runs: Sequence[EvaluationRun], file: Path) -> None:
    """Write a PNG: recall at 1, 5 and 10 by kind of question, and recall at 5 and MRR over the runs of the same questions."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _by_kind(left, runs[-1])
    _over_runs(right, [run for run in runs if run.digest == runs[-1].digest])
    figure.savefig(file, format="png")


def _by_kind(axes: Axes, run: EvaluationRun) -> None:
    kinds = {"all": run.report.everything, **{kind: m for kind, m in run.report.kinds.items() if m.recall_10 or m.mrr}}
    for at, (label, color) in enumerate((("recall_1", "#9ecae1"), ("recall_5", "#4292c6"), ("recall_10", "#084594"))):
        values = [getattr(means, label) for means in kinds.values()]
        axes.bar(
            [place + (at - 1) * 0.27 for place in range(len(kinds))], values, 0.25, label=label.replace("_", "@"), color=color
        )
    axes.set_xticks(range(len(kinds)), list(kinds), rotation=30, ha="right")
    axes.set_ylim(0, 1.05)
    axes.set_title(f"{run.questions}, {run.at[:16]}")
    axes.legend(loc="lower left")


def _over_runs(axes: Axes, runs: Sequence[EvaluationRun]) -> None:
    for name, color in (("recall_5", "#4292c6"), ("mrr", "#d94801")):
        axes.plot([getattr(run.report.everything, name) for run in runs], marker="o", color=color, label=name.replace("_", "@"))
    axes.set_xticks(range(len(runs)), [run.at[5:16].replace("T", " ") for run in runs], rotation=30, ha="right")
    axes.set_ylim(0, 1.05)
    axes.set_title("run by run")
    axes.legend(loc="lower left")
