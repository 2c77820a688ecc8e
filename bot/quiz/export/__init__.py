"""Cards and reviews go in; files for Anki, for a spreadsheet and for other FSRS programs come out."""

from bot.quiz.export.anki import package_of
from bot.quiz.export.csv import csv_of
from bot.quiz.export.fsrs_logs import Logged, LogProblem, logs_of, read_logs

__all__ = ["LogProblem", "Logged", "csv_of", "logs_of", "package_of", "read_logs"]
