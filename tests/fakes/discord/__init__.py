"""Discord's REST API and gateway on a loopback socket, as strict as Discord itself, scripted by the test.

    async with FakeDiscord() as fake:
        mei = fake.world.add_user("Mei", locale="zh-CN")
        guild = fake.world.add_guild("厨房", owner=mei)
        kitchen = fake.world.add_channel(guild, "kitchen")
        with pointed_at(fake):
            ...                                                      # start a client of discord.py with `fake.token`
            await fake.until_ready()
            fake.people.says(mei, kitchen, "@bot 米饭要煮多久？")      # people act at once
            await fake.until(lambda: fake.said(kitchen))             # the bot answers when it does
            call = fake.people.slash(mei, kitchen, "ask", question="米饭要煮多久？")
            await call.until_answered()
            assert call.latency < 3 and call.text == "二十分钟。"
            fake.gateway.drop()                                      # the bot has to resume
            fake.once(Trouble.BAD_GATEWAY, "POST /channels/{channel_id}/messages")
        assert not fake.refusals and not fake.late and not fake.live

Its rules are those of discord/discord-api-docs, and of what libraries found out where the documentation is silent. Lengths are
counted in code points. It is stricter in four points where the real one would say nothing, or may do either: a field that does
not exist is refused; a deferred response takes the ephemeral flag and nothing else; a mention in code, or one that an edit
brings in, counts as a live one; user and message commands are limited to five each.
"""

from tests.fakes.discord.calls import Call
from tests.fakes.discord.clock import Clock
from tests.fakes.discord.events import Intent
from tests.fakes.discord.faults import Trouble
from tests.fakes.discord.permissions import ALL, ORDINARY, May
from tests.fakes.discord.picking import Impossible
from tests.fakes.discord.pointing import pointed, pointed_at
from tests.fakes.discord.received import Received
from tests.fakes.discord.server import TOKEN, FakeDiscord
from tests.fakes.discord.values import Channel, Guild, Member, Message, Role, User
from tests.fakes.discord.world import World

__all__ = [
    "ALL",
    "ORDINARY",
    "TOKEN",
    "Call",
    "Channel",
    "Clock",
    "FakeDiscord",
    "Guild",
    "Impossible",
    "Intent",
    "May",
    "Member",
    "Message",
    "Received",
    "Role",
    "Trouble",
    "User",
    "World",
    "pointed",
    "pointed_at",
]
