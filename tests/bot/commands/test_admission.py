"""`/allow` and `/deny`: whom they name, and what they say of that one afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.commands import CommandRouter
from bot.commands.admission import Named, named
from bot.commands.views import CommandViews
from bot.storage import Pairing, TurnStore
from bot.types import Page, Person, Place
from knowledge.notebook import Notebook
from tests.bot.middleware.asking import GROUP, OWNER, guards, private

HOME = private(OWNER)
CHANNEL = Place(platform="discord", chat="112233445566778899", guild="9", private=False)
SNOWFLAKE = "223344556677889900"


@pytest.mark.parametrize(
    ("words", "place", "who"),
    [
        ("1003", HOME, Named(kind="user", id="1003")),
        ("１００３", HOME, Named(kind="user", id="1003")),
        ("١٠٠٣", HOME, Named(kind="user", id="1003")),
        (" user  001003 ", HOME, Named(kind="user", id="1003")),
        ("用户 １００３", HOME, Named(kind="user", id="1003")),
        ("-1001234567890", HOME, Named(kind="chat", id="-1001234567890")),
        ("－１００", HOME, Named(kind="chat", id="-100")),
        ("\u2212100", HOME, Named(kind="chat", id="-100")),
        ("群 -100", HOME, Named(kind="chat", id="-100")),
        ("here", GROUP, Named(kind="chat", id=GROUP.chat)),
        ("这里", CHANNEL, Named(kind="channel", id=CHANNEL.chat)),
        (SNOWFLAKE, CHANNEL, Named(kind="user", id=SNOWFLAKE)),
        (f"server {SNOWFLAKE}", CHANNEL, Named(kind="guild", id=SNOWFLAKE)),
        ("here", HOME, None),
        ("user -100", HOME, None),
        ("chat 1003", HOME, None),
        ("role 1003", HOME, None),
        ("0", HOME, None),
        ("9" * 20, HOME, None),
        ("1003", CHANNEL, None),
        (f"chat {SNOWFLAKE}", CHANNEL, None),
        (f"-{SNOWFLAKE}", CHANNEL, None),
        ("1003 1004", HOME, None),
        ("@eve", HOME, None),
        ("10.03", HOME, None),
        ("²³", HOME, Named(kind="user", id="23")),
        ("", HOME, None),
    ],
)
def test_a_number_that_there_can_be_is_found_in_the_words(words: str, place: Place, who: Named | None) -> None:
    assert named(words, place) == who


Say = Callable[..., Awaitable[str]]


@pytest.fixture
def say(notebook: Notebook, state: TurnStore) -> Say:
    """What a command of the owner's says."""
    commands = CommandViews(notebook=notebook, state=state)
    router = CommandRouter(notebook=notebook, state=state, commands=commands, guards=guards(state))

    async def say(name: str, words: str, by: Person = OWNER) -> str:
        page = await router.obey(name, words, by, private(by))
        assert isinstance(page, Page)
        return page.text

    return say


async def test_the_reply_tells_what_somebody_is_now(say: Say, state: TurnStore) -> None:
    eve = Person(platform="telegram", id="1003", language="en")
    assert "may use the bot" in await say("allow", "１００３")
    await Pairing(state.database).use(await Pairing(state.database).make(), eve)
    assert "is an admin" in await say("allow", "1003")
    assert "kept out" in await say("deny", "１００３")
    assert not (await guards(state).door.decide(eve, private(eve))).allowed
    assert "may use the bot" in await say("allow", "1003")
    assert not await guards(state).door.is_admin(eve, private(eve))


async def test_an_impossible_number_changes_nothing_and_is_said_in_one_line(say: Say, state: TurnStore) -> None:
    for words in ("chat 1003", "abc", "user -7", ""):
        text = await say("deny", words)
        assert text.startswith("There can be no such number")
        assert "\n" not in text
    assert await guards(state).door.people.listed() == ()


async def test_nobody_locks_out_an_owner_or_themselves(say: Say, state: TurnStore) -> None:
    eve = Person(platform="telegram", id="1003", language="en")
    await Pairing(state.database).use(await Pairing(state.database).make(), eve)
    assert "telegram.admins" in await say("deny", OWNER.id, eve)
    assert "lock you out" in await say("deny", "1003", eve)
    assert await guards(state).door.is_admin(eve, private(eve))
