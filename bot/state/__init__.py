"""What must not be lost goes in, and comes out again after a restart: one SQL database, SQLite unless a URL says otherwise."""

from bot.state.database import Database, StateProblem
from bot.state.feedback import Feedback, Rated
from bot.state.store import State, Turn

__all__ = ["Database", "Feedback", "Rated", "State", "StateProblem", "Turn"]
