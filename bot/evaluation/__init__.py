"""Evaluation: how well the notes are searched, on questions with known answers, run after run."""

from bot.evaluation.answers import AnswerReport, answer_all, report_on_answers
from bot.evaluation.conversations import ConversationReport, TurnMeans, conversations_in, play, report_on
from bot.evaluation.dataset import Labelled, LabelProblem, labelled_in
from bot.evaluation.metrics import EvaluationReport, EvaluationRun, Means, QuestionOutcome, evaluate, means_of
from bot.evaluation.run_history import RunHistory, chart

__all__ = [
    "AnswerReport",
    "ConversationReport",
    "EvaluationReport",
    "EvaluationRun",
    "LabelProblem",
    "Labelled",
    "Means",
    "QuestionOutcome",
    "RunHistory",
    "TurnMeans",
    "answer_all",
    "chart",
    "conversations_in",
    "evaluate",
    "labelled_in",
    "means_of",
    "play",
    "report_on",
    "report_on_answers",
]
