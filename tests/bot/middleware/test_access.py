from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.middleware import Middleware, pairing_code_in
from bot.middleware.access import KNOWN_S, AccessRules, Role, rules_of, standing
from bot.middleware.access_checks import checks
from bot.settings import Settings
from bot.storage import Paired, Pairing, TurnStore
from bot.types import Person, Place, Question
from tests.bot.middleware.asking import ANN, GROUP, OWNER, guards, private, settings

EVE = Person(platform="telegram", id="9", language="en")
ELSEWHERE = Place(platform="telegram", chat="-8", private=False)
MEMBER = Person(platform="discord", id="9", roles=("70", "71"))
CHANNEL = Place(platform="discord", chat="300", guild="200", private=False)
THREAD = Place(platform="discord", chat="300", thread="301", guild="200", private=False)


@pytest.mark.parametrize(
    ("person", "place", "rules", "found"),
    [
        (EVE, private(EVE), AccessRules(), Role.STRANGER),
        (EVE, GROUP, AccessRules(), Role.STRANGER),
        (EVE, private(EVE), AccessRules(everybody=True), Role.ADMIN),
        (EVE, private(EVE), AccessRules(users=frozenset({"9"})), Role.GUEST),
        (EVE, ELSEWHERE, AccessRules(users=frozenset({"9"})), Role.GUEST),
        (EVE, private(EVE), AccessRules(admins=frozenset({"9"})), Role.ADMIN),
        (EVE, GROUP, AccessRules(chats=frozenset({"-7"})), Role.GUEST),
        (EVE, ELSEWHERE, AccessRules(chats=frozenset({"-7"})), Role.STRANGER),
        (EVE, private(EVE), AccessRules(chats=frozenset({"9"})), Role.STRANGER),  # a chat is a group, a person is a user
        (EVE, private(EVE), AccessRules(chats=frozenset({"-7"})), Role.STRANGER),
        (MEMBER, CHANNEL, AccessRules(guilds=frozenset({"200"})), Role.GUEST),
        (MEMBER, CHANNEL, AccessRules(guilds=frozenset({"201"})), Role.STRANGER),
        (MEMBER, CHANNEL, AccessRules(chats=frozenset({"300"})), Role.GUEST),
        (MEMBER, THREAD, AccessRules(chats=frozenset({"300"})), Role.GUEST),
        (MEMBER, THREAD, AccessRules(chats=frozenset({"301"})), Role.GUEST),
        (MEMBER, CHANNEL, AccessRules(roles=frozenset({"71"})), Role.GUEST),
        (MEMBER, CHANNEL, AccessRules(admin_roles=frozenset({"71"})), Role.ADMIN),
        (MEMBER, Place(platform="discord", chat="9"), AccessRules(guilds=frozenset({""})), Role.STRANGER),
    ],
)
def test_the_settings_let_in_by_person_place_and_role(person: Person, place: Place, rules: AccessRules, found: Role) -> None:
    rules = AccessRules(
        **{name: getattr(rules, name) for name in AccessRules.__slots__ if name != "guilds"}, guilds=rules.guilds - {""}
    )
    assert standing(person, place, rules, {}) is found


def test_who_is_kept_out_stays_out_whatever_lets_them_in() -> None:
    rules = AccessRules(users=frozenset({"9"}), chats=frozenset({"-7"}))
    assert standing(EVE, GROUP, rules, {("user", "9"): False, ("chat", "-7"): True}) is Role.BARRED
    assert standing(EVE, GROUP, rules, {("user", "9"): False, ("admin", "9"): True}) is Role.BARRED


def test_an_admin_of_the_settings_cannot_be_kept_out() -> None:
    assert standing(EVE, GROUP, AccessRules(admins=frozenset({"9"})), {("user", "9"): False}) is Role.ADMIN


def test_ids_of_one_platform_let_nobody_in_on_another() -> None:
    chosen = settings()
    assert rules_of(chosen, "telegram").users == {"5", "6"}
    assert rules_of(chosen, "discord") == rules_of(chosen, "matrix") == AccessRules()


