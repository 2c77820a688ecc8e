"""What must not be lost goes in, and comes out again after a restart: one SQL database, SQLite unless a URL says otherwise."""

from bot.state import cards  # its tables are part of the metadata
from bot.state.database import Database, StateProblem, Transaction
from bot.state.store import State, Turn

__all__ = ["Database", "State", "StateProblem", "Transaction", "Turn", "cards"]
