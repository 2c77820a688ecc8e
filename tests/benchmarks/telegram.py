"""The Telegram adapter under load, killed, fed with hostile Markdown, and timed: `python -m tests.benchmarks.telegram`.

    --chats 50 --questions 20     each chat asks so many questions, a third of the chats are groups
    --kills 30                    the same load, and `kill -9` at so many random moments
    --speed 1                     Telegram's rates and ours, both so many times as fast
    --answers 2000                random Markdown, and CommonMark's examples where COMMONMARK_SPEC names its `spec.txt`
    --timed 300                   questions for the adapter's own time

The server is the fake one, on loopback, with its flood control at the rates that Telegram documents; the bot is a program of its
own. At those rates the load takes two to three minutes, because a group takes 20 messages a minute and an answer is two; with the
kills it takes about five. A program that was killed does not know what it said in the minute before, and is told to wait; nor
what its messages show, so that some edits change nothing. What `--speed` cannot scale is the time that this machine takes for a
request: much over 1 the requests that left in good order arrive together, and are refused.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import telegram as library

from bot.commands import CommandRouter
from bot.commands.views import CommandViews
from bot.markup.styled_text import clean
from bot.middleware import Middleware, guarded
from bot.platforms.telegram import TelegramBot
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.telegram.rate_limiter import Rates
from bot.settings import AccessSettings, LimitSettings, Settings, TelegramSettings
from bot.storage import TurnStore
from bot.types import Answer, AnswerState, Question
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.bot.markup.made_up import STARTS, WHOLE, WORDS
from tests.bot.markup.rules import letters
from tests.bot.markup.source import lost, words_of
from tests.fakes.telegram import Chat, FakeTelegram, Flood, User

ENOUGH = LimitSettings(person_per_minute=100_000, person_per_day=1_000_000, place_per_minute=100_000, queue=1000)
AT_ONCE = Rates(private_every=1e-6, private_burst=1000, group_most=10**6, overall_every=0.0, edit_every=0.0, group_edit_every=0.0)
Where = Chat | User


def sped_up(speed: float) -> Rates:
    usual = Rates()
    return Rates(
        private_every=usual.private_every / speed,
        group_window=usual.group_window / speed,
        overall_every=usual.overall_every / speed,
        edit_every=usual.edit_every / speed,
        group_edit_every=usual.group_edit_every / speed,
    )


async def scripted(question: Question) -> AsyncIterator[Answer]:
    """Two seconds of writing in a tenth of that."""
    yield Answer(state=AnswerState.THINKING)
    text = f"答：{question.text}"
    for end in range(1, len(text) + 1, 3):
        await asyncio.sleep(0.05)
        yield Answer(state=AnswerState.PARTIAL, text=text[:end])
    yield Answer(state=AnswerState.MODEL, text=text)


async def echo(question: Question) -> AsyncIterator[Answer]:
    yield Answer(state=AnswerState.MODEL, text=ANSWERS.get(question.text, question.text))


ANSWERS: dict[str, str] = {}


async def make(url: str, token: str, data: Path, rates: Rates, people: tuple[str, ...], ask=scripted) -> TelegramBot:
    state = await TurnStore.open_file(data / "state.sqlite")
    notebook = Notebook(Vault(data), data / "index")
    access = AccessSettings(backlog_minutes=10**6)
    settings = Settings(telegram=TelegramSettings(api_url=url, allowed_users=people), limits=ENOUGH, access=access)
    guards = Middleware.of(settings, state.database)
    commands = CommandViews(notebook=notebook, state=state)
    controls = CommandRouter(notebook=notebook, state=state, commands=commands, guards=guards)
    return TelegramBot(settings=settings, token=token, ask=guarded(ask, guards), controls=controls, guards=guards, rates=rates)


async def serve(url: str, token: str, data: str, speed: str, people: str) -> None:
    """The program that is killed."""
    bot = await make(url, token, Path(data), sped_up(float(speed)), tuple(people.split(",")))
    print("ready", flush=True)
    await bot.run(asyncio.Event())


class Load:
    """So many chats, which ask so many questions each."""

    def __init__(self, server: FakeTelegram, chats: int, questions: int, speed: float) -> None:
        self.server = server
        began, real = time.time(), time.time
        server.clock.now = lambda: began + (real() - began) * speed  # type: ignore[method-assign]
        self.people = [server.world.person(f"P{n}") for n in range(chats)]
        groups = [server.world.supergroup(f"G{n}", members=self.people[:1]) for n in range(chats // 3)]
        self.places: list[Where] = [*groups, *self.people[: chats - len(groups)]]
        self.words = {at: [f"第{at}处的第{n}个问题怎么答？" for n in range(questions)] for at in range(chats)}

    async def ask(self, pause: float) -> None:
        """Everybody asks one question after the other, without waiting for answers."""
        for n in range(len(self.words[0])):
            for at, where in enumerate(self.places):
                who, called = (where, "") if isinstance(where, User) else (self.people[0], "@notes_bot ")
                self.server.world.says(who, where, called + self.words[at][n])
            await asyncio.sleep(pause)

    def shown(self, at: int) -> list[str]:
        return [one.text for one in self.server.read(self.places[at]) if one.by == "Notes"]

    def is_done(self) -> bool:
        return all({f"答：{words}" for words in self.words[at]} <= set(self.shown(at)) for at in self.words)

    async def until_done(self) -> None:
        """Looking costs time: once a second."""
        async with asyncio.timeout(1800):
            while not self.is_done():
                await asyncio.sleep(1.0)

    async def tell(self) -> None:
        """For ever: how far it is."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(15.0)
            print(f"  {time.monotonic() - began:4.0f} s, {len(self.server.calls())} requests, {self.report()}", flush=True)

    def report(self) -> dict[str, int]:
        counts: Counter[str] = Counter(dict.fromkeys(("questions", "lost", "doubled", "cut", "out of order", "empty left"), 0))
        for at, asked in self.words.items():
            texts = self.shown(at)
            complete = [text for text in texts if text in {f"答：{words}" for words in asked}]
            counts["questions"] += len(asked)
            counts["lost"] += len(asked) - len(set(complete))
            counts["doubled"] += len(complete) - len(set(complete))
            counts["empty left"] += texts.count("…")
            counts["cut"] += len(texts) - len(complete) - texts.count("…")
            counts["out of order"] += [*dict.fromkeys(complete)] != [
                f"答：{words}" for words in asked if f"答：{words}" in complete
            ]
        kinds = Counter(one.status for one in self.server.refusals)
        unchanged = sum("message is not modified" in one.description for one in self.server.refusals)
        refused = sum(kinds.values()) - kinds[409] - kinds[429] - unchanged
        flood = {"told to wait": kinds[429], "too early": len(self.server.violations)}
        return {**counts, "refused": refused, "changed nothing": unchanged, **flood}


