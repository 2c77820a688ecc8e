"""The bot against `tgfake`, a fake Bot API by other people, where its program is on the PATH (skipped where it is not).

Our own fake could share a misreading of Telegram with the adapter; this one was written without knowing either. It proves that
the bot logs in, polls, answers in private and in a group, and that its buttons are taken. It says nothing of what tgfake does
not check: entities, flood control, edits of others' messages. See https://github.com/EvilFreelancer/tgfake.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tests.bot.platforms.telegram.serving import Home

PROGRAM = shutil.which("tgfake")
ALICE, GROUP = 4242, -100000004242
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="tgfake is not on the PATH")


class Tgfake:
    """The person's side; `url` and `token` are what `Home` asks of a server."""

    token = f"7000000001:{'F' * 35}"

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.AsyncClient(base_url=url, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def does(self, what: str, **body: Any) -> None:
        (await self._client.post(f"/sim/{what}", json=body)).raise_for_status()

    async def chat(self, chat: int) -> dict[str, Any]:
        return dict((await self._client.get(f"/sim/chat/{chat}")).json())

    async def refused(self) -> list[str]:
        calls = (await self._client.get("/sim/outbox")).json()["calls"]
        return [f"{one['method']}: {one['response']}" for one in calls if one["status"] == 400]

    async def until(self, holds: Callable[[dict[str, Any]], object], chat: int) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while not holds(shown := await self.chat(chat)):
                await asyncio.sleep(0.05)
        return shown


@pytest.fixture
async def tgfake() -> AsyncIterator[Tgfake]:
    assert PROGRAM
    arguments = ("--addr", "127.0.0.1:0", "--poll-max", "1s", "--token", Tgfake.token)
    process = await asyncio.create_subprocess_exec(PROGRAM, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    banner = (await process.stdout.readline()).decode()
    fake = Tgfake(banner.strip().rpartition(" at ")[2])
    yield fake
    await fake.close()
    process.terminate()
    await process.communicate()


def answers(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The bot's complete messages."""
    mine = [one for one in shown["messages"] if one["from"] == "bot" and not one["deleted"]]
    return [one for one in mine if one["text"] != "…" and len(one.get("keyboard", ())) > 1]


async def test_questions_in_private_and_in_a_group_are_answered_and_a_source_opens(home: Home, tgfake: Tgfake) -> None:
    home.users, home.drafts = (str(ALICE),), True
    home.telegram = tgfake  # type: ignore[assignment]
    stop = asyncio.Event()
    serving = asyncio.create_task(home.make().run(stop))
    await tgfake.does("message", text="米饭要煮多久？")
    await tgfake.does("message", text="米饭要煮多久？", chat_type="group", mention=True)
    for chat in (ALICE, GROUP):
        [answer] = answers(await tgfake.until(answers, chat))
        assert answer["text"] == "米饭要煮二十分钟 [1]。"
    await tgfake.does("callback", label="[1] 米饭", chat_id=ALICE)
    shown = await tgfake.until(lambda shown: "cooking/rice.md" in shown["messages"][-1]["text"], ALICE)
    assert shown["callbacks"]
    assert await tgfake.refused() == []
    stop.set()
    await asyncio.wait_for(serving, 10)
