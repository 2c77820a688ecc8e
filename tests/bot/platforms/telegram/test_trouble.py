"""What goes wrong: the network, the rates, other programs, people who block the bot, and the end of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.markup import Entity, Rich
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.telegram.parser import Target
from bot.platforms.telegram.rate_limiter import Rates, RequestPacer
from bot.platforms.telegram.sender import MessageSender
from bot.platforms.telegram.updates import poll
from bot.settings import AccessSettings, PlatformProblem, TelegramSettings
from bot.storage import Ledger, StateProblem
from bot.types import Delivery, Page, Place
from tests.bot.platforms.telegram.serving import QUICK, Home, Scripted, answered
from tests.fakes.telegram import Chat, FakeTelegram, Flood, Trouble, User

QUESTION = "米饭要煮多久？"


@pytest.mark.parametrize(
    "trouble", [Trouble.SERVER_ERROR, Trouble.BAD_GATEWAY, Trouble.CUT_BEFORE, Trouble.CUT_AFTER, Trouble.GATEWAY_TIMEOUT]
)
async def test_a_request_that_fails_is_made_again_and_the_answer_is_there_once(
    home: Home, telegram: FakeTelegram, alice: User, trouble: Trouble
) -> None:
    async with home.serving():
        for method in ("sendMessage", "editMessageText", "getUpdates", "sendChatAction"):
            telegram.fail(trouble, method)
        telegram.world.says(alice, alice, QUESTION)
        [answer] = await answered(telegram, alice)
    assert answer.text == "米饭要煮二十分钟 [1]。"


async def test_a_wait_that_telegram_asks_for_holds_up_one_chat_only(
    home: Home, telegram: FakeTelegram, alice: User, bob: User
) -> None:
    home.allow(bob)
    async with home.serving():
        telegram.fail(Trouble.TOO_MANY, "sendMessage", seconds=2, when=lambda call: call.number("chat_id") == alice.id)
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: telegram.calls("sendMessage"))
        telegram.world.says(bob, bob, QUESTION)
        await answered(telegram, bob)
        assert len(telegram.read(alice)) == 1
        await answered(telegram, alice)
    assert telegram.violations == []


async def test_formatting_that_is_refused_arrives_as_plain_text(home: Home, telegram: FakeTelegram, alice: User) -> None:
    wrong = Rich(text="米饭煮二十分钟。", entities=(Entity(type="bold", offset=3, length=99),))
    client = TelegramClient(telegram.token, TelegramSettings(api_url=telegram.url))
    async with client.bot:
        speaker = MessageSender(client.bot, RequestPacer(QUICK), on_migrated=_no_move)
        sent = await speaker.send(Target(chat=alice.id), wrong)
        await speaker.edit(Target(chat=alice.id), sent, replace(wrong, text="米饭煮半小时。"))
    await client.close()
    [message] = telegram.read(alice)
    assert (message.text, message.styles) == ("米饭煮半小时。", ())
    assert len(telegram.refusals) == 2


async def _no_move(old: int, new: int) -> None:
    raise AssertionError((old, new))


async def test_who_blocks_the_bot_is_left_alone_and_the_event_is_finished(
    home: Home, telegram: FakeTelegram, alice: User, bob: User
) -> None:
    home.allow(bob)
    script = Scripted(held=lambda question: question.person.name == "Alice")
    home.ask = script.ask
    async with home.serving() as bot:
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: len(telegram.read(alice)) == 2)
        telegram.world.blocks(alice)
        script.gate.set()
        telegram.world.says(bob, bob, QUESTION)
        await answered(telegram, bob)
        to_alice, to_bob = (Place(platform="telegram", chat=str(one.id)) for one in (alice, bob))
        assert await bot.deliver(to_alice, Page(text="hello")) is Delivery.NEVER
        assert await bot.deliver(to_bob, Page(text="hello")) is Delivery.DELIVERED
    assert await bot.deliver(to_bob, Page(text="hello")) is Delivery.NOT_NOW
    assert await home.make().deliver(to_alice, Page(text="hello")) is Delivery.NOT_NOW
    assert await Ledger(home.state.database).unfinished(f"telegram:{telegram.bot.id}") == ()


async def test_a_slow_answer_holds_up_no_other_chat_and_its_own_questions_keep_their_order(
    home: Home, telegram: FakeTelegram, alice: User, bob: User
) -> None:
    home.allow(bob)
    script = Scripted(snapshots=("答：{asked}",), held=lambda question: "一" in question.text)
    home.ask = script.ask
    async with home.serving():
        for words in ("一？", "二？", "三？"):
            telegram.world.says(alice, alice, words)
        telegram.world.says(bob, bob, "four?")
        await answered(telegram, bob)
        assert script.ended == ["four?"]
        script.gate.set()
        answers = await answered(telegram, alice, 3)
    assert script.ended == ["four?", "一？", "二？", "三？"]
    assert [one.text for one in answers] == ["答：一？", "答：二？", "答：三？"]


async def test_an_answer_that_was_cut_off_is_completed_in_the_same_message(
    home: Home, telegram: FakeTelegram, alice: User, group: Chat
) -> None:
    script = Scripted(snapshots=("先写一点", "写完了"), held=lambda question: True)
    home.ask = script.ask
    async with home.killed():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: all(telegram.read(where)[-1].text == "先写一点" for where in (alice, group)))
    script.gate.set()
    async with home.serving():
        for where in (alice, group):
            await answered(telegram, where)
    for where in (alice, group):
        assert [one.text for one in telegram.read(where)][1:] == ["写完了"]


async def test_what_was_taken_and_not_begun_is_answered_after_the_next_start_in_its_order(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    script = Scripted(snapshots=("答：{asked}",), held=lambda question: True)
    home.ask = script.ask
    async with home.killed():
        for words in ("一？", "二？", "三？"):
            telegram.world.says(alice, alice, words)
        await telegram.until(lambda: not telegram.updates.pending)
        while not any(event.outbound for event in await Ledger(home.state.database).unfinished(f"telegram:{telegram.bot.id}")):
            await asyncio.sleep(0.01)
    script.gate.set()
    script.asked.clear()
    async with home.serving():
        await answered(telegram, alice, 3)
    assert [one.text for one in script.asked] == ["一？", "二？", "三？"]
    assert _answers(telegram, alice) == ["答：一？", "答：二？", "答：三？"]


async def test_what_is_too_old_gets_one_apology_for_each_chat(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    home.access = AccessSettings(backlog_minutes=10)
    telegram.clock.advance(-3600)
    for words in ("一？", "二？"):
        telegram.world.says(alice, alice, words)
        telegram.world.says(alice, group, f"@notes_bot {words}")
        telegram.world.says(bob, bob, words)
    telegram.clock.advance(3600)
    telegram.world.says(alice, alice, QUESTION)
    async with home.serving():
        late, answer = sorted(await answered(telegram, alice, 2), key=lambda one: "抱歉" not in one.text)
        [late_too] = await answered(telegram, group)
        [stranger] = await answered(telegram, bob)
    assert late.text == late_too.text
    assert late.text.startswith("抱歉")
    assert answer.text == "米饭要煮二十分钟 [1]。"
    assert str(bob.id) in stranger.text
    assert len(home.model.told) == 1


async def test_another_program_with_the_same_token_is_noticed_and_named(
    home: Home, telegram: FakeTelegram, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    import telegram as library

    from tests.fakes.test_telegram import client

    async with home.serving(), client(telegram) as other:
        assert isinstance(other, library.Bot)
        polling = asyncio.create_task(other.get_updates(timeout=0))
        await telegram.until(lambda: "409" in caplog.text)
        await polling
        telegram.world.says(alice, alice, QUESTION)
        await answered(telegram, alice)
    assert "另一个程序正在用同一个令牌" in caplog.text


async def test_a_token_that_telegram_does_not_know_ends_the_start_with_one_line(home: Home, telegram: FakeTelegram) -> None:
    telegram.token = "7000000001:" + "A" * 35
    bot = home.make()
    telegram.token = "7000000001:" + "B" * 35
    with pytest.raises(PlatformProblem, match="NOTESBOT_TELEGRAM__TOKEN") as caught:
        await bot.run(asyncio.Event())
    assert "AAAA" not in str(caught.value)


async def test_it_waits_for_a_server_that_is_not_there_yet(home: Home, telegram: FakeTelegram, alice: User) -> None:
    telegram.go_down(0.5)
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        await answered(telegram, alice)


async def test_updates_that_could_not_be_kept_are_fetched_again(telegram: FakeTelegram, alice: User) -> None:
    client, stop, taken = TelegramClient(telegram.token, TelegramSettings(api_url=telegram.url)), asyncio.Event(), []

    async def take(updates: Sequence[Mapping[str, Any]]) -> None:
        taken.append([update["update_id"] for update in updates])
        if len(taken) == 1:
            raise StateProblem("the disk is full")
        stop.set()

    async with client.bot:
        telegram.world.says(alice, alice, QUESTION)
        await poll(client.bot, take, stop, "zh")
    await client.close()
    assert taken[0] == taken[1]
    assert telegram.updates.pending == []


async def test_a_load_on_many_chats_at_telegrams_rates_loses_doubles_and_mixes_nothing(home: Home) -> None:
    """Telegram's rates and ours both twenty times as fast, on a clock that is."""
    async with FakeTelegram(flood=Flood()) as telegram:
        real = telegram.clock.now
        began = real()
        telegram.clock.now = lambda: began + (real() - began) * 20  # type: ignore[method-assign]
        home.telegram = telegram
        home.rates = Rates(
            private_every=1 / 20, group_window=60 / 20, overall_every=0.04 / 20, edit_every=1 / 20, group_edit_every=3 / 20
        )
        home.ask = Scripted(snapshots=("答", "答：{asked}")).ask
        people = [telegram.world.person(f"P{n}") for n in range(6)]
        groups = [telegram.world.supergroup(f"G{n}", members=people) for n in range(3)]
        home.users = tuple(str(person.id) for person in people)
        async with home.serving():
            for n in range(4):
                for person in people:
                    telegram.world.says(person, person, f"问{n}？")
                for group in groups:
                    telegram.world.says(people[0], group, f"@notes_bot 问{n}？")
            async with asyncio.timeout(40):
                for where in (*people, *groups):
                    await telegram.until(
                        lambda where=where: _answers(telegram, where) == [f"答：问{n}？" for n in range(4)], seconds=40
                    )
        assert telegram.refusals == []
        assert telegram.violations == []


