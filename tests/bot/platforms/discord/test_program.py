"""`notesbot run` with a token for Discord: the whole program, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.middleware.admission import say
from tests.bot.platforms.discord.stage import RICE, is_complete
from tests.fakes.discord import FakeDiscord

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")


async def test_the_program_answers_on_discord_and_ends_with_0(fake: FakeDiscord, notes: Path, data: Path) -> None:
    tom = fake.world.add_user("Tom")
    fake.world.add_member(fake.world.add_guild("Cooks", owner=fake.world.add_user("Chef")), tom)
    environment = {
        **os.environ,
        "NOTESBOT_DISCORD__TOKEN": fake.token,
        "NOTESBOT_DISCORD__API_URL": fake.base,
        "NOTESBOT_DISCORD__ADMINS": f"[{tom.id}]",
        "NOTESBOT_LANGUAGE": "zh",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--notes", str(notes), "--data", str(data)),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await fake.until(lambda: fake.api.commands.get(0), 60)
        fake.people.says(tom, tom, RICE)
        place = fake.world.dm(tom)
        await fake.until(lambda: any(map(is_complete, fake.said(place))), 60)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert "煮二十分钟" in fake.said(place)[0].text
    assert (process.returncode, err.decode()) == (0, "")
    assert say("run_started", "zh", platforms="discord") in out.decode()
    assert fake.refusals == []