class Program:
    """The bot in a process of its own."""

    def __init__(self, load: Load, folder: str, speed: float) -> None:
        people = ",".join(str(person.id) for person in load.people)
        server = load.server
        self._command = (sys.executable, "-m", "tests.benchmarks.telegram", "serve", server.url, server.token, folder)
        self._more = (str(speed), people)

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*self._command, *self._more, stdout=pipe)
        assert self._process.stdout
        await self._process.stdout.readline()

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def loaded(chats: int, questions: int, speed: float) -> AsyncIterator[tuple[Load, Program]]:
    """The server with its people, who have not said anything yet, and the bot, which has not started."""
    async with FakeTelegram(flood=Flood()) as server:
        load = Load(server, chats, questions, speed)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            telling, program = asyncio.create_task(load.tell()), Program(load, folder, speed)
            try:
                yield load, program
            finally:
                telling.cancel()
                await program.kill()


async def run_load(chats: int, questions: int, speed: float) -> None:
    async with loaded(chats, questions, speed) as (load, program):
        await program.start()
        began = time.monotonic()
        await load.ask(0.5)
        await load.until_done()
        took = time.monotonic() - began
        await asyncio.sleep(2.0)  # what came too often would come now
        report, requests = load.report(), len(load.server.calls())
    print(f"load: {report} in {took:.0f} s ({took * speed:.0f} s of the server's), {requests} requests", flush=True)