async def test_a_stranger_is_told_once_a_day_how_to_ask_and_then_nothing(state: TurnStore) -> None:
    door = guards(state).door
    first = await door.decide(EVE, private(EVE))
    assert not first.allowed
    assert "9" in first.line
    assert [(await door.decide(EVE, private(EVE))).line for _ in range(3)] == [""] * 3
    assert (await guards(state).door.decide(EVE, private(EVE))).line == ""  # after a restart as well
    other = Person(platform="telegram", id="10")
    assert "10" in (await door.decide(other, private(other))).line


async def test_a_stranger_in_a_group_is_told_the_group_s_number(state: TurnStore) -> None:
    assert "-8" in (await guards(state).door.decide(EVE, ELSEWHERE)).line


async def test_who_was_let_in_by_command_is_in_and_who_was_put_out_hears_nothing(state: TurnStore) -> None:
    door = guards(state).door
    await door.people.allow("telegram", "user", "9", by=OWNER.key)
    assert (await door.decide(EVE, private(EVE))).allowed
    await door.people.deny("telegram", "user", "9", by=OWNER.key)
    decision = await door.decide(EVE, GROUP)
    assert (decision.allowed, decision.line) == (False, "")


async def test_a_channel_and_a_server_can_be_let_in_by_command(state: TurnStore) -> None:
    door = guards(state).door
    await door.people.allow("discord", "guild", "200", by="discord:1")
    assert (await door.decide(MEMBER, THREAD)).allowed
    await door.people.deny("discord", "channel", "301", by="discord:1")
    assert [(await door.decide(MEMBER, place)).allowed for place in (CHANNEL, THREAD)] == [True, False]


async def test_pairing_makes_an_admin_in_a_private_chat_only(state: TurnStore) -> None:
    door = guards(state).door
    code = await Pairing(state.database).make()
    assert "cannot be used" in await door.pair(ANN, GROUP, code)
    assert not await door.is_admin(ANN, GROUP)
    assert "admin" in await door.pair(EVE, private(EVE), code)
    assert await door.is_admin(EVE, GROUP)
    assert "cannot be used" in await door.pair(ANN, private(ANN), code)


async def test_many_wrong_codes_lock_a_person_out(state: TurnStore) -> None:
    door = guards(state).door
    said = [await door.pair(EVE, private(EVE), "2222333A") for _ in range(8)]
    assert "cannot be used" in said[0]
    assert "hour" in said[5]
    assert [line for line in said if line] == [said[0], said[5]]  # whoever goes on hears nothing


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/pair 4KTX-92WQ", "4KTX-92WQ"),
        ("/pair@my_bot 4ktx92wq", "4ktx92wq"),
        ("/start 4KTX92WQ ", "4KTX92WQ"),
        ("/配对 4KTX 92WQ", "4KTX 92WQ"),
        ("/pair: ４KTX－92WQ", "4KTX-92WQ"),
        ("4KTX-92WQ", "4KTX-92WQ"),
        (" 4KTX92WQ\n", "4KTX92WQ"),
        ("/start", ""),
        ("/start training", ""),
        ("/start sentence", ""),
        ("start 4KTX-92WQ", ""),
        ("sentence", ""),
        ("SENTENCE", ""),
        ("resnet34", ""),
        ("2345-6789", ""),
        ("4KTX-92WQ?", ""),
        ("/pair", ""),
        ("pair programming is good", ""),
        ("/pair 4KTX-92WQ please", ""),
    ],
)
def test_a_code_is_found_in_what_people_send(text: str, code: str) -> None:
    assert pairing_code_in(text) == code


async def test_a_group_of_the_settings_stays_let_in_under_its_new_id(state: TurnStore) -> None:
    all_guards: Middleware = guards(state)
    new = Place(platform="telegram", chat="-1007", private=False)
    assert not (await all_guards.door.decide(EVE, new)).allowed
    await all_guards.move(GROUP, new)
    assert (await all_guards.door.decide(EVE, new)).allowed
    await all_guards.move(ELSEWHERE, Place(platform="telegram", chat="-1008", private=False))
    assert not (await all_guards.door.decide(EVE, Place(platform="telegram", chat="-1008", private=False))).allowed


