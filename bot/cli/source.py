"""`notesbot source`: the sources of the last answer in this terminal, one of them, or the passage with some words."""

from __future__ import annotations

from argparse import Namespace

from bot import DONE, FAILED
from bot.app import build, interface_language, run
from bot.cli.ask import PLACE as ASKED
from bot.platforms.terminal.chat import PLACE as CHATTED
from bot.settings import Settings


def main(options: Namespace) -> int:
    return run(options, _source)


async def _source(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import Screen, console

    language = interface_language(settings)
    words = " ".join(options.words).strip()
    async with build(settings) as parts:
        if words and not words.isdecimal():
            await parts.notebook.index()
        answer_id = await parts.state.last_answer_with_sources(ASKED, CHATTED)
        page = await parts.commands.source(ASKED, words, language, answer_id=answer_id)
        numbers = {source.n for source in await parts.state.sources(answer_id)}
    Screen(console(), language).page(page)
    return FAILED if words.isdecimal() and int(words) not in numbers else DONE
