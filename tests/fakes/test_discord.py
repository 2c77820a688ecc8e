"""The fake, used by the real discord.py: it must answer, and refuse, as Discord does."""

from __future__ import annotations

import asyncio
import io
import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands, ui

from tests.fakes.discord import (
    Call,
    Channel,
    FakeDiscord,
    Guild,
    Impossible,
    Intent,
    May,
    Message,
    Role,
    Trouble,
    User,
    pointed_at,
)

POST = "POST /channels/{channel_id}/messages"
CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"


class Bot(discord.Client):
    """A client that notes what it hears, and has a few commands."""

    def __init__(self, *, content: bool = True, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, guild_ready_timeout=0.05, chunk_guilds_at_startup=False, **options)
        self.heard: list[discord.Message] = []
        self.events: list[tuple[str, Any]] = []
        self.tree = app_commands.CommandTree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        add_commands(self.tree)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The usual one sleeps for five seconds before a second identify."""

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.heard.append(message)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.events.append(("reaction", (str(event.emoji), event.user_id)))

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.events.append(("edit", event.message.content))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.events.append(("delete", event.message_id))

    async def on_thread_create(self, thread: discord.Thread) -> None:
        self.events.append(("thread", thread.name))

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        self.events.append(("archived", after.archived))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.events.append(("left", guild.name))


class Stars(ui.View):
    """Buttons and a menu that work after a restart."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, button: ui.Button[Stars]) -> None:
        await interaction.response.edit_message(content="more of it")

    @ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, button: ui.Button[Stars]) -> None:
        await interaction.response.send_modal(Form())

    @ui.select(
        custom_id="pick",
        options=[discord.SelectOption(label="Rice", value="rice"), discord.SelectOption(label="Tea", value="tea")],
    )
    async def pick(self, interaction: discord.Interaction, select: ui.Select[Stars]) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"picked {select.values[0]}", ephemeral=True)


class Form(ui.Modal, title="Correct"):
    wrong = ui.TextInput[ui.Modal](label="What was wrong?", custom_id="wrong", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"thanks: {self.wrong.value}", ephemeral=True)


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    @tree.command(description="Ask the notes")
    @app_commands.describe(question="What you want to know")
    async def ask(interaction: discord.Interaction, question: str) -> None:
        if question == "sleep":
            return
        if question == "at once":
            await interaction.response.send_message("here", view=Stars())
            return
        await interaction.response.defer(ephemeral=question == "private")
        await interaction.edit_original_response(content=f"about {question} in {interaction.locale.value}")

    @tree.command(description="Show a source")
    async def source(interaction: discord.Interaction, topic: str, who: discord.User | None = None) -> None:
        await interaction.response.send_message(f"{topic} for {who.name if who else 'all'}")

    @source.autocomplete("topic")
    async def topics(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        number = int(current) if current.isdigit() else 2
        return [app_commands.Choice(name=f"{current}{n}", value=str(n)) for n in range(number)]

    @tree.context_menu(name="Ask the notes about this")
    async def about(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"about: {message.content}")


class Place:
    """A guild with one channel and two people."""

    def __init__(self, fake: FakeDiscord) -> None:
        self.mei: User = fake.world.add_user("Mei", locale="zh-CN")
        self.tom: User = fake.world.add_user("Tom")
        self.guild: Guild = fake.world.add_guild("Cooks", owner=fake.world.add_user("Chef"))
        self.cooks: Role = fake.world.add_role(self.guild, "cooks", mentionable=True)
        fake.world.add_member(self.guild, self.mei, [self.cooks])
        fake.world.add_member(self.guild, self.tom)
        self.kitchen: Channel = fake.world.add_channel(self.guild, "kitchen")


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as server:
        with pointed_at(server):
            yield server


@pytest.fixture
def place(fake: FakeDiscord) -> Place:
    return Place(fake)


@asynccontextmanager
async def running(fake: FakeDiscord, bot: Bot | None = None) -> AsyncIterator[Bot]:
    client = bot or Bot()
    task = asyncio.create_task(client.start(fake.token))
    try:
        async with asyncio.timeout(10):
            await asyncio.wait([task, asyncio.create_task(client.wait_until_ready())], return_when=asyncio.FIRST_COMPLETED)
        yield client
    finally:
        await client.close()
        await asyncio.gather(task, return_exceptions=True)


async def start(bot: Bot, token: str) -> None:
    """Start a client that is expected to fail, and tidy up after it."""
    try:
        await bot.start(token)
    finally:
        await bot.close()


@pytest.fixture
async def bot(fake: FakeDiscord, place: Place) -> AsyncIterator[Bot]:
    async with running(fake) as client:
        yield client


async def until(true: Any, within: float = 5) -> None:
    """Wait for something that happens on the client's side."""
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.005)


