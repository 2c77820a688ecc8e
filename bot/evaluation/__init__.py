"""Questions whose answers are known go in; how well the notes are searched comes out, run after run."""

from bot.evaluation.dataset import Labelled, LabelProblem, labelled_in
from bot.evaluation.metrics import Means, Outcome, Report, Run, means_of
from bot.evaluation.plots import chart
from bot.evaluation.run_history import Runs
from bot.evaluation.runner import evaluate

__all__ = [
    "LabelProblem",
    "Labelled",
    "Means",
    "Outcome",
    "Report",
    "Run",
    "Runs",
    "chart",
    "evaluate",
    "labelled_in",
    "means_of",
]
