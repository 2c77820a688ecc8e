"""Cards and reviews go in; files for Anki, for a spreadsheet and for other FSRS programs come out."""

from bot.quiz.exporting.anki import package_of
from bot.quiz.exporting.logs import Logged, LogProblem, logs_of, read_logs
from bot.quiz.exporting.table import csv_of

__all__ = ["LogProblem", "Logged", "csv_of", "logs_of", "package_of", "read_logs"]
