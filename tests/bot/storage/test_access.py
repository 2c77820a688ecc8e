"""Who is let in by command, pairing codes, counts, and what places choose."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.storage import AccessList, ChatSettings, Ledger, Paired, Pairing, PlaceSettings, Tallies, TurnStore
from bot.storage.access import ALPHABET, TRIES, VALID
from bot.storage.chats import KNOWN_S
from bot.types import Person, Place
from tests.bot.storage.test_events import Clock

ANN = Person(platform="telegram", id="5")
BEN = Person(platform="telegram", id="6")


@pytest.fixture
def people(state: TurnStore) -> AccessList:
    return AccessList(state.database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pairing(state: TurnStore, clock: Clock) -> Pairing:
    return Pairing(state.database, clock=clock)


async def test_the_list_says_who_is_in_and_who_is_out(people: AccessList) -> None:
    await people.allow("telegram", "user", "5", by="telegram:1")
    await people.allow("telegram", "chat", "-7", by="telegram:1")
    await people.deny("telegram", "user", "6", by="telegram:1")
    await people.allow("discord", "user", "5", by="discord:1")
    asked = [("user", "5"), ("user", "6"), ("user", "7"), ("chat", "5"), ("chat", "-7"), ("guild", "")]
    assert await people.verdicts("telegram", asked) == {("user", "5"): True, ("user", "6"): False, ("chat", "-7"): True}
    assert await people.verdicts("telegram", []) == {}
    listed = await people.listed("telegram")
    assert [(one.kind, one.id, one.allowed, one.by) for one in listed][:1] == [("user", "5", True, "telegram:1")]
    assert (len(listed), len(await people.listed())) == (3, 4)


async def test_the_last_word_on_somebody_counts(people: AccessList) -> None:
    for wish in (people.allow, people.deny, people.allow):
        await wish("telegram", "user", "5", by="telegram:1")
    assert await people.verdicts("telegram", [("user", "5")]) == {("user", "5"): True}
    await people.forget("telegram", "user", "5")
    assert await people.verdicts("telegram", [("user", "5")]) == {}


async def test_a_code_lets_one_person_in_once(pairing: Pairing, people: AccessList) -> None:
    code = await pairing.make()
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01OI")
    assert await pairing.use(f" {code[:4].lower()}-{code[4:]} ", ANN) is Paired.YES
    assert await pairing.use(code, BEN) is Paired.NO
    assert [(one.kind, one.id, one.allowed) for one in await people.listed()] == [("admin", "5", True)]


async def test_of_many_who_use_a_code_at_once_one_gets_in(pairing: Pairing) -> None:
    code = await pairing.make("user")
    crowd = [Person(platform="telegram", id=str(n)) for n in range(6)]
    came = await asyncio.gather(*(pairing.use(code, person) for person in crowd))
    assert sorted(came) == [Paired.NO] * 5 + [Paired.YES]


async def test_a_guest_s_code_makes_no_admin(pairing: Pairing, people: AccessList) -> None:
    await pairing.use(await pairing.make("user"), ANN)
    assert [one.kind for one in await people.listed()] == ["user"]


async def test_a_code_is_good_for_fifteen_minutes(pairing: Pairing, clock: Clock) -> None:
    code, other = await pairing.make(), await pairing.make()
    clock.now += VALID
    assert await pairing.use(code, ANN) is Paired.YES
    clock.now += timedelta(seconds=1)
    assert await pairing.use(other, BEN) is Paired.NO


async def test_after_five_tries_even_the_right_code_is_not_looked_at_for_the_hour(pairing: Pairing, clock: Clock) -> None:
    tried = [await pairing.use("22223333", ANN) for _ in range(TRIES)]
    assert tried == [Paired.NO] * TRIES
    code = await pairing.make()
    assert await pairing.use(code, ANN) is Paired.LOCKED
    assert await pairing.use(code, BEN) is Paired.YES
    clock.now += timedelta(hours=1)
    assert await pairing.use(await pairing.make(), ANN) is Paired.YES


async def test_tries_at_once_are_no_way_around_the_limit(pairing: Pairing) -> None:
    came = await asyncio.gather(*(pairing.use("22223333", ANN) for _ in range(12)))
    assert came.count(Paired.LOCKED) == 12 - TRIES


async def test_the_database_does_not_hold_the_code(pairing: Pairing, data: Path) -> None:
    code = await pairing.make()
    file = sqlite3.connect(data / "state.sqlite")
    rows = str(file.execute("SELECT * FROM pairings").fetchall())
    file.close()
    assert "admin" in rows
    assert code not in rows


async def test_counts_are_kept_apart_and_survive(state: TurnStore, clock: Clock) -> None:
    until = clock.now + timedelta(hours=1)
    counted = await asyncio.gather(*(Tallies(state.database).count("asked", "a", "monday", until=until) for _ in range(5)))
    assert sorted(counted) == [1, 2, 3, 4, 5]
    tallies = Tallies(state.database, clock=clock)
    assert [await tallies.read("asked", "a", day) for day in ("monday", "tuesday")] == [5, 0]
    assert await tallies.count("told", "a", "monday", until=until) == 1
    await tallies.prune()
    assert await tallies.read("asked", "a", "monday") == 5
    clock.now += timedelta(hours=2)
    await tallies.prune()
    assert await tallies.read("asked", "a", "monday") == 0


GROUP = Place(platform="telegram", chat="-7", private=False)
THREAD = Place(platform="telegram", chat="-7", thread="3", private=False)


async def test_a_place_chooses_and_its_threads_follow_until_they_choose_themselves(state: TurnStore) -> None:
    places = ChatSettings(state.database)
    assert await places.of(GROUP) == PlaceSettings()
    assert await places.change(GROUP, style="long", everything=True) == PlaceSettings(style="long", everything=True)
    assert await places.change(THREAD, everything=False, language="en") == PlaceSettings(
        style="long", everything=False, language="en"
    )
    assert await places.change(GROUP, style=None) == PlaceSettings(everything=True)
    assert await places.of(Place(platform="discord", chat="-7")) == PlaceSettings()


@pytest.mark.parametrize("wrong", [{"style": "epic"}, {"language": "fr"}, {"everything": "yes"}, {"colour": "red"}])
async def test_what_cannot_be_chosen_is_refused_and_changes_nothing(state: TurnStore, wrong: dict[str, object]) -> None:
    places = ChatSettings(state.database)
    await places.change(GROUP, style="short")
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} cannot be"):
        await places.change(GROUP, **wrong)
    assert await places.of(GROUP) == PlaceSettings(style="short")


async def test_what_another_version_has_kept_is_passed_over(state: TurnStore, data: Path) -> None:
    places = ChatSettings(state.database)
    await places.change(GROUP, style="short", language="en")
    file = sqlite3.connect(data / "state.sqlite")
    file.execute("""UPDATE place_settings SET settings = '{"style": "epic", "language": "en", "colour": "red"}'""")
    file.commit()
    file.close()
    places.forget()
    assert await places.of(GROUP) == PlaceSettings(language="en")


async def test_what_another_program_chooses_is_seen_a_little_later_and_what_this_one_does_at_once(state: TurnStore) -> None:
    now = [0.0]
    here, there = ChatSettings(state.database, clock=lambda: now[0]), ChatSettings(state.database)
    await here.change(GROUP, style="short")
    assert (await here.of(GROUP)).style == "short"
    await there.change(GROUP, style="long")
    assert (await here.of(GROUP)).style == "short"
    now[0] = KNOWN_S + 1
    assert (await here.of(GROUP)).style == "long"


async def test_what_was_being_read_while_something_was_chosen_is_not_taken_for_the_choice(state: TurnStore) -> None:
    places, begun, chosen = ChatSettings(state.database), threading.Event(), threading.Event()
    read = state.database.read

    async def slowly(work: Callable[[Connection], object]) -> object:
        """The reading has begun, and what it found is told only after the choice."""

        def wait(connection: Connection) -> object:
            found = work(connection)
            begun.set()
            chosen.wait(10)
            return found

        return await read(wait)

    state.database.read = slowly  # type: ignore[method-assign,assignment]
    asked = asyncio.create_task(places.of(GROUP))
    await asyncio.to_thread(begun.wait, 10)
    state.database.read = read  # type: ignore[method-assign]
    assert (await places.change(GROUP, style="short")).style == "short"
    chosen.set()
    await asked
    assert (await places.of(GROUP)).style == "short"


async def test_two_who_choose_at_once_both_have_their_way(state: TurnStore) -> None:
    places = ChatSettings(state.database)
    await places.change(GROUP, reminders=True)
    for language in ("zh", "en") * 5:
        await asyncio.gather(places.change(GROUP, style=None), places.change(GROUP, language=None))
        await asyncio.gather(places.change(GROUP, style="long"), places.change(GROUP, language=language))
        assert await places.of(GROUP) == PlaceSettings(style="long", language=language, reminders=True)


async def test_a_group_with_a_new_id_keeps_its_choices_and_stays_let_in(state: TurnStore, people: AccessList) -> None:
    places, new = ChatSettings(state.database), Place(platform="telegram", chat="-1007", private=False)
    await places.change(GROUP, style="long")
    await places.change(THREAD, style="short")
    await places.change(new, style="normal")
    await people.allow("telegram", "chat", "-7", by="telegram:1")
    await people.allow("telegram", "chat", "-8", by="telegram:1")
    await people.deny("telegram", "chat", "-1007", by="telegram:1")
    await Ledger(state.database).move_place(GROUP, new)
    places.forget()
    styles = [(await places.of(place)).style for place in (GROUP, new, Place(platform="telegram", chat="-1007", thread="3"))]
    assert styles == [None, "long", "short"]
    assert {(one.id, one.allowed) for one in await people.listed()} == {("-1007", True), ("-8", True)}
