"""Telegram's Bot API on a loopback socket, as strict as the real server, with people whom the test moves.

    async with FakeTelegram() as telegram:
        world = telegram.world
        alice = world.person("Alice", username="alice")
        group = world.supergroup("Kitchen", members=[alice])
        ...                       # the bot: Application.builder().token(telegram.token).base_url(telegram.base_url) ...
        asked = world.says(alice, group, "@notes_bot how long does rice take?")
        await telegram.until(lambda: len(telegram.read(group)) == 2)
        answer = telegram.read(group)[-1]
        assert answer.text == "20 minutes" and answer.reply_to == asked.id
        world.presses(alice, group.messages[answer.id], "Source")
        assert telegram.refusals == []

It answers and refuses in the words of the real server (`td/telegram/MessageEntity.cpp` and its neighbours in tdlib/td,
`telegram-bot-api/Client.cpp` in tdlib/telegram-bot-api). Where the real one drops, mends or ignores something without a word and
the bot would lose by it, this one refuses with 400 and says so at the end of the description (`ONLY_HERE`): parameters, fields
and entity fields that do not exist, entities that cross or may not nest, buttons with two actions, commands listed twice.
It keeps within what it knows: no channels, stickers, albums, forwards, payments, business accounts or rich messages.
"""

from tests.fakes.telegram.faults import Fault, Trouble
from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.places import Chat, Message, Poll, User
from tests.fakes.telegram.received import Received, Seen
from tests.fakes.telegram.refusals import NOT_MODIFIED, ONLY_HERE, OTHER_POLLER, TOO_OLD
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import Asked, Press
from tests.fakes.telegram.texts import Entity, Formatted, units
from tests.fakes.telegram.world import World

__all__ = [
    "NOT_MODIFIED",
    "ONLY_HERE",
    "OTHER_POLLER",
    "TOO_OLD",
    "Asked",
    "Chat",
    "Entity",
    "FakeTelegram",
    "Fault",
    "Flood",
    "Formatted",
    "Message",
    "Poll",
    "Press",
    "Received",
    "Seen",
    "Trouble",
    "User",
    "World",
    "units",
]