async def test_the_doctor_hears_who_can_use_the_bot(state: TurnStore) -> None:
    door = guards(state).door
    names = lambda chosen, listed: [(check.name, check.fault) for check in checks(chosen, listed)]  # noqa: E731
    nobody = Settings(telegram={"token": "x"})
    assert names(nobody, ()) == [("door_nobody", True), ("token_missing", False)]
    await door.people.allow("telegram", "user", "9", by="telegram:1")
    assert names(nobody, await door.people.listed())[0] == ("door_no_admin", False)
    await door.people.allow("telegram", "admin", "9", by="pairing")
    assert names(nobody, await door.people.listed())[0] == ("door_open", False)


async def test_who_is_kept_out_is_kept_out_at_once(state: TurnStore) -> None:
    door = guards(state).door
    for change, found in [(door.people.allow, Role.GUEST), (door.people.deny, Role.BARRED)]:
        await change("telegram", "user", EVE.id, by=OWNER.key)
        assert await door.standing(EVE, private(EVE)) is found
    await door.people.forget("telegram", "user", EVE.id)
    assert await door.standing(EVE, private(EVE)) is Role.STRANGER


async def test_what_another_program_says_of_somebody_is_heard_in_a_moment(state: TurnStore) -> None:
    here, there = guards(state).door, guards(state).door
    assert await here.standing(EVE, private(EVE)) is Role.STRANGER
    await there.people.allow("telegram", "user", EVE.id, by=OWNER.key)
    await asyncio.sleep(KNOWN_S)
    assert await here.standing(EVE, private(EVE)) is Role.GUEST


async def test_what_cannot_be_looked_up_beforehand_keeps_no_event_from_being_answered(state: TurnStore) -> None:
    await state.database.write(lambda connection: connection.execute(text("DROP TABLE place_settings")))
    await guards(state).expect(ANN, GROUP)


async def test_who_is_kept_out_is_let_in_by_no_code_and_loses_what_let_them_in(state: TurnStore) -> None:
    door = guards(state).door
    for grants in ("admin", "user"):
        await door.pair(EVE, private(EVE), await Pairing(state.database).make(grants))
    assert await door.role_of("telegram", "user", EVE.id) is Role.ADMIN
    await door.people.deny("telegram", "user", EVE.id, by=OWNER.key)
    code = await Pairing(state.database).make()
    assert await door.pair(EVE, private(EVE), code) == ""
    assert await Pairing(state.database).use(code, EVE) is Paired.NO
    assert await door.role_of("telegram", "user", EVE.id) is Role.BARRED
    await door.people.allow("telegram", "user", EVE.id, by=OWNER.key)
    assert await door.role_of("telegram", "user", EVE.id) is Role.GUEST
    assert await Pairing(state.database).use(code, ANN) is Paired.YES  # nobody has used it


async def test_a_stranger_s_line_comes_once_a_day_on_every_way(state: TurnStore) -> None:
    door = guards(state).door
    asked = [(await door.decide(EVE, private(EVE))).line for _ in range(2)]
    paired = [await door.pair(EVE, ELSEWHERE, "2222333A") for _ in range(2)]
    assert ([bool(line) for line in asked], paired) == ([True, False], ["", ""])
    crowd = [Person(platform="telegram", id=str(number)) for number in range(30, 40)]
    other = Place(platform="telegram", chat="-99", private=False)
    assert [bool((await door.decide(one, other)).line) for one in crowd] == [True] + [False] * (len(crowd) - 1)
    assert (await door.decide(crowd[1], private(crowd[1]))).line  # who was told nothing there is told here


async def test_a_stranger_s_line_may_wait_and_is_behind_nobody_s_answer(state: TurnStore) -> None:
    refusal = await guards(state).door.refuse(Question(person=EVE, place=private(EVE), text="米饭？"))
    assert refusal
    assert (bool(refusal.line), refusal.patient) == (True, True)
