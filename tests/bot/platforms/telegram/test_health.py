"""What `notesbot doctor` finds out about Telegram."""

from __future__ import annotations

import pytest

from bot.platforms.telegram.health import look
from bot.settings import TelegramSettings, WebhookSettings
from tests.fakes.telegram import FakeTelegram


async def names(telegram: FakeTelegram, *, token: str = "", **settings: object) -> list[tuple[str, bool]]:
    section = TelegramSettings(api_url=telegram.url).model_copy(update=settings)
    return [(found.name, found.fault) async for found in look(token or telegram.token, section)]


async def test_a_good_token_and_what_the_bot_may_read(telegram: FakeTelegram) -> None:
    assert await names(telegram) == [("telegram_ok", False), ("telegram_reads_own", False)]
    telegram.state.privacy = False
    assert await names(telegram) == [("telegram_ok", False), ("telegram_reads_all", False)]


async def test_answering_everything_needs_privacy_mode_off(telegram: FakeTelegram) -> None:
    assert ("telegram_cannot_read", True) in await names(telegram, answer_all_in=("-100",))


@pytest.mark.parametrize("token", ["7000000001:" + "A" * 35, "7:short"])
async def test_a_token_that_telegram_does_not_know(telegram: FakeTelegram, token: str) -> None:
    assert await names(telegram, token=token) == [("telegram_unknown_token", True)]


async def test_no_connection(telegram: FakeTelegram) -> None:
    telegram.go_down()
    assert await names(telegram) == [("telegram_unreachable", True)]


async def test_webhooks_that_are_set_and_webhooks_that_fail(telegram: FakeTelegram) -> None:
    url = "https://127.0.0.1:9/bot"
    telegram.webhook.url = url
    assert await names(telegram) == [("telegram_ok", False), ("telegram_reads_own", False), ("telegram_webhook_set", False)]
    telegram.webhook._failed("Connection refused")
    assert (await names(telegram, webhook=WebhookSettings(url=url)))[-1] == ("telegram_webhook_fails", True)
