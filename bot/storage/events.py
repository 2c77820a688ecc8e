"""Inbound events, recorded before they are acted on, so that unanswered ones are taken up after a restart.

The life of an event: `take` (open) -> `answering` (some of its answer was sent) -> `done`. Each step is one transaction, so
a kill between any two of them leaves the event where the next start finds it:

* before `take` has returned: the platform still holds the event, because it is confirmed only afterwards;
* open: nothing was sent, it is answered from the beginning;
* answering: the ids of the messages sent are known, so the answer goes on in them by edits, and nobody sees it twice.

One window stays open, and no client can close it: the platform has taken a new message, and the program ends before the
reply with the message's id came and was noted. The next start cannot know, and sends once more. What narrows it to one
message an answer: send something short and early ("…"), note its id at once, and bring everything else by edits. Platforms
that take a number against doubles (Discord's `nonce` with `enforce_nonce`) close it for the minutes that they remember it;
`Event.nonce()` is made for that. SQLite keeps what was committed through a kill of the program; through a power cut it may
lose the last commits (`synchronous = NORMAL`), which Telegram then does not send again once they were confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, update

from bot.storage.chats import move_place
from bot.storage.database import Database, reading, writing
from bot.storage.faults import insert_new, now, put, utc
from bot.storage.schema import events, sent
from bot.types import Place

OFFSET_AGE = timedelta(days=6)
"""Telegram numbers anew, at random, after a week without updates (https://core.telegram.org/bots/api#update)."""
ONE_APOLOGY = timedelta(hours=1)
"""A chat that was told within this time is not told again."""
KEPT = timedelta(days=14)
"""How long a finished event is known: longer than any platform sends it again (Telegram: a day)."""
SENT_KEPT = timedelta(days=730)
"""How long a message of ours leads to its answer."""
PRUNED_AT_ONCE = 5000
"""Rows; the writer's lock is held for milliseconds."""


MOST_DIGITS = 19
"""Of a number that a column holds."""


class EventState(StrEnum):
    OPEN = "open"
    ANSWERING = "answering"
    LATE = "late"
    """Too old to answer; its chat is owed an apology."""
    DONE = "done"
    APOLOGISED = "apologised"
    DROPPED = "dropped"
    """Too old to answer, and another event of its chat brings the apology."""


TO_ANSWER = (EventState.OPEN, EventState.ANSWERING)
UNFINISHED = (*TO_ANSWER, EventState.LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that came from a platform."""

    bot: str
    """The platform and the bot's own id: `telegram:12345`."""
    id: str
    """The platform's id of the event: of a Telegram update, of a Discord message or interaction."""
    place: str
    """The key of the place; act on this one, the payload's may be the chat's before it was moved."""
    chat: str
    """The key of the place without its thread."""
    message: str = ""
    """The id of the person's message, if the event has one."""
    said: datetime = field(default_factory=now)
    """When it was said, by the platform's clock."""
    payload: Mapping[str, Any] = field(default_factory=dict)
    """What is needed to act on it again; JSON. Thrown away as soon as the event is finished, but for `trace`."""
    state: EventState = EventState.OPEN
    shown: int = 0
    """Characters of the answer that people have seen."""
    outbound: tuple[str, ...] = ()
    """The ids of the messages that carry the answer, in their order."""

    @property
    def key(self) -> str:
        """What `Question.inbound` is set to."""
        return f"{self.bot}:{self.id}"

    @property
    def number(self) -> int:
        return int(self.id) if self.id.isdecimal() and len(self.id) < MOST_DIGITS else 0

    def nonce(self, part: int = 0) -> str:
        """24 characters, the same again for the same part of the answer: Discord refuses a second message with its nonce."""
        return blake2b(f"{self.key} {part}".encode(), digest_size=12).hexdigest()


def arrival(
    *,
    bot: str,
    id: str,  # noqa: A002 - it is the event's id
    place: Place,
    message: str = "",
    said: datetime | None = None,
    payload: Mapping[str, Any],
) -> Event:
    """The event of a place, as it comes in; `said` is this moment when not given."""
    chat = Place(platform=place.platform, chat=place.chat).key
    at = utc(said) if said else now()
    return Event(bot=bot, id=id, place=place.key, chat=chat, message=message, said=at, payload=payload)


class Ledger:
    """The events of all bots that use one database."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self._clock = clock
        self._held: set[str] = set()
        """Keys of what this program took and has not finished: nobody else finishes it."""

    async def take(self, event: Event) -> bool:
        """Put an event in; True when it is new, for one caller only, also among processes."""
        return bool(await self.take_many([event]))

    async def take_many(self, arrived: Sequence[Event]) -> tuple[Event, ...]:
        """Put events in, all or none; return the new ones in their order."""
        new = await self._take_many(arrived) if arrived else ()
        self._held.update(event.key for event in new)
        return new

    @writing
    def _take_many(self, connection: Connection, arrived: Sequence[Event]) -> tuple[Event, ...]:
        firsts: dict[str, Event] = {}
        for event in arrived:
            firsts.setdefault(event.key, event)
        once = list(firsts.values())
        rows = [_row(event, self._clock()) for event in once]
        new = insert_new(connection, events, rows, "key")
        return tuple(event for event in once if event.key in new)

    async def is_unfinished(self, key: str) -> bool:
        return key in self._held or await self._is_unfinished(key)

    @reading
    def _is_unfinished(self, connection: Connection, key: str) -> bool:
        return self._is_unfinished_in(connection, key)

    def _is_unfinished_in(self, connection: Connection, key: str) -> bool:
        query = select(events.c.state).where(events.c.key == key)
        return connection.scalar(query) in UNFINISHED

    @writing
    def answering(self, connection: Connection, event: Event, messages: Sequence[str], *, shown: int = 0) -> None:
        """Note the ids of the messages that carry the answer, as soon as the platform has told them. All of them, in order.

        Nothing is noted of an event that is finished: whoever was deleted meanwhile is not to be named again.
        """
        if not self._is_unfinished_in(connection, event.key):
            return
        for position, message in enumerate(messages):
            put(connection, sent, self._sent_row(event, message, position))
        open_ = and_(events.c.key == event.key, events.c.state.in_(TO_ANSWER))
        connection.execute(update(events).where(open_).values(state=EventState.ANSWERING, shown=shown))

    async def done(self, key: str, state: EventState = EventState.DONE, *, answer: str = "", did: str = "") -> None:
        """All of the answer was delivered (or there is nothing to say). Its messages lead to the answer from now on.

        `did` is what the event has done, where that is something else than was expected of it.
        """
        await self._done(key, state, answer, did)
        self._held.discard(key)

    @writing
    def _done(self, connection: Connection, key: str, state: EventState, answer: str, did: str) -> None:
        finished = and_(events.c.key == key, events.c.state.in_(UNFINISHED))
        payload = connection.scalar(select(events.c.payload).where(finished)) or {}
        trace = {"trace": {**payload["trace"], **({"did": did} if did else {})}} if "trace" in payload else {}
        connection.execute(update(events).where(finished).values(state=state, payload=trace))
        if answer:
            connection.execute(update(sent).where(sent.c.event == key).values(answer=answer))

    async def unfinished(self, bot: str) -> tuple[Event, ...]:
        """What a bot took and did not finish, in the order in which it came, so in order within each place.

        Call it once, before anything new is taken: what is being answered at this moment is unfinished too.
        """
        return await self._those(and_(events.c.bot == bot, events.c.state.in_(TO_ANSWER)))

    async def late(self, bot: str, before: datetime) -> tuple[Event, ...]:
        """Give up what was said before `before`; return one event for each chat that is owed an apology.

        An event returned is finished by `done(key, EventState.APOLOGISED)`; until then it is returned again. A chat that
        was told lately is not in the list.
        """
        await self._give_up(bot, before)
        self._held.clear()  # what was given up may be among it
        return await self._those(and_(events.c.bot == bot, events.c.state == EventState.LATE))

    @writing
    def _give_up(self, connection: Connection, bot: str, before: datetime) -> None:
        old = and_(events.c.bot == bot, events.c.state.in_(TO_ANSWER), events.c.said < utc(before))
        latest = select(func.max(events.c.id)).where(old).group_by(events.c.chat)
        speakers = set(connection.execute(latest).scalars())
        told = set(connection.execute(self._told(bot)).scalars())
        owed = select(events.c.id).where(events.c.id.in_(speakers), events.c.chat.not_in(told))
        chosen = set(connection.execute(owed).scalars())
        connection.execute(update(events).where(events.c.id.in_(chosen)).values(state=EventState.LATE, taken=self._clock()))
        connection.execute(update(events).where(old).values(state=EventState.DROPPED, payload={}))

    @reading
    def offset(self, connection: Connection, bot: str, *, place: str = "") -> int:
        """The highest number that a bot has taken in the last days, in one place or at all; 0 when there is none."""
        query = select(func.max(events.c.number)).where(events.c.bot == bot, events.c.taken > self._clock() - OFFSET_AGE)
        if place:
            query = query.where(events.c.place == place)
        return int(connection.scalar(query) or 0)

    @reading
    def messages_for(self, connection: Connection, bot: str, place: Place, message: str) -> tuple[str, ...]:
        """The ids of our messages that carry the answer to a person's message, for when they edit it; none if there are none."""
        chat = Place(platform=place.platform, chat=place.chat).key
        asked = select(events.c.key).where(events.c.chat == chat, events.c.message == message, events.c.bot == bot)
        query = select(sent.c.message).where(sent.c.event.in_(asked)).order_by(sent.c.at, sent.c.position)
        return tuple(connection.execute(query).scalars())

    @reading
    def trace(self, connection: Connection, event: Event) -> Mapping[str, str] | None:
        """What the last event before this one of the same message has done, with a digest of its words.

        Empty when that is not known any more; None when there was none that anything was done about.
        """
        this = select(events.c.id).where(events.c.key == event.key).scalar_subquery()
        same = and_(events.c.chat == event.chat, events.c.message == event.message, events.c.bot == event.bot)
        before = select(events.c.payload).where(same, events.c.id < this, events.c.state != EventState.DROPPED)
        payload = connection.scalar(before.order_by(events.c.id.desc()).limit(1))
        return None if payload is None else payload.get("trace", {})

    @reading
    def answer_in(self, connection: Connection, bot: str, place: Place, message: str) -> str:
        """The id of the answer that a message of ours carries; empty when it carries none."""
        chat = Place(platform=place.platform, chat=place.chat).key
        query = select(sent.c.answer).where(sent.c.bot == bot, sent.c.chat == chat, sent.c.message == message)
        return str(connection.scalar(query) or "")

    @writing
    def move_place(self, connection: Connection, old: Place, new: Place) -> None:
        """A chat has a new id (a Telegram group became a supergroup): everything that is kept of it goes along."""
        move_place(connection, old, new)

    @writing
    def prune(self, connection: Connection) -> int:
        """Forget what finished long ago, a bounded number at a time; return how many events went."""
        finished = and_(events.c.state.not_in(UNFINISHED), events.c.taken < self._clock() - KEPT)
        old = select(events.c.id).where(finished).limit(PRUNED_AT_ONCE)
        gone = connection.execute(delete(events).where(events.c.id.in_(old)))
        connection.execute(delete(sent).where(sent.c.at < self._clock() - SENT_KEPT))
        return gone.rowcount

    def _sent_row(self, event: Event, message: str, position: int) -> dict[str, Any]:
        place = {"bot": event.bot, "chat": event.chat, "message": message}
        return {**place, "event": event.key, "position": position, "answer": "", "at": self._clock()}

    def _told(self, bot: str) -> Any:
        told = events.c.state.in_((EventState.LATE, EventState.APOLOGISED))
        return select(events.c.chat).where(events.c.bot == bot, told, events.c.taken > self._clock() - ONE_APOLOGY)

    @reading
    def _those(self, connection: Connection, condition: Any) -> tuple[Event, ...]:
        query = select(events).where(condition).order_by(events.c.id)
        rows = connection.execute(query).all()
        outbound = _outbound(connection, [row.key for row in rows])
        return tuple(_event(row, outbound.get(row.key, ())) for row in rows)


def _row(event: Event, taken: datetime) -> dict[str, Any]:
    return {
        "key": event.key,
        "bot": event.bot,
        "place": event.place,
        "chat": event.chat,
        "message": event.message,
        "number": event.number,
        "payload": dict(event.payload),
        "state": event.state,
        "shown": event.shown,
        "said": event.said,
        "taken": taken,
    }


def _event(row: Row[Any], outbound: tuple[str, ...]) -> Event:
    return Event(
        bot=row.bot,
        id=row.key.removeprefix(f"{row.bot}:"),
        place=row.place,
        chat=row.chat,
        message=row.message,
        said=row.said,
        payload=row.payload,
        state=EventState(row.state),
        shown=row.shown,
        outbound=outbound,
    )


def _outbound(connection: Connection, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    query = select(sent.c.event, sent.c.message).where(sent.c.event.in_(list(keys))).order_by(sent.c.event, sent.c.position)
    rows = connection.execute(query).all()
    return {key: tuple(row.message for row in of_event) for key, of_event in groupby(rows, key=lambda row: str(row.event))}
