"""Commands, buttons, menus and forms in use, and the deadlines of their answers."""

from __future__ import annotations

import discord
import pytest

from tests.fakes.discord import Call, FakeDiscord, Impossible, Message
from tests.fakes.test_discord.bot import Bot, Place, Stars, channel_of, refused, running, until


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
