"""What is meant for the bot, and what it is asked."""

from __future__ import annotations

import pytest
import telegram as library
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import fenced, telegram_messages
from bot.platforms.protocol import InboundMessage
from bot.platforms.telegram.parser import parse_message
from bot.types import Quote
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.places import Message
from tests.fakes.telegram.texts import Formatted, found

ME = library.User(id=7_000_000_001, first_name="Notes", is_bot=True, username="notes_bot")
COMMANDS = frozenset({"ask", "help"})


def heard(text: str, *, private: bool = False, **more: object) -> InboundMessage | None:
    """What the bot makes of the JSON that the server would send."""
    fake = FakeTelegram()
    alice = fake.world.person("Alice")
    chat = fake.world.private(alice) if private else fake.world.supergroup("G", members=[alice])
    message = Message(id=5, chat=chat, sender=alice, date=1, content=Formatted(text=text, entities=found(text)))
    told = library.Message.de_json(message.json() | more, None)
    assert told is not None
    return parse_message(told, ME, update=1, edited=False, commands=COMMANDS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@notes_bot 粥？", "粥？"),
        ("粥呢，@Notes_Bot ？", "粥呢， ？"),
        ("你好 @notes_bot", "你好"),
        ("@notes_bot", ""),
        ("@notes_bots 粥？", None),
        ("notes_bot 粥？", None),
        ("mail a@notes_bot now", None),
    ],
)
def test_a_mention_addresses_the_bot_and_is_not_part_of_the_question(text: str, words: str | None) -> None:
    one = heard(text)
    assert (one.text if one and one.addressed else None) == words


@pytest.mark.parametrize(
    ("text", "private", "command", "words"),
    [
        ("/ask 粥？", False, "ask", "粥？"),
        ("/ask@notes_bot 粥？", False, "ask", "粥？"),
        ("/ASK@Notes_Bot\n粥？", False, "ask", "粥？"),
        ("/ask@other_bot 粥？", False, None, ""),
        ("/ask@other_bot 粥？", True, None, ""),
        ("/roll 6", False, None, ""),
        ("/roll@notes_bot 6", False, "roll", "6"),
        ("/roll 6", True, "roll", "6"),
        ("看 /ask", True, "", "看 /ask"),
    ],
)
def test_commands_are_for_the_bot_that_they_name(text: str, private: bool, command: str | None, words: str) -> None:
    one = heard(text, private=private)
    assert (one.command if one else None, one.text if one else "") == (command, words)


def test_other_bots_own_inline_results_and_forwarded_posts_are_not_heard() -> None:
    bot = {"id": 9, "is_bot": True, "first_name": "Other"}
    text = "@notes_bot 粥？"
    assert heard(text) is not None
    assert heard(text, **{"from": bot}) is None
    assert heard(text, via_bot=ME.to_dict()) is None
    assert heard(text, is_automatic_forward=True) is None
    hidden = {"id": -100, "type": "supergroup", "title": "G"}
    assert heard(text, **{"from": bot, "sender_chat": hidden}) is not None


@given(st.text(alphabet="`~x \n", max_size=30))
def test_nothing_gets_out_of_its_fence(text: str) -> None:
    shown = telegram_messages(f"{fenced(text)}\n\n**after**")
    bold = [one for part in shown for one in part.entities if one.type == "bold"]
    assert len(bold) == 1


BOB = {"id": 77, "first_name": "Bob", "last_name": "Lin", "is_bot": False}


@pytest.mark.parametrize(
    ("more", "person", "name"),
    [
        ({"forward_origin": {"type": "user", "date": 1, "sender_user": BOB}}, "telegram:77", "Bob Lin"),
        ({"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Nobody"}}, "", "Nobody"),
    ],
)
def test_a_message_that_is_handed_on_is_its_author_s(more: dict[str, object], person: str, name: str) -> None:
    one = heard("粥要煮多久？", private=True, **more)
    assert one
    assert (one.text, one.quote, one.forward) == ("", None, Quote(text="粥要煮多久？", person=person, name=name))


def test_a_quote_from_another_chat_is_its_author_s_too() -> None:
    origin = {"type": "user", "date": 1, "sender_user": BOB}
    quoted = {"quote": {"text": "水多十倍", "position": 0}, "external_reply": {"origin": origin}}
    one = heard("对吗？", private=True, **quoted)
    assert one
    assert (one.text, one.quote) == ("对吗？", Quote(text="水多十倍", person="telegram:77", name="Bob Lin"))


def test_the_bot_s_own_words_are_nobody_s() -> None:
    mine = {"message_id": 4, "date": 1, "chat": {"id": 5, "type": "private"}, "from": ME.to_dict(), "text": "粥要煮一小时。"}
    one = heard("真的？", private=True, reply_to_message=mine, quote={"text": "一小时", "position": 3})
    assert one
    assert one.quote == Quote(text="一小时", name="Notes")
