"""A client of discord.py with a few commands, and the place where the tests happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest
from discord import app_commands, ui

from tests.fakes.discord import Channel, FakeDiscord, Guild, Role, User

POST = "POST /channels/{channel_id}/messages"
CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"


class Bot(discord.Client):
    """A client that notes what it hears, and has a few commands."""

    def __init__(self, *, content: bool = True, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, guild_ready_timeout=0.02, chunk_guilds_at_startup=False, **options)
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
