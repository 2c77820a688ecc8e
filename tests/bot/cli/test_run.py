"""`notesbot run` with platforms in memory: `tiny_platform` says what it does on its output."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot.cli import run
from bot.storage import StateProblem
from knowledge.notes import VaultProblem
from tests.bot.cli.running import Program

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
Start = Callable[..., Awaitable["Bots"]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")


class Bots:
    """A `run` under way."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def until(self, words: str) -> None:
        assert self.process.stdout
        async with asyncio.timeout(60):
            while not any(words in line for line in self.lines):
                line = await self.process.stdout.readline()
                assert line, f"{words!r} did not come: {self.lines}"
                self.lines.append(line.decode())

    async def end(self, number: int | None = None) -> tuple[int, str, str]:
        """Send a signal, if one is named; the exit code and all that was printed."""
        if number:
            self.process.send_signal(number)
        async with asyncio.timeout(60):
            out, err = await self.process.communicate()
        return self.process.returncode or 0, "".join(self.lines) + out.decode(), err.decode()


@pytest.fixture
async def start(run: Program, where: tuple[str | Path, ...]) -> AsyncIterator[Start]:
    started: list[Bots] = []

    async def starts(*platforms: str, **environment: str) -> Bots:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bot.cli.tiny_platform", ",".join(platforms), *map(str, where)),
            cwd=run.folder,
            env=run.environment({"NOTESBOT_TELEGRAM__ADMINS": "[1]", "NOTESBOT_RUN__GRACE_S": "0.2", **environment}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(Bots(process))
        return started[-1]

    yield starts
    for bots in started:
        with suppress(ProcessLookupError):
            bots.process.kill()
        await bots.process.communicate()


async def test_bots_answer_and_end_with_0_one_that_cannot_log_in_is_named_in_one_line(start: Start) -> None:
    bots = await start("refused", "asks")
    await bots.until("asks drew excerpts: 笔记里这样写")
    second_code, _, second_err = await (await start("asks")).end()
    code, out, err = await bots.end(signal.SIGTERM)
    assert code == 0
    assert "Running: refused, asks" in out
    assert "asks ended" in out
    assert err == "notesbot: refused: The token `[token]` was rejected by the server\n"
    assert (second_code, len(second_err.splitlines())) == (1, 1)
    assert "another `notesbot run` uses the database" in second_err


async def test_ctrl_c_ends_it_as_well_and_a_second_one_at_once(start: Start) -> None:
    bots = await start("hangs", NOTESBOT_RUN__GRACE_S="500")
    await bots.until("hangs drew partial: half")
    bots.process.send_signal(signal.SIGINT)
    await bots.until("Stopping")
    code, out, _ = await bots.end(signal.SIGINT)
    assert code == 0
    assert "hangs drew stopped: half (I am being shut down" in out


async def test_an_answer_that_does_not_end_in_its_grace_ends_with_what_there_is(start: Start) -> None:
    bots = await start("hangs")
    await bots.until("hangs drew partial: half")
    code, out, _ = await bots.end(signal.SIGTERM)
    assert code == 0
    assert out.splitlines()[-2].startswith("hangs drew stopped: half (I am being shut down")
    assert out.splitlines()[-1] == "hangs ended"


async def test_when_none_can_log_in_it_ends_with_1(start: Start) -> None:
    code, out, err = await (await start("refused", "refused2")).end()
    assert (code, len(err.splitlines())) == (1, 2)
    assert TOKEN not in out + err


async def test_one_that_breaks_is_made_anew_and_no_token_is_in_the_log(start: Start) -> None:
    bots = await start("breaks", NOTESBOT_LOG="INFO")
    await bots.until("breaks runs")
    code, _, err = await bots.end(signal.SIGTERM)
    assert code == 0
    assert "breaks broke, and is made anew" in err
    assert "RuntimeError: GET https://api.telegram.org/bot[token]/getMe" in err
    assert "INFO httpx: HTTP Request: POST https://api.telegram.org/bot[token]/getUpdates" in err
    assert TOKEN not in err


async def test_cards_follow_the_notes_and_are_made_once_for_each_change(start: Start, notes: Path, data: Path) -> None:
    bots = await start("asks", NOTESBOT_LOG="info", NOTESBOT_NOTES__WATCH_S="0.2")
    await bots.until("asks drew")
    await asyncio.sleep(1)  # some more looks, which find nothing new
    (notes / "new.md").write_text("# Facts\n\nWhich capital?::Paris\n", encoding="utf-8")
    async with asyncio.timeout(60):
        while not cards_of(data / "state.sqlite", "new.md"):
            await asyncio.sleep(0.05)
    _, _, err = await bots.end(signal.SIGTERM)
    told = [line for line in err.splitlines() if "bot.cli.run" in line and " passages (" in line]
    assert len(told) == 2


def cards_of(database: Path, path: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM cards WHERE path = ?", (path,)).fetchone()[0])


async def test_without_a_token_one_line_names_where_to_put_it(run: Program) -> None:
    ran = await run("run", "--data", "data")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    for name in ("NOTESBOT_TELEGRAM__TOKEN", "NOTESBOT_DISCORD__TOKEN", "telegram.token_file", "discord.token_file"):
        assert name in ran.err


async def test_a_token_in_the_settings_file_is_refused_and_not_repeated(run: Program) -> None:
    (run.folder / "notesbot.yaml").write_text(f"telegram: {{token: '{TOKEN}'}}\n", encoding="utf-8")
    ran = await run("run")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "notesbot.yaml: telegram.token: a token is not written here" in ran.err
    assert TOKEN not in ran.err


async def test_pair_prints_a_code_and_what_to_send(run: Program) -> None:
    owner, guest = await run("pair", "--data", "data"), await run("pair", "--guest", "--data", "data", LC_ALL="zh_CN.UTF-8")
    assert (owner.code, guest.code) == (0, 0)
    code = owner.out.split("/pair ")[1].strip()
    assert f"Pairing code: {code} (good for 15 minutes, once)" in owner.out
    assert "私聊里发送：/pair " in guest.out


async def test_watch_takes_up_a_new_note(run: Program, notes: Path, where: tuple[str | Path, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "watch", *map(str, where)),
        cwd=run.folder,
        env=run.environment({"NOTESBOT_NOTES__WATCH_S": "0.1"}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    bots = Bots(process)
    await bots.until("2 new")
    (notes / "soup.md").write_text("# 汤\n\n汤要小火慢炖。\n", encoding="utf-8")
    await bots.until("1 new")
    code, _, err = await bots.end(signal.SIGTERM)
    assert (code, err) == (0, "")


async def test_work_beside_the_bots_goes_on_when_what_it_needs_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AGAIN_S", 0.0)
    begun, done = list[str](), asyncio.Event()

    async def work() -> None:
        begun.append("begun")
        if len(begun) < 3:
            raise (StateProblem, VaultProblem)[len(begun) - 1]("away for a while")
        done.set()

    async with run._beside(work), asyncio.timeout(10):
        await done.wait()
    assert len(begun) == 3
