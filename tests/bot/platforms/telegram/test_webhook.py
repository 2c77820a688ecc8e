"""Updates that Telegram delivers."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from bot.settings import PlatformProblem, WebhookSettings
from tests.bot.platforms.telegram.serving import Home, Scripted, answered
from tests.fakes.telegram import FakeTelegram, User
from tests.fakes.telegram.webhook import SECRET

QUESTION = "米饭要煮多久？"


@pytest.fixture
def webhook(home: Home) -> WebhookSettings:
    """On a free port; the settings themselves insist on https, which a proxy speaks in front of the bot."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = WebhookSettings(port=port).model_copy(update={"url": f"http://127.0.0.1:{port}/telegram"})
    home.settings = {"webhook": one}
    return one


async def test_what_telegram_delivers_is_answered(
    home: Home, webhook: WebhookSettings, telegram: FakeTelegram, alice: User
) -> None:
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        [answer] = await answered(telegram, alice)
    assert answer.text == "米饭要煮二十分钟 [1]。"
    assert [status for _, status in telegram.webhook.sent] == [200]
    assert telegram.refusals == []


async def test_calls_without_the_secret_are_turned_away(
    home: Home, webhook: WebhookSettings, telegram: FakeTelegram, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("Swordfish\n")
    home.settings = {"webhook": webhook.model_copy(update={"secret_file": file})}
    async with home.serving(), aiohttp.ClientSession() as session:
        statuses = []
        for headers in ({}, {SECRET: "swordfish"}, {SECRET: "鱼"}, {SECRET: "Swordfish"}):
            async with session.post(webhook.url, json={"update_id": 1}, headers=headers) as answer:
                statuses.append(answer.status)
        async with session.post(webhook.url, data=b"no JSON", headers={SECRET: "Swordfish"}) as answer:
            statuses.append(answer.status)
    assert statuses == [403, 403, 403, 200, 400]


async def test_the_same_update_twice_is_answered_once(
    home: Home, webhook: WebhookSettings, telegram: FakeTelegram, alice: User
) -> None:
    script = Scripted()
    home.ask = script.ask
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        await answered(telegram, alice)
        telegram.updates._pending.append(telegram.updates.made[-1])
        telegram.webhook.push()
        await telegram.until(lambda: len(telegram.webhook.sent) == 2)
    assert len(script.asked) == 1


async def test_a_port_that_is_taken_ends_the_start_with_one_line(home: Home, webhook: WebhookSettings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", webhook.port))
        other.listen()
        with pytest.raises(PlatformProblem, match=f"127.0.0.1:{webhook.port}"):
            await home.make().run(asyncio.Event())


@pytest.mark.parametrize("secret", ["", "two words", None])
async def test_a_secret_that_cannot_be_used_ends_the_start_with_one_line(
    home: Home, webhook: WebhookSettings, tmp_path: Path, secret: str | None
) -> None:
    file = tmp_path / "secret"
    if secret is not None:
        file.write_text(secret)
    home.settings = {"webhook": webhook.model_copy(update={"secret_file": file})}
    with pytest.raises(PlatformProblem, match="secret_file"):
        await home.make().run(asyncio.Event())


async def test_polling_takes_a_webhook_away_and_loses_nothing(home: Home, telegram: FakeTelegram, alice: User) -> None:
    telegram.webhook.url = "http://127.0.0.1:9/none"
    telegram.webhook.down = True
    telegram.world.says(alice, alice, QUESTION)
    bot, stop = home.make(), asyncio.Event()
    task = asyncio.create_task(bot.run(stop))
    await answered(telegram, alice)
    stop.set()
    await task
