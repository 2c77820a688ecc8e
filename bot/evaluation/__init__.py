"""Questions whose answers are known go in; how well the notes are searched comes out, run after run."""

from bot.evaluation.dataset import Labelled, LabelProblem, labelled_in
from bot.evaluation.metrics import EvaluationReport, EvaluationRun, Means, QuestionOutcome, evaluate, means_of
from bot.evaluation.run_history import RunHistory, chart

__all__ = [
    "EvaluationReport",
    "EvaluationRun",
    "LabelProblem",
    "Labelled",
    "Means",
    "QuestionOutcome",
    "RunHistory",
    "chart",
    "evaluate",
    "labelled_in",
    "means_of",
]
