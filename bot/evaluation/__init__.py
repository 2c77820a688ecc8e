"""Evaluation: how well the notes are searched, on questions with known answers, run after run."""

from bot.evaluation.conversations import ConversationReport, TurnMeans, conversations_in, play, report_on
from bot.evaluation.dataset import Labelled, LabelProblem, labelled_in
from bot.evaluation.metrics import EvaluationReport, EvaluationRun, Means, QuestionOutcome, evaluate, means_of
from bot.evaluation.run_history import RunHistory, chart

__all__ = [
    "ConversationReport",
    "EvaluationReport",
    "EvaluationRun",
    "LabelProblem",
    "Labelled",
    "Means",
    "QuestionOutcome",
    "RunHistory",
    "TurnMeans",
    "chart",
    "conversations_in",
    "evaluate",
    "labelled_in",
    "means_of",
    "play",
    "report_on",
]
