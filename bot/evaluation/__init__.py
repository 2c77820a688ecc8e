"""Questions whose answers are known go in; how well the notes are searched comes out, run after run."""

from bot.evaluation.charting import chart
from bot.evaluation.keeping import Runs
from bot.evaluation.labelled import Labelled, LabelProblem, labelled_in
from bot.evaluation.running import evaluate
from bot.evaluation.scoring import Means, Outcome, Report, Run, means_of

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