async def run_kills(chats: int, questions: int, speed: float, kills: int) -> None:
    async with loaded(chats, questions, speed) as (load, program):
        asking = asyncio.create_task(load.ask(0.2))
        await program.start()
        for _ in range(kills):
            calls = len(load.server.received)
            await load.server.until(lambda calls=calls: len(load.server.received) > calls, seconds=60)
            await asyncio.sleep(random.uniform(0, 8.0))
            await program.kill()
            left = load.report()["lost"]
            await program.start()
        await asking
        await load.until_done()
        await asyncio.sleep(2.0)
        report = load.report()
    print(f"kills: {kills}, {left} unanswered at the last one; then {report}", flush=True)


def random_markdown(count: int) -> list[str]:
    chance = random.Random(7)

    def row() -> str:
        if chance.random() < 0.25:
            return chance.choice(WHOLE)
        return chance.choice(STARTS) + chance.choice(["", " "]).join(chance.choices(WORDS, k=chance.randint(1, 9)))

    spec = os.environ.get("COMMONMARK_SPEC", "")
    examples = re.findall(r"`{32} example\n(.*?)^\.\n", Path(spec).read_text(encoding="utf-8"), re.S | re.M) if spec else []
    made = ["\n".join(row() for _ in range(chance.choice([3, 10, 30, 300]))) for _ in range(count - len(examples))]
    return [*(example.replace("→", "\t") for example in examples), *made]


async def run_answers(count: int) -> None:
    async with FakeTelegram() as server:
        alice = server.world.person("Alice")
        texts = random_markdown(count)
        ANSWERS.update({f"{n}": text for n, text in enumerate(texts)})
        with tempfile.TemporaryDirectory() as folder:
            bot, stop = await make(server.url, server.token, Path(folder), AT_ONCE, (str(alice.id),), echo), asyncio.Event()
            serving, gone = asyncio.create_task(bot.run(stop)), 0
            await server.until(lambda: server.updates.polled, seconds=30)
            for n, text in enumerate(texts):
                before = len(server.read(alice))
                server.world.says(alice, alice, f"{n}")
                await server.until(lambda before=before: len(server.read(alice)) > before + 1, seconds=30)
                await server.until(lambda: not bot._dispatcher._running and server.updates.polled, seconds=30)
                shown = "".join(one.text for one in server.read(alice)[before + 1 :])
                missing = lost(words_of(clean(text)), letters(shown))
                gone += bool(missing)
                if missing:
                    print(f"  lost {missing!r} of {text[:200]!r}")
                server.world.private(alice).messages.clear()
                if n % 250 == 249:
                    print(f"  {n + 1} of {len(texts)}, refused {len(server.refusals)}, with text lost {gone}", flush=True)
            stop.set()
            await serving
        refused = [one.description for one in server.refusals]
        print(f"answers: {len(texts)}, refused {len(refused)} {refused[:3]}, with text lost {gone}", flush=True)