async def test_sixty_questions_in_ninety_seconds_in_one_group_are_answered_or_turned_away_with_a_reason(home: Home) -> None:
    """Telegram's rates and ours both twenty times as fast, on a clock that is."""
    async with FakeTelegram(flood=Flood()) as telegram:
        real = telegram.clock.now
        began = real()
        telegram.clock.now = lambda: began + (real() - began) * 20  # type: ignore[method-assign]
        home.telegram = telegram
        home.rates = Rates(group_window=60 / 20, overall_every=0.04 / 20, edit_every=1 / 20, group_edit_every=3 / 20)
        home.ask = Scripted(snapshots=("答", "答：{asked}")).ask
        person = telegram.world.person("Mei")
        group = telegram.world.supergroup("G", members=[person])
        home.users = (str(person.id),)
        asked = []
        async with home.serving():
            for n in range(60):
                asked.append(telegram.world.says(person, group, f"@notes_bot 问{n}？"))
                await asyncio.sleep(1.5 / 20)
            await telegram.until(lambda: not home.bot or not len(home.bot._inbox.work), seconds=20)
        answered = {text.removeprefix("答：") for text in _answers(telegram, group) if text.startswith("答：")}
        marked = {f"问{n}？" for n, one in enumerate(asked) if one.reactions}
        assert (answered | marked, answered & marked) == ({f"问{n}？" for n in range(60)}, set())
        assert len(answered) >= 15
        assert any("🙈" in text for text in _answers(telegram, group))
        assert await Ledger(home.state.database).unfinished(f"telegram:{telegram.bot.id}") == ()
        assert telegram.refusals == []
        assert telegram.violations == []


def _answers(telegram: FakeTelegram, where: Chat | User) -> list[str]:
    return [one.text for one in telegram.read(where) if one.by == "Notes"]
