"""A chat in which somebody waits shows that the bot is typing."""

from __future__ import annotations

import asyncio

from tests.bot.platforms.telegram.serving import Home, Scripted, answered
from tests.fakes.telegram import FakeTelegram, User


async def test_many_questions_that_wait_in_one_chat_show_one_sign_of_typing(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    script = Scripted(snapshots=("答：{asked}",), held=lambda question: True)
    home.ask = script.ask
    async with home.serving():
        for n in range(20):
            telegram.world.says(alice, alice, f"问{n}？")
        await telegram.until(lambda: telegram.types(alice))
        await asyncio.sleep(0.5)
        assert len(telegram.calls("sendChatAction")) == 1
        script.gate.set()
        await answered(telegram, alice, 20)
