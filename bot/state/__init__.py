"""What must not be lost goes in, and comes out again after a restart: one SQL database, SQLite unless a URL says otherwise."""

from bot.state.store import State, StateProblem, Turn

__all__ = ["State", "StateProblem", "Turn"]
