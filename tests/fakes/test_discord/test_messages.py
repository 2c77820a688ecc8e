"""What the bot sends: what people see of it, and what is refused."""

from __future__ import annotations

import io

import discord
import pytest
from discord import ui

from tests.fakes.discord import FakeDiscord, May
from tests.fakes.test_discord.bot import Bot, Place, channel_of, refused, until


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


async def test_links_are_previewed_unless_that_is_switched_off(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    channel = channel_of(bot, place.kitchen)
    await channel.send("see https://example.org and <https://example.com> and `https://example.net`")
    await channel.send("see https://example.org", suppress_embeds=True)
    assert [one.previews for one in fake.said(place.kitchen)] == [["https://example.org"], []]


async def test_a_file_may_not_be_too_large(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    file = discord.File(io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), "big.md")
    assert await refused(channel_of(bot, place.kitchen).send(file=file)) == (413, 40005)


async def test_files_come_and_go_with_edits(fake: FakeDiscord, place: Place, bot: Bot) -> None:
    sent = await channel_of(bot, place.kitchen).send("x", file=discord.File(io.BytesIO(b"1"), "1.md", description="one"))
    sent = await sent.add_files(discord.File(io.BytesIO(b"2"), "2.md"))
    assert [one.filename for one in fake.said(place.kitchen)[0].attachments] == ["1.md", "2.md"]
    await sent.remove_attachments(sent.attachments[0])
    assert [one.content for one in fake.said(place.kitchen)[0].attachments] == [b"2"]
