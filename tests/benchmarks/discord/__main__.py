"""`python -m tests.benchmarks.discord [--channels 20] [--questions 20] [--kills 20] [--texts 2000] [--only load|kills|texts]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bot.types import Delivery, Page, Place
from tests.benchmarks.discord.crowd import Crowd
from tests.benchmarks.discord.serving import serving
from tests.bot.making import NOTES, write
from tests.bot.markup.made_up import WORDS
from tests.bot.markup.rules import check_discord
from tests.fakes.discord import FakeDiscord

PIECES = [word for word in WORDS if word != "<i"]
"""That one makes attributes of the words behind it (`<i word >`), which are markup and not shown."""


async def load(channels: int, questions: int) -> None:
    """Everybody asks in every way; rate limits as Discord's."""
    async with FakeDiscord() as fake:
        fake.limits.on = True
        crowd = Crowd(fake, channels)
        with tempfile.TemporaryDirectory() as folder:
            notes, stop = write(Path(folder, "notes"), NOTES), asyncio.Event()
            people = [str(one.id) for one in crowd.people]
            async with serving(fake.base, notes, Path(folder, "data"), people) as platform:
                running = asyncio.create_task(platform.run(stop))
                await fake.until(lambda: fake.api.commands.get(0), 30)
                began = time.perf_counter()
                await crowd.ask(questions, 2.0)
                await crowd.until_answered(600)
                took = time.perf_counter() - began
                stop.set()
                await running
        ways = Counter(crowd.asked.values())
        print(f"load: {channels} channels x {questions} questions {dict(ways)} in {took:.0f} s")
        print(
            f"  lost {len(crowd.open())}, doubled {len(crowd.doubled())}, late acknowledgements {len(fake.late)}, "
            f"rejected {len(crowd.rejected())} {crowd.rejected()[:3]}, 429 {len(fake.limits.violations)}, "
            f"live mentions {len(fake.live)}"
        )
        _tell_latencies(crowd.latencies())


def _tell_latencies(found: list[float]) -> None:
    if found:
        p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
        print(
            f"  acknowledgement of {len(found)} interactions: median {found[len(found) // 2] * 1000:.0f} ms, "
            f"p99 {p99 * 1000:.0f} ms, longest {found[-1] * 1000:.0f} ms"
        )


async def kills(channels: int, questions: int, times: int) -> None:
    """The gateway is dropped and the process killed while everybody asks, one after the other, at random moments."""
    async with FakeDiscord() as fake:
        crowd = Crowd(fake, channels)
        with tempfile.TemporaryDirectory() as folder:
            notes = write(Path(folder, "notes"), NOTES)
            command = [sys.executable, "-m", "tests.benchmarks.discord.serving", fake.base, str(notes), str(Path(folder, "data"))]
            command += [str(one.id) for one in crowd.people]
            process = _start(command)
            await fake.until(lambda: fake.api.commands.get(0), 60)
            asking = asyncio.create_task(crowd.ask(questions, times * 4.0 / questions))
            chance = random.Random(1)
            for _ in range(times):
                await asyncio.sleep(chance.uniform(0.3, 2))
                fake.gateway.drop(lose=chance.random() < 0.3)
                await asyncio.sleep(chance.uniform(0.3, 3))
                process.kill()
                process.wait()
                await asyncio.sleep(chance.uniform(0, 0.5))
                process = _start(command)
                await fake.until_ready(60)
            await asking
            await crowd.until_answered(240)
            await asyncio.sleep(2)
            process.kill()
            process.wait()
        unheard = [mark for mark, call in crowd.calls.items() if not call.acknowledged]
        print(f"kills: {times} kills and {times} drops during {len(crowd.asked)} questions {dict(Counter(crowd.asked.values()))}")
        print(
            f"  unanswered {len(crowd.open())}, answered twice {len(crowd.doubled())} {crowd.doubled()[:3]}, "
            f"rejected {len(crowd.rejected())} {Counter(crowd.rejected()).most_common(3)}; "
            f"commands given while nobody was there {len(unheard)} (Discord says so at once)"
        )


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env={**os.environ, "NOTESBOT_LOG": "ERROR"}, stdout=subprocess.DEVNULL)


async def texts(count: int) -> None:
    """Random Markdown through the whole way, each text with words of its own that have to be there, in order."""
    chance = random.Random(0)
    over = fences = lost = 0
    async with FakeDiscord() as fake:
        crowd = Crowd(fake, 1)
        with tempfile.TemporaryDirectory() as folder:
            notes, stop = write(Path(folder, "notes"), NOTES), asyncio.Event()
            async with serving(fake.base, notes, Path(folder, "data"), [str(crowd.people[0].id)]) as platform:
                running = asyncio.create_task(platform.run(stop))
                await fake.until(lambda: fake.api.commands.get(0), 30)
                place = Place(platform="discord", chat=str(crowd.places[0].id), private=False)
                for number in range(count):
                    text, words = _made_up(chance, number)
                    assert await platform.deliver(place, Page(text=text)) is Delivery.DELIVERED
                    said = fake.said(crowd.places[0])
                    crowd.places[0].messages.clear()
                    over += any(len(one.content) > 2000 for one in said)
                    fences += any(not _is_well_formed(one.content) for one in said)
                    file = "".join(part.content.decode() for one in said for part in one.attachments)
                    lost += not _stand_in_order(words, file or "\n".join(one.content for one in said))
                stop.set()
                await running
        print(f"texts: {count}")
        print(
            f"  over a limit {over}, broken fence or a live form {fences}, text lost {lost}, "
            f"live mentions {len(fake.live)}, rejected {len(crowd.rejected())}"
        )


def _made_up(chance: random.Random, number: int) -> tuple[str, list[str]]:
    pieces, words = [], []
    for place in range(chance.choice([3, 20, 60, 200, 400])):
        words.append(f"w{number}x{place}")
        pieces += [words[-1], *chance.choices(PIECES, k=chance.randint(0, 6)), chance.choice([" ", " ", "\n", "\n\n"])]
    return " ".join(pieces), words


def _is_well_formed(message: str) -> bool:
    try:
        check_discord(message, 2000)
    except AssertionError:
        return False
    return True


def _stand_in_order(words: list[str], shown: str) -> bool:
    """Every word once more, in its order; tables and formulas may stand around them."""
    return sorted(words) == sorted(set(re.findall(r"w\d+x\d+", shown)) & set(words))


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("channels", 20), ("questions", 20), ("kills", 20), ("texts", 2000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", default="load kills texts")
    options = parser.parse_args()
    if "load" in options.only:
        asyncio.run(load(options.channels, options.questions))
    if "kills" in options.only:
        asyncio.run(kills(options.channels, options.questions, options.kills))
    if "texts" in options.only:
        asyncio.run(texts(options.texts))


if __name__ == "__main__":
    main()
