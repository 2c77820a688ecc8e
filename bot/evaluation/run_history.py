"""Runs go into a file, one line each, and come out again to be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.evaluation.dataset import LabelProblem
from bot.evaluation.metrics import EvaluationReport, EvaluationRun, Means


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