class Spent:
    """Where the milliseconds of the question go that is being answered."""

    def __init__(self) -> None:
        self.parts: Counter[str] = Counter()

    def timed(self, part: str, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def do(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await work(*arguments, **named)
            finally:
                self.parts[part] += (time.perf_counter() - began) * 1000
                self.parts[f"{part}, times"] += 1

        return do

    @contextmanager
    def watching(self, bot: TelegramBot) -> Iterator[None]:
        database, request = bot._guards.ledger.database, bot._client._requests[1]
        database.read = self.timed("database", database.read)  # type: ignore[method-assign]
        database.write = self.timed("database", database.write)  # type: ignore[method-assign]
        request.do_request = self.timed("http and server", request.do_request)  # type: ignore[method-assign]
        yield


async def run_timed(count: int) -> None:
    """Each question comes from somebody who has not asked before, so that nothing is known of them yet."""
    async with FakeTelegram() as server:
        people = [server.world.person(f"P{n}") for n in range(count)]
        bare = await _times(server, people[0], count)
        with tempfile.TemporaryDirectory() as folder:
            ids = tuple(str(person.id) for person in people)
            bot, stop, spent = await make(server.url, server.token, Path(folder), AT_ONCE, ids, echo), asyncio.Event(), Spent()
            serving = asyncio.create_task(bot.run(stop))
            await server.until(lambda: server.updates.polled, seconds=30)
            await asyncio.sleep(2)
            with spent.watching(bot):
                measured = await _timed(server, people, count, spent)
            stop.set()
            await serving
        added = [whole - base for whole, base in zip(sorted(measured["whole answer"]), sorted(bare), strict=True)]
        for name, numbers in {"bare library, one message": bare, **measured, "added by the adapter": added}.items():
            numbers.sort()
            p50, p95 = numbers[len(numbers) // 2], numbers[int(len(numbers) * 0.95)]
            print(f"time: {name:26} p50 {p50:6.1f}  p95 {p95:6.1f}", flush=True)


async def _times(server: FakeTelegram, alice: User, count: int) -> list[float]:
    """A loop that fetches and sends, and does nothing else."""
    client, offset, spent = TelegramClient(server.token, TelegramSettings(api_url=server.url)), 0, []
    async with client.bot:
        for n in range(count):
            polling = asyncio.create_task(client.bot.get_updates(offset=offset, timeout=5))
            await server.until(lambda: server.updates.polled)
            began = time.perf_counter()
            server.world.says(alice, alice, f"{n}")
            [update] = await polling
            offset = update.update_id + 1
            assert isinstance(update, library.Update)
            await client.bot.send_message(alice.id, f"{n}")
            spent.append((time.perf_counter() - began) * 1000)
        await client.bot.get_updates(offset=offset)
    await client.close()
    return spent


async def _timed(server: FakeTelegram, people: list[User], count: int, spent: Spent) -> dict[str, list[float]]:
    """Milliseconds, and how many transactions."""
    found: dict[str, list[float]] = defaultdict(list)
    for n in range(count):
        await server.until(lambda: server.updates.polled)
        await asyncio.sleep(0.02)  # what comes after the answer is over
        who, words = people[n], f"回答{n}"
        messages = server.world.private(who).messages
        messages.clear()
        spent.parts.clear()
        began, begun = time.perf_counter(), 0.0
        server.world.says(who, who, words)
        while not any(one.text == words for one in messages.values() if one.sender is server.bot):
            await asyncio.sleep(0.001)
            if not begun and any(one.sender is server.bot for one in messages.values()):
                begun = time.perf_counter()
        whole = (time.perf_counter() - began) * 1000
        found["first message"].append(((begun or time.perf_counter()) - began) * 1000)
        found["whole answer"].append(whole)
        for part in ("database", "http and server", "database, times"):
            found[f"  of it {part}"].append(spent.parts[part])
        found["  of it everything else"].append(whole - spent.parts["database"] - spent.parts["http and server"])
    return found


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name, usual in (("chats", 50), ("questions", 20), ("kills", 30), ("answers", 2000), ("timed", 300)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--speed", type=float, default=1.0)
    options = parser.parse_args()
    if options.timed:
        await run_timed(options.timed)
    if options.answers:
        await run_answers(options.answers)
    if options.chats:
        await run_load(options.chats, options.questions, options.speed)
    if options.kills:
        await run_kills(options.chats, options.questions, options.speed, options.kills)


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[2:]) if sys.argv[1:2] == ["serve"] else main())
