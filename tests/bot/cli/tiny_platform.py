"""`notesbot run` with platforms in memory, named on the command line: what each does is in its name."""

from __future__ import annotations

import asyncio
import logging
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from bot.app import App, run
from bot.cli.run import run_bots
from bot.commands import CommandRouter
from bot.middleware import Middleware, guarded
from bot.settings import PlatformProblem, Settings
from bot.types import Answer, AnswerState, Ask, Delivery, Page, Person, Place, Question

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
OWNER = Person(platform="telegram", id="1", language="en")
broken: list[str] = []


class Tiny:
    def __init__(self, name: str, ask: Ask) -> None:
        self.name = name
        self._ask = ask

    async def run(self, stop: asyncio.Event) -> None:
        if self.name.startswith("refused"):
            raise PlatformProblem(f"The token `{TOKEN}` was rejected by the server")
        if self.name == "breaks":
            self._break_once()
        asking = asyncio.create_task(self._answer())
        await stop.wait()
        await asking
        print(self.name, "ended", flush=True)

    is_ready = True

    async def deliver(self, place: Place, page: Page) -> Delivery:
        return Delivery.NOT_NOW

    def _break_once(self) -> None:
        logging.getLogger("httpx").setLevel(logging.INFO)
        logging.getLogger("httpx").info('HTTP Request: %s %s "200 OK"', "POST", f"https://api.telegram.org/bot{TOKEN}/getUpdates")
        if not broken:
            broken.append(self.name)
            raise RuntimeError(f"GET https://api.telegram.org/bot{TOKEN}/getMe")
        print(self.name, "runs", flush=True)

    async def _answer(self) -> None:
        place = Place(platform="telegram", chat="1")
        async with aclosing(self._ask(Question(person=OWNER, place=place, text="炒饭用什么饭？"))) as answers:  # type: ignore[type-var]
            async for answer in answers:
                print(self.name, "drew", f"{answer.state}:", " ".join(answer.text.split()), flush=True)


async def hanging(question: Question) -> AsyncIterator[Answer]:
    yield Answer(state=AnswerState.PARTIAL, text="half")
    await asyncio.Event().wait()


def tiny(name: str):
    def make(parts: App, ask: Ask, controls: CommandRouter, guards: Middleware) -> Tiny:
        return Tiny(name, guarded(hanging, guards) if name == "hangs" else ask)

    return make


async def main(options: Namespace, settings: Settings) -> int:
    from bot.app import build_notebook

    notebook = build_notebook(settings)
    await notebook.index()
    notebook.close()
    return await run_bots(settings, {name: tiny(name) for name in sys.argv[1].split(",")})


if __name__ == "__main__":
    _, _, _, notes, _, data = sys.argv
    sys.exit(run(Namespace(config=None, notes=Path(notes), data=Path(data)), main))
