"""State that must survive a restart, in one SQL database: SQLite unless a URL says otherwise."""

from bot.storage import cards
from bot.storage.access import ALPHABET, AccessList, Admitted, Kind, Paired, Pairing, Persons, Tallies, is_mixed
from bot.storage.chats import ChatSettings, PlaceSettings
from bot.storage.database import Database, StateProblem, Transaction, file_of
from bot.storage.erasures import Erasures
from bot.storage.events import Event, EventState, Ledger, arrival
from bot.storage.runner_lock import RunnerLock
from bot.storage.turns import Feedback, RatedAnswer, Turn, TurnStore

__all__ = [
    "ALPHABET",
    "AccessList",
    "Admitted",
    "ChatSettings",
    "Database",
    "Erasures",
    "Event",
    "EventState",
    "Feedback",
    "Kind",
    "Ledger",
    "Paired",
    "Pairing",
    "Persons",
    "PlaceSettings",
    "RatedAnswer",
    "RunnerLock",
    "StateProblem",
    "Tallies",
    "Transaction",
    "Turn",
    "TurnStore",
    "arrival",
    "cards",
    "file_of",
    "is_mixed",
]
