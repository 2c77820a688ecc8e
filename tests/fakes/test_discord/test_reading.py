"""What people say, and what of it the bot may read."""

from __future__ import annotations

import discord

from tests.fakes.discord import FakeDiscord, Intent, May
from tests.fakes.test_discord.bot import Bot, Place, channel_of, refused, running, until


async def test_without_the_intent_a_message_is_empty_unless_it_is_for_the_bot(fake: FakeDiscord, place: Place) -> None:
    async with running(fake, Bot(content=False)) as bot:
        fake.people.says(place.mei, place.kitchen, "not for the bot", files={"a.txt": b"a"})
        fake.people.says(place.mei, place.kitchen, "@bot for the bot")
        own = await channel_of(bot, place.kitchen).send("an answer")
        answer = place.kitchen.messages[own.id]
        reply = fake.people.says(place.mei, place.kitchen, "a reply", reply_to=answer)
        fake.people.says(place.mei, place.kitchen, "a reply without ping", reply_to=answer, ping=False)
        fake.people.says(place.mei, place.mei, "a direct message")
        await until(lambda: len(bot.heard) == 5)
        assert [one.content for one in bot.heard] == ["", f"<@{fake.bot.id}> for the bot", "a reply", "", "a direct message"]
        assert bot.heard[0].attachments == []
        fake.people.edits(place.mei, reply, "a better reply")
        await until(lambda: ("edit", "a better reply") in bot.events)
        reference = bot.heard[3].reference
        assert reference is not None
        assert isinstance(reference.resolved, discord.Message)
        assert reference.resolved.content == "an answer"


async def test_the_history_is_emptied_too_when_the_application_has_no_intent(fake: FakeDiscord, place: Place) -> None:
    fake.gateway.allowed = 0
    fake.people.says(place.mei, place.kitchen, "not for the bot")
    fake.people.says(place.mei, place.kitchen, "@bot hello")
    async with running(fake, Bot(content=False)) as bot:
        assert [one.content async for one in channel_of(bot, place.kitchen).history()] == [f"<@{fake.bot.id}> hello", ""]


async def test_intents_say_which_events_come(fake: FakeDiscord, place: Place) -> None:
    bot = Bot()
    bot._connection._intents.dm_messages = False
    bot._connection._intents.guild_reactions = False
    async with running(fake, bot):
        fake.people.says(place.mei, place.mei, "unheard")
        said = fake.people.says(place.mei, place.kitchen, "heard")
        fake.people.reacts(place.mei, said, "👍")
        fake.people.edits(place.mei, said, "changed")
        await until(lambda: ("edit", "changed") in bot.events)
        assert [one.id for one in bot.heard] == [said.id]
        assert [name for name, _ in bot.events] == ["edit"]


async def test_people_edit_delete_and_react(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    said = fake.people.says(place.mei, place.kitchen, "米饭")
    fake.people.edits(place.mei, said, "米饭？")
    fake.people.reacts(place.mei, said, "👍")
    fake.people.deletes(place.mei, said)
    await until(lambda: len(bot.events) == 3)
    assert bot.events == [("edit", "米饭？"), ("reaction", ("👍", place.mei.id)), ("delete", said.id)]


async def test_a_channel_that_the_bot_does_not_see_is_silent_and_closed(fake: FakeDiscord, place: Place) -> None:
    hidden = fake.world.add_channel(place.guild, "hidden", {fake.bot.id: (0, May.VIEW_CHANNEL)})
    async with running(fake) as bot:
        fake.people.says(place.mei, hidden, "secret")
        fake.people.says(place.mei, place.kitchen, "open")
        await until(lambda: bot.heard)
        assert [one.content for one in bot.heard] == ["open"]
        assert await refused(bot.get_partial_messageable(hidden.id).send("hello")) == (403, 50001)


async def test_attachments_can_be_fetched(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.people.says(place.mei, place.kitchen, "see", files={"a.md": b"# rice"})
    await until(lambda: bot.heard)
    assert await bot.heard[0].attachments[0].read() == b"# rice"


async def test_guilds_tell_of_their_members_roles_and_channels(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    guild = bot.get_guild(place.guild.id)
    assert guild is not None
    assert [role.name for role in (await guild.fetch_member(place.mei.id)).roles] == ["@everyone", "cooks"]
    assert await refused(guild.fetch_member(fake.world.add_user("Stranger").id)) == (404, 10007)
    assert [one.name for one in await guild.fetch_channels()] == ["kitchen"]
    assert [one.name for one in await guild.fetch_roles()] == ["@everyone", "cooks"]
    assert [one.name for one in await guild.query_members(user_ids=[place.tom.id])] == ["Tom"]
    everybody = await bot.http.get_members(guild.id, 10, None)
    assert [one["user"]["username"] for one in everybody] == ["notesbot", "Mei", "Tom", "Chef"]
    fake.gateway.allowed &= ~Intent.MEMBERS
    assert await refused(bot.http.get_members(guild.id, 10, None)) == (403, 50001)
    assert (await bot.fetch_guild(guild.id)).name == "Cooks"
    assert [one.name async for one in bot.fetch_guilds()] == ["Cooks"]


async def test_roles_and_channels_change_while_the_bot_listens(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    pantry = fake.world.add_channel(place.guild, "pantry")
    await until(lambda: bot.get_channel(pantry.id))
    fake.world.remove_channel(pantry)
    await until(lambda: not bot.get_channel(pantry.id))
    fake.world.change_roles(place.guild, place.tom, [place.cooks])
    fake.people.says(place.tom, place.kitchen, "now a cook")
    await until(lambda: bot.heard)
    author = bot.heard[0].author
    assert isinstance(author, discord.Member)
    assert [role.name for role in author.roles] == ["@everyone", "cooks"]