def channel_of(bot: Bot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def refused(awaitable: Any) -> tuple[int, int]:
    """The status and code that something is refused with."""
    with pytest.raises(discord.HTTPException) as caught:
        await awaitable
    return caught.value.status, caught.value.code


# Getting to know one another


async def test_a_client_logs_in_and_finds_its_guilds(bot: Bot, place: Place) -> None:
    assert bot.user is not None
    assert bot.user.name == "notesbot"
    guild = bot.get_guild(place.guild.id)
    assert guild is not None
    assert (guild.name, [one.name for one in guild.text_channels]) == ("Cooks", ["kitchen"])
    assert [role.name for role in guild.roles] == ["@everyone", "cooks"]
    assert guild.me.guild_permissions.send_messages
    assert bot.application is not None
    assert bot.application.flags.gateway_message_content_limited


async def test_afterwards_the_library_points_at_discord_again() -> None:
    async with FakeDiscord() as server:
        with pointed_at(server):
            assert server.base == discord.http.Route.BASE
    assert discord.http.Route.BASE == "https://discord.com/api/v10"
    assert str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"


async def test_a_wrong_token_is_refused_by_both_doors(fake: FakeDiscord) -> None:
    with pytest.raises(discord.LoginFailure):
        await start(Bot(), "wrong")
    client = Bot()
    await client.login(fake.token)
    client.http.token = "wrong"
    with pytest.raises(discord.ConnectionClosed) as closed:
        await client.connect()
    assert closed.value.code == 4004
    await client.close()


async def test_an_intent_that_is_switched_off_in_the_portal_closes_with_4014(fake: FakeDiscord) -> None:
    fake.gateway.allowed &= ~Intent.CONTENT
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await start(Bot(), fake.token)
    assert ("refused", 4014) in fake.gateway.log


async def test_shards_get_the_guilds_that_are_theirs(fake: FakeDiscord, place: Place) -> None:
    fake.gateway.shards = 2
    with pytest.raises(discord.ConnectionClosed) as closed:
        await start(Bot(), fake.token)
    assert closed.value.code == 4011
    shard = (place.guild.id >> 22) % 2
    async with (
        running(fake, Bot(shard_id=1 - shard, shard_count=2)) as other,
        running(fake, Bot(shard_id=shard, shard_count=2)) as mine,
    ):
        fake.people.says(place.mei, place.kitchen, "hello")
        await until(lambda: mine.heard)
        assert not other.heard
        assert not other.guilds


# What is said, and who may read it


async def test_without_the_intent_a_message_is_empty_unless_it_is_for_the_bot(fake: FakeDiscord, place: Place) -> None:
    async with running(fake, Bot(content=False)) as bot:
        fake.people.says(place.mei, place.kitchen, "not for the bot", files={"a.txt": b"a"})
        fake.people.says(place.mei, place.kitchen, "@bot for the bot")
        own = await channel_of(bot, place.kitchen).send("an answer")
        answer = place.kitchen.messages[own.id]
        fake.people.says(place.mei, place.kitchen, "a reply", reply_to=answer)
        fake.people.says(place.mei, place.kitchen, "a reply without ping", reply_to=answer, ping=False)
        fake.people.says(place.mei, place.mei, "a direct message")
        await until(lambda: len(bot.heard) == 5)
        assert [one.content for one in bot.heard] == ["", f"<@{fake.bot.id}> for the bot", "a reply", "", "a direct message"]
        assert bot.heard[0].attachments == []
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


# Sending


async def test_sent_messages_are_what_people_see(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    asked = fake.people.says(place.mei, place.kitchen, "how?")
    await until(lambda: bot.heard)
    file = discord.File(io.BytesIO(b"long"), "long.md")
    sent = await bot.heard[0].reply("  twenty minutes  ", embed=discord.Embed(title="Rice"), file=file, mention_author=False)
    await sent.edit(content="twenty-one minutes", suppress=True)
    gone = await channel.send("oops")
    await gone.delete()
    seen = fake.people.sees(place.mei, place.kitchen)
    assert [one.content for one in seen] == ["how?", "twenty-one minutes"]
    answer = seen[1]
    assert (answer.history, len(answer.edits), answer.flags & 4) == (["twenty minutes"], 1, 4)
    assert answer.embeds[0]["title"] == "Rice"
    assert answer.attachments[0].content == b"long"
    assert answer.reference is not None
    assert answer.reference["message_id"] == str(asked.id)


async def test_two_thousand_code_points_go_and_one_more_does_not(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    await channel.send("🍚" * 2000)
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send("🍚" * 2001)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert caught.value.text == "Invalid Form Body\nIn content: Must be 2000 or fewer in length."
    assert fake.refusals[0].answer["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"


EMBEDS = [
    ([discord.Embed(title="t" * 257)], "In embeds.0.title: Must be 256 or fewer in length."),
    ([discord.Embed(description="d" * 4097)], "In embeds.0.description: Must be 4096 or fewer in length."),
    ([discord.Embed(title="t").set_footer(text="f" * 2049)], "In embeds.0.footer.text: Must be between 1 and 2048 in length."),
    (
        [discord.Embed().add_field(name="n", value="v" * 1025)],
        "In embeds.0.fields.0.value: Must be between 1 and 1024 in length.",
    ),
    ([discord.Embed(description="d" * 3001), discord.Embed(description="d" * 3000)], "In embeds: Embed size exceeds"),
    ([discord.Embed()], "In embeds.0.description: This field is required"),
    ([discord.Embed(title="t", url="ftp://x")], "In embeds.0.url: Scheme"),
]


@pytest.mark.parametrize(("sent", "words"), EMBEDS)
async def test_embeds_have_limits(bot: Bot, place: Place, sent: list[discord.Embed], words: str) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await channel_of(bot, place.kitchen).send(embeds=sent)
    assert caught.value.code == 50035
    assert words in caught.value.text


async def test_an_embed_has_at_most_25_fields(bot: Bot, place: Place) -> None:
    embed = discord.Embed(title="t")
    for number in range(26):
        embed._fields = [*getattr(embed, "_fields", []), {"name": str(number), "value": "v", "inline": True}]
    assert await refused(channel_of(bot, place.kitchen).send(embed=embed)) == (400, 50035)


async def test_an_empty_message_is_refused(bot: Bot, place: Place) -> None:
    channel = channel_of(bot, place.kitchen)
    assert await refused(channel.send("")) == (400, 50006)
    assert await refused(channel.send("  \n ")) == (400, 50006)
    sent = await channel.send("full")
    assert await refused(sent.edit(content="")) == (400, 50006)


async def test_an_unknown_field_is_refused(bot: Bot, place: Place) -> None:
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=place.kitchen.id)
    assert await refused(bot.http.request(route, json={"content": "x", "colour": 1})) == (400, 50035)
    assert await refused(bot.http.request(discord.http.Route("GET", "/nonsense"))) == (404, 0)


async def test_what_is_not_there_is_unknown(bot: Bot, place: Place) -> None:
    channel = channel_of(bot, place.kitchen)
    assert await refused(channel.fetch_message(1)) == (404, 10008)
    assert await refused(bot.fetch_channel(1)) == (404, 10003)
    assert await refused(bot.fetch_user(1)) == (404, 10013)
    sent = await channel.send("x")
    await sent.delete()
    assert await refused(sent.edit(content="y")) == (404, 10008)
    assert await refused(channel.send("answer", reference=sent)) == (400, 50035)
    await channel.send("answer", reference=sent.to_reference(fail_if_not_exists=False))


async def test_what_is_not_allowed_is_refused(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    said = fake.people.says(place.mei, place.kitchen, "mine")
    await until(lambda: bot.heard)
    assert await refused(bot.heard[0].edit(content="yours")) == (403, 50005)
    assert await refused(bot.heard[0].delete()) == (403, 50013)
    assert not said.deleted
    mute = fake.world.add_channel(place.guild, "mute", {place.guild.id: (0, May.SEND_MESSAGES)})
    files = fake.world.add_channel(place.guild, "files", {fake.bot.id: (0, May.ATTACH_FILES | May.EMBED_LINKS)})
    assert await refused(bot.get_partial_messageable(mute.id).send("x")) == (403, 50013)
    assert await refused(bot.get_partial_messageable(files.id).send("x", file=discord.File(io.BytesIO(b"x"), "x"))) == (
        403,
        50013,
    )
    assert await refused(bot.get_partial_messageable(files.id).send(embed=discord.Embed(title="x"))) == (403, 50013)
    place.tom.takes_dms = False
    assert await refused((await bot.fetch_user(place.tom.id)).send("x")) == (403, 50007)
    await (await bot.fetch_user(place.mei.id)).send("welcome")
    assert [one.content for one in fake.people.sees(place.mei, place.mei)] == ["welcome"]


async def test_history_goes_in_pages(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    said = [fake.people.says(place.mei, place.kitchen, str(number)) for number in range(130)]
    channel = channel_of(bot, place.kitchen)
    assert [one.content async for one in channel.history(limit=2)] == ["129", "128"]
    after = [one.content async for one in channel.history(limit=None, after=discord.Object(said[9].id))]
    assert after == [str(number) for number in range(10, 130)]
    around = [one.content async for one in channel.history(limit=4, around=discord.Object(said[50].id))]
    assert sorted(around) == ["48", "49", "50", "51"]
    route = discord.http.Route("GET", "/channels/{channel_id}/messages", channel_id=channel.id)
    assert await refused(bot.http.request(route, params={"limit": 101})) == (400, 50035)


async def test_a_nonce_keeps_a_message_from_being_sent_twice(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    first, second = await channel.send("once", nonce="n1"), await channel.send("once", nonce="n1")
    assert first.id == second.id
    assert len(fake.said(place.kitchen)) == 1
    fake.clock.advance(301)
    assert (await channel.send("once", nonce="n1")).id != first.id
    assert await refused(channel.send("x", nonce="n" * 26)) == (400, 50035)


async def test_a_mention_pings_only_if_it_is_allowed_to(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    text = f"{place.mei.mention} {place.cooks.mention} @everyone"
    await channel.send(text)
    await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    await channel.send(
        text, allowed_mentions=discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(place.tom.id)])
    )
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay(place.mei.mention))
    await channel.send(view=view)
    live = [one.live for one in fake.said(place.kitchen)]
    mei = f"user:{place.mei.id}"
    assert live == [{mei, f"role:{place.cooks.id}", "everyone"}, set(), set(), {mei}]
    assert len(fake.live) == 2
    fake.people.says(place.mei, place.kitchen, "hm")
    await until(lambda: bot.heard)
    await bot.heard[0].reply("yes")
    assert fake.said(place.kitchen)[-1].live == {f"reply:{place.mei.id}"}
    assert len(fake.live) == 2


async def test_reactions_and_typing(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    said = fake.people.says(place.mei, place.kitchen, "hm")
    await until(lambda: bot.heard)
    await bot.heard[0].add_reaction("🤔")
    assert said.reactions == {"🤔": [fake.bot.id]}
    await bot.heard[0].remove_reaction("🤔", bot.user)  # type: ignore[arg-type]
    assert said.reactions == {}
    assert await refused(bot.heard[0].add_reaction("thinking")) == (400, 10014)
    async with channel_of(bot, place.kitchen).typing():
        assert [where for _, where in fake.api.typing] == [place.kitchen]


# Components


def rows(*items: ui.Item[Any]) -> ui.View:
    view = ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def button(**more: Any) -> ui.Button[Any]:
    return ui.Button(**{"label": "b", "custom_id": "c", **more})


def layout(*items: ui.Item[Any]) -> ui.LayoutView:
    view = ui.LayoutView()
    for item in items:
        view.add_item(item)
    return view


TWICE = [discord.SelectOption(label="a", value="v"), discord.SelectOption(label="b", value="v")]
VIEWS: list[tuple[Callable[[], Any], str]] = [
    (lambda: rows(button(custom_id="c" * 101)), "Must be between 1 and 100 in length."),
    (lambda: rows(button(), button()), "Component custom id cannot be duplicated"),
    (lambda: rows(button(label="b" * 81)), "Must be 80 or fewer in length."),
    (lambda: rows(button(custom_id=None, url="ftp://x")), "Scheme must be one of"),
    (lambda: rows(button(label=None)), "A button must have a label or an emoji"),
    (lambda: rows(ui.Select(custom_id="s", options=[])), "Must be between 1 and 25 in length."),
    (lambda: rows(ui.Select(custom_id="s", options=TWICE)), "The specified option value is already used"),
    (lambda: layout(ui.TextDisplay("x" * 2001), ui.Container(ui.TextDisplay("x" * 2000))), "text must be 4000 or fewer."),
    (lambda: layout(ui.File("attachment://missing.md")), "The referenced attachment was not found"),
]


@pytest.mark.parametrize(("view", "words"), VIEWS)
async def test_components_have_limits(fake: FakeDiscord, place: Place, bot: Bot, view: Callable[[], Any], words: str) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await channel_of(bot, place.kitchen).send(view=view())
    assert caught.value.code == 50035
    assert words in caught.value.text


async def raw(bot: Bot, place: Place, **body: Any) -> Any:
    """Post a message that the library itself would not let through."""
    return await bot.http.request(
        discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=place.kitchen.id), json=body
    )


async def test_what_the_library_would_not_send_is_refused_as_well(bot: Bot, place: Place) -> None:
    def button(number: int) -> dict[str, object]:
        return {"type": 2, "style": 1, "label": "b", "custom_id": str(number)}

    row = {"type": 1, "components": [button(number) for number in range(6)]}
    assert await refused(raw(bot, place, content="x", components=[row])) == (400, 50035)
    many = [{"type": 1, "components": [button(number)]} for number in range(6)]
    assert await refused(raw(bot, place, content="x", components=many)) == (400, 50035)
    text = {"type": 10, "content": "x"}
    assert await refused(raw(bot, place, components=[text])) == (400, 50035)
    assert await refused(raw(bot, place, content="x", components=[text], flags=1 << 15)) == (400, 50035)
    assert await refused(raw(bot, place, embeds=[{"title": "x"}], components=[text], flags=1 << 15)) == (400, 50035)
    assert await refused(raw(bot, place, components=[text] * 41, flags=1 << 15)) == (400, 50035)
    await raw(bot, place, components=[text] * 40, flags=1 << 15)
    assert await refused(raw(bot, place, content="x", flags=64)) == (400, 50035)
    assert await refused(raw(bot, place, embeds=[{"title": "x"}] * 11)) == (400, 50035)


async def test_a_message_with_components_v2_stays_one(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay("rice"))
    sent = await channel_of(bot, place.kitchen).send(view=view)
    assert await refused(sent.edit(content="text")) == (400, 50035)
    assert fake.said(place.kitchen)[0].texts == ["rice"]
    legacy = await channel_of(bot, place.kitchen).send("text")
    assert await refused(legacy.edit(view=view)) == (400, 50035)
    await legacy.edit(content=None, view=view)
    assert fake.said(place.kitchen)[1].texts == ["rice"]


# Commands


async def test_commands_are_registered_and_keep_their_ids(fake: FakeDiscord, bot: Bot) -> None:
    synced = await bot.tree.sync()
    assert sorted(one.name for one in synced) == ["Ask the notes about this", "ask", "source"]
    again = await bot.tree.sync()
    assert {one.name: one.id for one in synced} == {one.name: one.id for one in again}
    assert sorted(one.name for one in await bot.tree.fetch_commands()) == ["Ask the notes about this", "ask", "source"]
    await (await bot.tree.fetch_commands())[0].delete()
    assert len(fake.api.commands[0]) == 2


ASK = {"name": "ask", "description": "d", "type": 1}


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ({**ASK, "name": "Ask"}, "name"),
        ({**ASK, "name": "a b"}, "name"),
        ({**ASK, "name": "a" * 33}, "name"),
        ({**ASK, "description": ""}, "description"),
        ({**ASK, "description": "d" * 101}, "description"),
        ({**ASK, "name_localizations": {"zh": "问"}}, "name_localizations"),
        ({**ASK, "name_localizations": {"zh-CN": "问 答"}}, "name_localizations"),
        ({**ASK, "description_localizations": {"zh-CN": ""}}, "description_localizations"),
        ({**ASK, "contexts": [3]}, "contexts"),
        ({**ASK, "integration_types": [2]}, "integration_types"),
        ({**ASK, "options": [{"type": 3, "name": "q", "description": "d"}] * 26}, "options"),
        ({**ASK, "options": [{"type": 3, "name": "Q", "description": "d"}]}, "options"),
        (
            {
                **ASK,
                "options": [
                    {"type": 3, "name": "a", "description": "d"},
                    {"type": 3, "name": "b", "description": "d", "required": True},
                ],
            },
            "options",
        ),
        (
            {**ASK, "options": [{"type": 3, "name": "a", "description": "d", "choices": [{"name": "n" * 101, "value": "v"}]}]},
            "options",
        ),
        (
            {**ASK, "options": [{"type": 1, "name": "a", "description": "d"}, {"type": 3, "name": "b", "description": "d"}]},
            "options",
        ),
        ({"name": "Menu", "type": 3, "description": "d"}, "description"),
        ({**ASK, "colour": 1}, "colour"),
    ],
)
async def test_a_bad_command_is_refused_with_its_place(fake: FakeDiscord, bot: Bot, command: Any, place: str) -> None:
    assert bot.application_id is not None
    assert await refused(bot.http.bulk_upsert_global_commands(bot.application_id, [command])) == (400, 50035)
    assert list(fake.refusals[-1].answer["errors"]["0"]) == [place]
    assert await refused(bot.http.upsert_global_command(bot.application_id, command)) == (400, 50035)


async def test_names_of_commands_may_be_chinese_and_only_once(bot: Bot) -> None:
    assert bot.application_id is not None
    await bot.http.bulk_upsert_global_commands(
        bot.application_id, [{**ASK, "name_localizations": {"zh-CN": "提问", "zh-TW": "提問"}}]
    )
    assert await refused(bot.http.bulk_upsert_global_commands(bot.application_id, [ASK, ASK])) == (400, 50035)
    menus: Any = [{"name": f"Menu {number}", "type": 3} for number in range(6)]
    assert await refused(bot.http.bulk_upsert_global_commands(bot.application_id, menus)) == (400, 30032)


async def test_a_guild_can_have_commands_of_its_own(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    await bot.http.bulk_upsert_guild_commands(fake.bot.id, place.guild.id, [ASK])  # type: ignore[list-item]
    call = fake.people.slash(place.mei, place.kitchen, "ask")
    assert call.data["guild_id"] == str(place.guild.id)
    with pytest.raises(Impossible):
        fake.people.slash(place.mei, place.mei, "ask")


# Interactions


@pytest.fixture
async def synced(bot: Bot) -> Bot:
    await bot.tree.sync()
    return bot


async def test_a_command_is_deferred_and_then_answered(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    call = fake.people.slash(place.mei, place.kitchen, "ask", question="米饭")
    await call.until_acknowledged()
    assert call.original is not None
    assert call.latency < 3
    await call.until_answered()
    assert (call.text, call.original.ephemeral) == ("about 米饭 in zh-CN", False)
    assert [one.content for one in fake.people.sees(place.tom, place.kitchen)] == ["about 米饭 in zh-CN"]
    assert not fake.late
    assert not fake.refusals


async def test_an_ephemeral_answer_is_seen_by_one_person_only(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    call = await fake.people.slash(place.mei, place.kitchen, "ask", question="private").until_answered()
    assert [one.content for one in fake.people.sees(place.mei, place.kitchen)] == ["about private in zh-CN"]
    assert fake.people.sees(place.tom, place.kitchen) == []
    assert call.original is not None
    assert await refused(channel_of(synced, place.kitchen).fetch_message(call.original.id)) == (404, 10008)


async def test_a_command_works_in_a_direct_message_and_where_only_the_person_installed_the_app(
    fake: FakeDiscord, place: Place, synced: Bot
) -> None:
    assert (await fake.people.slash(place.mei, place.mei, "ask", question="tea").until_answered()).text == "about tea in zh-CN"
    foreign = fake.world.add_guild("Elsewhere", owner=place.tom, bot=False)
    hall = fake.world.add_channel(foreign, "hall")
    with pytest.raises(Impossible):
        fake.people.slash(place.tom, hall, "ask", question="tea")
    place.tom.installed = True
    call = await fake.people.slash(place.tom, hall, "ask", question="tea").until_answered()
    assert call.owners == {"1": str(place.tom.id)}
    assert [one.text for one in fake.people.sees(place.tom, hall)] == [call.text]
    assert await refused(synced.get_partial_messageable(hall.id).send("x")) == (403, 50001)
    followup = discord.Webhook.partial(fake.bot.id, call.token, client=synced)
    for number in range(5):
        await followup.send(str(number))
    assert await refused(followup.send("6")) == (400, 40094)


async def held(fake: FakeDiscord, place: Place, bot: Bot) -> tuple[Call, discord.Interaction]:
    """A command that the bot does not answer by itself."""
    caught: list[discord.Interaction] = []

    async def catch(interaction: discord.Interaction) -> None:
        caught.append(interaction)

    bot.on_interaction = catch  # type: ignore[attr-defined]
    call = fake.people.slash(place.mei, place.kitchen, "ask", question="sleep")
    await until(lambda: caught)
    return call, caught[0]


async def test_an_acknowledgement_after_three_seconds_is_too_late(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    call, interaction = await held(fake, place, synced)
    fake.clock.advance(3.1)
    assert call.failed
    assert fake.late == [call]
    assert await refused(interaction.response.defer()) == (404, 10062)
    assert await refused(interaction.followup.send("x")) == (404, 10015)


async def test_an_interaction_is_acknowledged_once(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    call, interaction = await held(fake, place, synced)
    await interaction.response.defer()
    interaction.response._response_type = None
    assert await refused(interaction.response.send_message("again")) == (400, 40060)
    assert not call.failed


async def test_the_token_dies_after_fifteen_minutes_and_a_message_still_goes(
    fake: FakeDiscord, place: Place, synced: Bot
) -> None:
    call, interaction = await held(fake, place, synced)
    await interaction.response.defer()
    fake.clock.advance(899)
    await interaction.edit_original_response(content="still here")
    fake.clock.advance(2)
    assert await refused(interaction.edit_original_response(content="gone")) == (401, 50027)
    assert await refused(interaction.followup.send("gone")) == (401, 50027)
    assert call.text == "still here"
    message = await channel_of(synced, place.kitchen).send("going on")
    assert call.original is not None
    await channel_of(synced, place.kitchen).get_partial_message(call.original.id).edit(content="even this works")
    assert [one.content for one in fake.people.sees(place.tom, place.kitchen)] == ["even this works", "going on"]
    assert message


async def test_a_test_can_let_a_token_die(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    call, interaction = await held(fake, place, synced)
    await interaction.response.defer()
    call.expire()
    assert await refused(interaction.edit_original_response(content="gone")) == (401, 50027)


async def test_the_first_follow_up_of_a_deferred_answer_takes_its_place_and_its_privacy(
    fake: FakeDiscord, place: Place, synced: Bot
) -> None:
    call, interaction = await held(fake, place, synced)
    await interaction.response.defer()
    await interaction.followup.send("secret?", ephemeral=True)
    assert call.text == "secret?"
    assert call.original is not None
    assert not call.original.ephemeral
    more = await interaction.followup.send("more", ephemeral=True, wait=True)
    await more.edit(content="more and more")
    assert [one.content for one in call.followups] == ["more and more"]
    assert call.followups[0].ephemeral
    await more.delete()
    await interaction.delete_original_response()
    assert fake.people.sees(place.mei, place.kitchen) == []
    assert await refused(interaction.original_response()) == (404, 10008)


async def test_the_limits_of_messages_hold_for_answers(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    _, interaction = await held(fake, place, synced)
    assert await refused(interaction.response.send_message("x" * 2001)) == (400, 50035)
    assert list(fake.refusals[-1].answer["errors"]) == ["data"]
    await interaction.response.defer()
    assert await refused(interaction.edit_original_response(content="x" * 2001)) == (400, 50035)
    assert await refused(interaction.followup.send("")) == (400, 50006)


async def test_an_option_completes_while_somebody_types(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    call = await fake.people.types_into(place.mei, place.kitchen, "source", "topic", "米").until_answered()
    assert call.choices == [{"name": "米0", "value": "0"}, {"name": "米1", "value": "1"}]
    call = fake.people.types_into(place.mei, place.kitchen, "source", "topic", "26")
    await fake.until(lambda: fake.refusals)
    assert fake.refusals[0].answer["errors"]["data"]["choices"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
    picked = await fake.people.slash(place.mei, place.kitchen, "source", topic="0", who=place.tom).until_answered()
    assert picked.text == "0 for Tom"


async def test_a_context_menu_brings_the_message_with_its_content(fake: FakeDiscord, place: Place) -> None:
    async with running(fake, Bot(content=False)) as bot:
        await bot.tree.sync()
        said = fake.people.says(place.tom, place.kitchen, "米饭要煮二十分钟")
        call = await fake.people.uses_menu(place.mei, said, "Ask the notes about this").until_answered()
        assert call.text == "about: 米饭要煮二十分钟"


async def test_people_cannot_do_what_their_screen_does_not_offer(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    with pytest.raises(Impossible, match="no command"):
        fake.people.slash(place.mei, place.kitchen, "help")
    with pytest.raises(Impossible, match="must be filled in"):
        fake.people.slash(place.mei, place.kitchen, "ask")
    with pytest.raises(Impossible, match="does not complete"):
        fake.people.types_into(place.mei, place.kitchen, "ask", "question", "x")
    said = fake.people.says(place.mei, place.kitchen, "x")
    with pytest.raises(Impossible, match="no button"):
        fake.people.presses(place.mei, said, "more")
    with pytest.raises(Impossible, match="not a message of"):
        fake.people.edits(place.tom, said, "y")


async def buttons(fake: FakeDiscord, place: Place) -> Message:
    call = await fake.people.slash(place.mei, place.kitchen, "ask", question="at once").until_answered()
    assert call.original is not None
    return call.original


async def test_a_button_changes_its_message(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    message = await buttons(fake, place)
    call = await fake.people.presses(place.tom, message, "More").until_answered()
    assert call.original is message
    assert message.content == "more of it"
    assert len(message.edits) == 1


async def test_a_menu_and_a_form(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    message = await buttons(fake, place)
    chosen = fake.people.chooses(place.mei, message, "Rice")
    await fake.until(lambda: chosen.followups)
    assert chosen.followups[0].text == "picked rice"
    assert chosen.followups[0].only_for == place.mei.id
    form = await fake.people.presses(place.mei, message, "Form").until_answered()
    with pytest.raises(Impossible):
        fake.people.submits(place.mei, form, wrong="x" * 21)
    sent = await fake.people.submits(place.mei, form, wrong="all of it").until_answered()
    assert sent.text == "thanks: all of it"


async def test_a_button_works_after_a_restart(fake: FakeDiscord, place: Place) -> None:
    async with running(fake) as first:
        await first.tree.sync()
        message = await buttons(fake, place)
    second = Bot()
    second.add_view(Stars())
    async with running(fake, second):
        await fake.people.presses(place.mei, message, "more").until_answered()
    assert message.content == "more of it"
    assert fake.gateway.count("identify") == 2


# Threads


async def test_a_thread_opens_from_a_message_once(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    said = fake.people.says(place.mei, place.kitchen, "long story")
    await until(lambda: bot.heard)
    thread = await bot.heard[0].create_thread(name="rice")
    assert thread.id == said.id
    assert said.thread is not None
    assert said.thread.name == "rice"
    assert await refused(bot.heard[0].create_thread(name="again")) == (400, 160004)
    assert await refused(channel_of(bot, place.kitchen).create_thread(name="n" * 101)) == (400, 50035)
    await thread.send("go on")
    fake.people.says(place.mei, said.thread, "yes")
    await until(lambda: len(bot.heard) == 2)
    assert isinstance(bot.heard[1].channel, discord.Thread)
    assert bot.heard[1].channel.owner_id == fake.bot.id
    assert [one.content for one in fake.people.sees(place.mei, said.thread)] == ["go on", "yes"]
    assert ("thread", "rice") in bot.events


async def test_an_archived_thread_is_closed_to_edits_and_a_locked_one_to_everything(
    fake: FakeDiscord, place: Place, bot: Bot
) -> None:
    opened = await channel_of(bot, place.kitchen).create_thread(name="rice", type=discord.ChannelType.public_thread)
    sent = await opened.send("one")
    thread = fake.world.channels[opened.id]
    fake.people.archives(thread)
    await until(lambda: ("archived", True) in bot.events)
    assert await refused(sent.edit(content="two")) == (400, 50083)
    assert await refused(sent.add_reaction("👍")) == (400, 50083)
    assert [one.name async for one in channel_of(bot, place.kitchen).archived_threads()] == ["rice"]
    await opened.send("awake")
    assert not thread.archived
    fake.people.archives(thread, locked=True)
    assert await refused(opened.send("x")) == (400, 50083)
    direct = await (await bot.fetch_user(place.mei.id)).send("x")
    route = discord.http.Route("POST", "/channels/{channel_id}/threads", channel_id=direct.channel.id)
    assert await refused(bot.http.request(route, json={"name": "x", "type": 11})) == (400, 50024)


async def test_active_threads_come_with_the_guild(fake: FakeDiscord, place: Place) -> None:
    thread = fake.people.opens_thread(place.mei, place.kitchen, "rice")
    async with running(fake) as bot:
        guild = bot.get_guild(place.guild.id)
        assert guild is not None
        assert [one.id for one in guild.threads] == [thread.id]
        assert [one.name for one in await guild.active_threads()] == ["rice"]


# The gateway's weather


async def test_a_dropped_connection_is_resumed_and_nothing_is_missed(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    for number in range(3):
        fake.gateway.drop(code=(0, 4000, 1001)[number])
        fake.people.says(place.mei, place.kitchen, str(number))
        await fake.until(lambda: fake.gateway.count("resumed") == number + 1)  # noqa: B023
    await until(lambda: len(bot.heard) == 3)
    assert [one.content for one in bot.heard] == ["0", "1", "2"]
    assert fake.gateway.count("identify") == 1


async def test_discord_may_ask_to_reconnect(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.gateway.ask_to_reconnect()
    await fake.until(lambda: fake.gateway.count("resumed") == 1)
    fake.gateway.invalidate(resumable=True)
    await fake.until(lambda: fake.gateway.count("resumed") == 2)
    assert fake.gateway.count("identify") == 1


async def test_a_lost_session_starts_anew_and_what_was_said_meanwhile_is_only_in_the_history(
    fake: FakeDiscord, place: Place, bot: Bot
) -> None:
    fake.gateway.drop(lose=True)
    fake.people.says(place.mei, place.kitchen, "meanwhile")
    await fake.until(lambda: fake.gateway.count("identify") == 2)
    fake.people.says(place.mei, place.kitchen, "afterwards")
    await until(lambda: bot.heard)
    assert [one.content for one in bot.heard] == ["afterwards"]
    assert ("refused", "resume") in fake.gateway.log
    assert len([one async for one in channel_of(bot, place.kitchen).history()]) == 2


async def test_a_silent_connection_is_given_up_and_resumed(fake: FakeDiscord, place: Place) -> None:
    fake.gateway.heartbeat = 0.1
    async with running(fake, Bot(heartbeat_timeout=0.4)) as bot:
        fake.gateway.silent = True
        fake.people.says(place.mei, place.kitchen, "anybody?")
        await fake.until(lambda: fake.gateway.count("closed") == 1)
        fake.gateway.silent = False
        await fake.until(lambda: fake.gateway.count("resumed") >= 1)
        await until(lambda: bot.heard)
        assert [one.content for one in bot.heard] == ["anybody?"]


async def test_a_client_whose_heart_stops_is_thrown_out(fake: FakeDiscord) -> None:
    fake.gateway.heartbeat = 0.05
    async with aiohttp.ClientSession() as session, session.ws_connect(fake.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4009


async def test_frames_are_compressed_as_the_client_asks(fake: FakeDiscord) -> None:
    stream = zlib.decompressobj()
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{fake.gateway_url}?compress=zlib-stream") as socket:
        for wanted in (10, 11):
            assert json.loads(stream.decompress(await socket.receive_bytes()))["op"] == wanted
            await socket.send_json({"op": 1, "d": None})


async def test_the_bot_can_be_thrown_out(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.world.remove_bot(place.guild)
    await until(lambda: ("left", "Cooks") in bot.events)
    assert await refused(bot.get_partial_messageable(place.kitchen.id).send("x")) == (403, 50001)


# Trouble with requests


async def test_a_server_error_is_tried_again_and_a_503_is_not(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.once(Trouble.BAD_GATEWAY, POST)
    await channel_of(bot, place.kitchen).send("at last")
    assert [one.status for one in fake.at(POST)] == [502, 200]
    fake.once(Trouble.UNAVAILABLE, POST)
    assert await refused(channel_of(bot, place.kitchen).send("x")) == (503, 0)


async def test_a_cut_connection_leaves_open_whether_it_was_done(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    fake.once(Trouble.CUT_BEFORE, POST)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("lost")
    assert fake.said(place.kitchen) == []
    fake.once(Trouble.CUT_AFTER, POST)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("there", nonce="1")
    again = await channel.send("there", nonce="1")
    assert [one.id for one in fake.said(place.kitchen)] == [again.id]


async def test_rate_limits_are_told_and_enforced(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.limits.on = True
    fake.limits.buckets[POST] = (3, 0.4)
    channel = channel_of(bot, place.kitchen)
    await asyncio.gather(*(channel.send(str(number)) for number in range(7)))
    assert len(fake.said(place.kitchen)) == 7
    assert fake.limits.violations == []  # the library keeps to what the headers say
    bot.http._buckets.clear()
    bot.http._bucket_hashes.clear()
    await asyncio.gather(
        *(bot.http.send_message(channel.id, params=discord.http.handle_message_parameters("x")) for _ in range(2))
    )
    fake.once(Trouble.TOO_MANY, POST)
    await channel.send("after a while")
    assert 429 in [one.status for one in fake.at(POST)]


async def test_fifty_requests_a_second_are_enough(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    fake.limits.on, fake.limits.everything = True, (5, 0.3)
    await asyncio.gather(*(bot.fetch_user(place.mei.id) for _ in range(8)))
    assert fake.limits.violations
    limited = next(one for one in fake.received if one.status == 429)
    assert limited.answer["global"] is True


async def test_a_slow_acknowledgement_is_measured(fake: FakeDiscord, place: Place, synced: Bot) -> None:
    fake.once(Trouble.DELAY, CALLBACK, seconds=0.2)
    call = await fake.people.slash(place.mei, place.kitchen, "ask", question="tea").until_answered()
    assert call.latency >= 0.2
    assert fake.at(CALLBACK)[0].body["type"] == 5
