"""`notesbot export`: cards as an Anki package or a table, reviews for other FSRS programs, rated answers as JSON Lines."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

import prompts
from bot import DONE, FAILED
from bot.app import interface_language, open_database, run
from bot.cli.question_files import print_json
from bot.cli.quiz import Study, person_of, study
from bot.markup import printable
from bot.settings import Settings, SettingsProblem


def main(options: Namespace) -> int:
    return run(options, _feedback if options.what == "feedback" else _cards)


async def _cards(options: Namespace, settings: Settings) -> int:
    async with study(settings, person=person_of(options, settings)) as at:
        count, content = await _content(at, options.format)
    words, language = prompts.load("quiz"), interface_language(settings)
    if not count:
        print(printable(words.say("no_reviews" if options.format == "json" else "no_cards", language)), file=sys.stderr)
        return FAILED
    file = options.output or Path(f"notesbot-{'reviews' if options.format == 'json' else 'cards'}.{options.format}")
    await asyncio.to_thread(_write, file, content, force=options.force)
    name = "exported_reviews" if options.format == "json" else "exported"
    print(printable(f"{file}: {words.say(name, language, count=count)}"), file=sys.stderr)
    return DONE


async def _feedback(options: Namespace, settings: Settings) -> int:
    """Messages in the form that fine-tuning wants, the verdict, and where the answer came from."""
    from bot.storage import Feedback

    database, nothing = await open_database(settings), True
    try:
        async for rated in Feedback(database).all():
            nothing = False
            values = asdict(rated)
            said = [("user", values.pop("question")), ("assistant", values.pop("answer"))]
            messages = [{"role": role, "content": words} for role, words in said]
            sources = [dict(zip(("path", "start", "end", "text"), source, strict=True)) for source in values.pop("sources")]
            print_json({"messages": messages, **values, "at": rated.at.isoformat(), "sources": sources})
    finally:
        await database.close()
    if nothing:
        print(printable(prompts.load("texts").say("nothing_rated", interface_language(settings))), file=sys.stderr)
    return DONE


async def _content(at: Study, wanted: str) -> tuple[int, bytes]:
    """How much there is, and the file."""
    from bot.quiz.export import csv_of, logs_of, package_of
    from bot.quiz.preferences import DECK_NAME

    if wanted == "json":
        log = await at.quiz.desk.reviews.log(at.person.key)
        return len(log), logs_of(log)
    cards = await at.quiz.deck.cards()
    make = package_of if wanted == "apkg" else csv_of
    return len(cards), await asyncio.to_thread(make, cards, DECK_NAME)


def _write(file: Path, content: bytes, *, force: bool) -> None:
    if str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        with file.open("wb" if force else "xb") as stream:
            stream.write(content)
    except FileExistsError as error:
        raise SettingsProblem(f"{file}: is there already (--force writes over it, --output names another)") from error
    except OSError as error:
        raise SettingsProblem(f"{file}: cannot be written: {error.strerror} (choose another with --output)") from error
