"""What must not be lost goes in, and comes out again after a restart: one SQL database, SQLite unless a URL says otherwise."""

from bot.state import cards  # its tables are part of the metadata
from bot.state.access import AccessList, Admitted, Kind, Paired, Pairing
from bot.state.database import Database, StateProblem, Transaction
from bot.state.feedback import Feedback, Rated
from bot.state.ledger import Event, EventState, Ledger, arrival
from bot.state.persons import Persons
from bot.state.places import Places, PlaceSettings
from bot.state.store import State, Turn
from bot.state.tallies import Tallies

__all__ = [
    "AccessList",
    "Admitted",
    "Database",
    "Event",
    "EventState",
    "Feedback",
    "Kind",
    "Ledger",
    "Paired",
    "Pairing",
    "Persons",
    "PlaceSettings",
    "Places",
    "Rated",
    "State",
    "StateProblem",
    "Tallies",
    "Transaction",
    "Turn",
    "arrival",
    "cards",
]
