"""The ledger: what goes in once comes out once, in order, also after a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from bot.storage import Database, Event, EventState, Ledger, Persons, TurnStore, arrival
from bot.storage.events import KEPT
from bot.storage.schema import sent
from bot.types import Answer, AnswerState, Person, Place, Question

REPOSITORY = Path(__file__).parents[3]
BOT = "telegram:1"
T = TypeVar("T")
Start = Callable[[str], subprocess.Popen[str]]


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def chat(name: str, thread: str = "") -> Place:
    return Place(platform="telegram", chat=name, thread=thread, private=False)


def event(id_: int, place: Place | None = None, **more: object) -> Event:
    values: dict[str, object] = {"payload": {"text": f"问题 {id_}"}, **more}
    return arrival(bot=BOT, id=str(id_), place=place or chat("7"), **values)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(state: TurnStore, clock: Clock) -> Ledger:
    return Ledger(state.database, clock=clock)


async def test_an_event_is_new_once(ledger: Ledger) -> None:
    assert [await ledger.take(event(1)), await ledger.take(event(1)), await ledger.take(event(2))] == [True, False, True]


async def test_of_many_that_take_one_event_at_once_one_gets_it(ledger: Ledger, state: TurnStore) -> None:
    other = Ledger(state.database)
    taken = await asyncio.gather(*(one.take(event(1)) for one in (ledger, other) * 10))
    assert sorted(taken) == [False] * 19 + [True]


async def test_events_of_two_bots_and_platforms_with_the_same_id_are_different(ledger: Ledger) -> None:
    taken = [
        await ledger.take(arrival(bot=bot, id="1", place=chat("7"), payload={}))
        for bot in ("telegram:1", "telegram:2", "discord:1")
    ]
    assert taken == [True] * 3


async def test_a_batch_gives_back_what_is_new_in_its_order(ledger: Ledger) -> None:
    await ledger.take(event(2))
    new = await ledger.take_many([event(3), event(2), event(1), event(3)])
    assert [one.id for one in new] == ["3", "1"]
    assert await ledger.take_many([]) == ()


async def test_a_large_batch_fits(ledger: Ledger) -> None:
    assert len(await ledger.take_many([event(n) for n in range(2500)])) == 2500


async def test_what_is_unfinished_comes_back_whole_and_in_order(ledger: Ledger) -> None:
    said = datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    taken = [event(n, chat("7", "3" if n % 2 else ""), message=f"m{n}", said=said) for n in (5, 3, 4)]
    await ledger.take_many(taken)
    assert await ledger.unfinished(BOT) == tuple(taken)
    assert await ledger.unfinished("telegram:2") == ()


async def test_an_answer_that_was_begun_comes_back_with_its_messages_and_how_much_was_shown(ledger: Ledger) -> None:
    one = event(1)
    await ledger.take(one)
    await ledger.answering(one, ["10"], shown=40)
    await ledger.answering(one, ["10", "11"], shown=90)
    (found,) = await ledger.unfinished(BOT)
    assert (found.state, found.outbound, found.shown) == (EventState.ANSWERING, ("10", "11"), 90)


async def test_what_is_done_is_not_answered_again_and_its_words_are_gone(ledger: Ledger, data: Path) -> None:
    one = event(1)
    await ledger.take(one)
    await ledger.done(one.key)
    await ledger.answering(one, ["10"])
    assert await ledger.unfinished(BOT) == ()
    assert not await ledger.is_unfinished(one.key)
    assert await ledger.take(one) is False
    file = sqlite3.connect(data / "state.sqlite")
    assert file.execute("SELECT state, payload FROM events").fetchall() == [("done", "{}")]
    file.close()


async def test_a_message_of_ours_leads_to_its_answer(ledger: Ledger) -> None:
    one = event(1, chat("7", "3"))
    await ledger.take(one)
    await ledger.answering(one, ["10", "11"])
    assert await ledger.answer_in(BOT, chat("7"), "11") == ""
    await ledger.done(one.key, answer="abc")
    assert [await ledger.answer_in(BOT, chat("7", "3"), message) for message in ("10", "11", "12")] == ["abc", "abc", ""]
    assert await ledger.answer_in("telegram:2", chat("7"), "10") == ""


async def test_an_edited_question_finds_the_messages_of_its_answer_and_takes_them_over(ledger: Ledger, clock: Clock) -> None:
    asked, edited = event(1, message="m1"), event(2, message="m1")
    await ledger.take(asked)
    await ledger.answering(asked, ["9", "10"])
    await ledger.done(asked.key, answer="old")
    for again in (edited, event(3, message="m1")):
        await ledger.take(again)
        messages = await ledger.messages_for(BOT, chat("7"), "m1")
        assert messages == ("9", "10")
        clock.now += timedelta(minutes=1)
        await ledger.answering(again, messages)
        await ledger.done(again.key, answer=f"new {again.id}")
    assert await ledger.answer_in(BOT, chat("7"), "10") == "new 3"
    assert await ledger.messages_for(BOT, chat("8"), "m1") == ()


async def test_a_chat_is_owed_one_apology_however_much_it_said(ledger: Ledger, clock: Clock) -> None:
    old = clock.now - timedelta(hours=2)
    await ledger.take_many([event(n, chat(str(n % 2)), said=old) for n in range(6)])
    await ledger.take(event(10, chat("0"), said=clock.now))
    owed = await ledger.late(BOT, clock.now - timedelta(hours=1))
    assert [one.id for one in owed] == ["4", "5"]
    assert await ledger.late(BOT, clock.now - timedelta(hours=1)) == owed  # killed before it was said
    for one in owed:
        await ledger.done(one.key, EventState.APOLOGISED)
    await ledger.take_many([event(n, chat("0"), said=old) for n in (20, 21)])  # the next batch of the same backlog
    assert await ledger.late(BOT, clock.now - timedelta(hours=1)) == ()
    assert [one.id for one in await ledger.unfinished(BOT)] == ["10"]


async def test_an_apology_for_what_was_taken_long_ago_is_still_said_once(ledger: Ledger, clock: Clock) -> None:
    await ledger.take(event(1, said=clock.now))
    clock.now += timedelta(hours=5)
    (owed,) = await ledger.late(BOT, clock.now - timedelta(hours=1))
    await ledger.done(owed.key, EventState.APOLOGISED)
    await ledger.take(event(2, said=clock.now - timedelta(hours=4)))
    assert await ledger.late(BOT, clock.now - timedelta(hours=1)) == ()


async def test_the_offset_is_the_highest_number_of_the_last_days(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.offset(BOT) == 0
    await ledger.take_many([event(900), event(30, chat("8"))])
    assert (await ledger.offset(BOT), await ledger.offset(BOT, place=chat("8").key)) == (900, 30)
    clock.now += timedelta(days=6, hours=1)  # Telegram may have begun to count anew
    assert await ledger.offset(BOT) == 0


async def test_pruning_forgets_finished_events_only(ledger: Ledger, clock: Clock) -> None:
    await ledger.take_many([event(1), event(2)])
    await ledger.done(event(1).key)
    clock.now += KEPT + timedelta(hours=1)
    assert await ledger.prune() == 1
    assert [one.id for one in await ledger.unfinished(BOT)] == ["2"]
    assert await ledger.take(event(1)) is True


def test_a_nonce_is_the_same_again_and_different_for_each_part() -> None:
    one = event(1)
    assert one.nonce() == event(1).nonce()
    assert len({one.nonce(), one.nonce(1), event(2).nonce()}) == 3
    assert len(one.nonce()) <= 25


async def test_a_group_with_a_new_id_takes_its_turns_and_its_events_along(ledger: Ledger, state: TurnStore) -> None:
    old, new = chat("-7"), chat("-1007")
    asker = Person(platform="telegram", id="5")
    for place in (old, chat("-7", "3"), chat("-71"), new):
        await state.record(Question(person=asker, place=place, text=place.key), Answer(state=AnswerState.MODEL, text="…"))
    open_, begun, other = event(1, chat("-7", "3")), event(2, old), event(3, chat("-71"))
    await ledger.take_many([open_, begun, other])
    await ledger.answering(begun, ["10"], shown=5)
    await ledger.move_place(old, new)
    asked = {
        place.key: [turn.asked for turn in await state.recent_turns(place, 9)]
        for place in (old, new, chat("-1007", "3"), chat("-71"))
    }
    assert asked == {
        old.key: [],
        new.key: ["telegram:-7", "telegram:-1007"],
        "telegram:-1007/3": ["telegram:-7/3"],
        "telegram:-71": ["telegram:-71"],
    }
    found = await ledger.unfinished(BOT)
    assert [(one.place, one.chat) for one in found] == [
        ("telegram:-1007/3", "telegram:-1007"),
        ("telegram:-1007", "telegram:-1007"),
        ("telegram:-71", "telegram:-71"),
    ]
    assert (found[1].state, found[1].outbound, found[1].shown) == (EventState.OPEN, (), 0)  # the old messages cannot be edited


# Against a model


class Lives(RuleBasedStateMachine):
    """Events that live at random, in two ledgers on one database, one of which is opened anew now and then."""

    def __init__(self) -> None:
        super().__init__()
        from tempfile import TemporaryDirectory

        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.order: list[str] = []
        self.state: dict[str, EventState] = {}
        self.outbound: dict[str, tuple[str, ...]] = {}
        self.open()

    def open(self) -> None:
        self.database = self.run(lambda: Database.open_file(Path(self.folder.name, "state.sqlite")))
        self.ledger = Ledger(self.database, clock=self.clock)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        async def awaited() -> T:
            return await work()

        return self.runner.run(awaited())

    def events_in(self, *states: EventState) -> list[str]:
        return [id_ for id_ in self.order if self.state[id_] in states]

    @rule(ids=strategies.lists(strategies.integers(1, 12), max_size=5))
    def take(self, ids: list[int]) -> None:
        new = self.run(lambda: self.ledger.take_many([event(n, chat(str(n % 3))) for n in ids]))
        expected = [id_ for id_ in dict.fromkeys(map(str, ids)) if id_ not in self.state]
        assert [one.id for one in new] == expected
        self.order += expected
        self.state |= dict.fromkeys(expected, EventState.OPEN)
        self.outbound |= dict.fromkeys(expected, ())

    @precondition(lambda self: self.order)
    @rule(chosen=strategies.data())
    def answering(self, chosen: strategies.DataObject) -> None:
        id_ = chosen.draw(strategies.sampled_from(self.order))
        more = (*self.outbound[id_], f"{id_}.{len(self.outbound[id_])}")
        self.run(lambda: self.ledger.answering(event(int(id_), chat(str(int(id_) % 3))), more))
        self.outbound[id_] = more
        if self.state[id_] is EventState.OPEN:
            self.state[id_] = EventState.ANSWERING

    @precondition(lambda self: self.order)
    @rule(chosen=strategies.data(), how=strategies.sampled_from([EventState.DONE, EventState.APOLOGISED, EventState.DROPPED]))
    def done(self, chosen: strategies.DataObject, how: EventState) -> None:
        id_ = chosen.draw(strategies.sampled_from(self.order))
        self.run(lambda: self.ledger.done(event(int(id_)).key, how))
        if self.state[id_] in (EventState.OPEN, EventState.ANSWERING):
            self.state[id_] = how

    @rule()
    def restart(self) -> None:
        self.run(self.database.close)
        self.open()

    @invariant()
    def the_unfinished_are_those_of_the_model(self) -> None:
        found = self.run(lambda: self.ledger.unfinished(BOT))
        assert [one.id for one in found] == self.events_in(EventState.OPEN, EventState.ANSWERING)
        assert {one.id: (one.state, one.outbound) for one in found} == {
            one.id: (self.state[one.id], self.outbound[one.id]) for one in found
        }

    def teardown(self) -> None:
        self.run(self.database.close)
        self.runner.close()
        self.folder.cleanup()


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=15, stateful_step_count=10)


# Other processes


def process(data: Path, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bot.storage.ledger_process", str(data / "state.sqlite"), what]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)


@pytest.fixture
def processes(data: Path, state: TurnStore) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(what: str) -> subprocess.Popen[str]:
        started.append(process(data, what))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


async def test_two_processes_that_take_the_same_events_share_them(processes: Start, ledger: Ledger) -> None:
    both = [processes("take"), processes("take")]
    outs = await asyncio.gather(*(asyncio.to_thread(one.communicate, "go\n") for one in both))
    first, second = (out.split() for out, _ in outs)
    assert sorted([*first, *second], key=int) == [str(n) for n in range(100)]
    assert len(await ledger.unfinished(BOT)) == 100


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills a process")
@pytest.mark.parametrize("moment", [3, 17, 40])
async def test_a_kill_between_two_steps_loses_nothing_and_doubles_nothing(processes: Start, ledger: Ledger, moment: int) -> None:
    """The process answers events one by one and prints what it has sent; what it has sent when it dies is the truth."""
    dying = processes("answer")
    assert dying.stdin
    assert dying.stdout
    dying.stdin.write("go\n")
    dying.stdin.flush()
    lines = [await asyncio.to_thread(dying.stdout.readline) for _ in range(moment)]
    os.kill(dying.pid, signal.SIGKILL)
    rest = await asyncio.to_thread(dying.stdout.read)  # `communicate` would lose what `readline` has read ahead
    await asyncio.to_thread(dying.wait)
    sent = [line.split() for line in ("".join(lines) + rest).splitlines()]
    finished = {id_ for step, id_ in sent if step == "done"}
    begun = {id_ for step, id_ in sent if step == "noted"} - finished
    left = {one.id: one for one in await ledger.unfinished(BOT)}
    may_be_done = {id_ for id_ in begun if id_ not in left}  # killed after the commit, before it was printed
    assert len(may_be_done) <= 1
    assert set(left) == {str(n) for n in range(50)} - finished - may_be_done
    assert all(left[id_].outbound == (f"m{id_}",) for id_ in begun & set(left))


async def test_the_answer_to_whoever_had_themselves_deleted_leaves_no_row_of_their_chat(state: TurnStore, ledger: Ledger) -> None:
    leaving, home = Person(platform="telegram", id="5"), Place(platform="telegram", chat="5")
    asked = event(1, home, message="17")
    await ledger.take(asked)
    await Persons(state.database).delete(leaving, {home.key})
    await ledger.answering(asked, ["18"])  # "All about you is deleted", in a message of its own
    await ledger.done(asked.key)
    assert await ledger.messages_for(BOT, home, "17") == ()
    assert await state.database.read(lambda connection: connection.execute(select(sent)).all()) == []
