"""`notesbot ask`: a question goes in, an answer with its sources comes out."""

from __future__ import annotations

import time
from argparse import Namespace

from bot.cli.building import Parts, build, interface_language, run
from bot.cli.questions import Asked, asked, print_json
from bot.messages import Answer, AnswerState, Citation, Person, Place, Question
from bot.settings import Settings

PLACE = Place(platform="terminal", chat="ask")
IN_MEMORY = "sqlite+aiosqlite://"


def main(options: Namespace) -> int:
    return run(options, _ask)


async def _ask(options: Namespace, settings: Settings) -> int:
    """A file of questions is an examination, not a conversation: nothing of it is kept."""
    questions = asked(options)
    first = next(questions)
    if options.sentences:
        settings = settings.model_copy(update={"answer": settings.answer.model_copy(update={"excerpts": options.sentences})})
    async with build(settings, state_url=IN_MEMORY if options.questions else "") as parts:
        await parts.notebook.index()
        for one in (first, *questions):
            await (_print_answer(parts, one) if options.json else _show_answer(parts, one))
    return 0


async def _print_answer(parts: Parts, one: Asked) -> None:
    started = time.perf_counter()
    question = await _question(parts, one)
    last = [answer async for answer in parts.assistant.ask(question)][-1]
    mode = str(last.state)
    print_json(
        {
            "id": one.id,
            "answer": last.text,
            "mode": mode,
            "citations": [_citation(c) for c in last.citations],
            "ms": round((time.perf_counter() - started) * 1000, 2),
        }
    )


async def _show_answer(parts: Parts, one: Asked) -> None:
    from rich.console import Console

    from bot.platforms.terminal.drawing import Screen

    screen = Screen(Console(), interface_language(parts.settings))
    await screen.answer(parts.assistant.ask(await _question(parts, one)))


async def _question(parts: Parts, one: Asked) -> Question:
    """The question as if it were asked in a chat; earlier turns are put into a place of their own."""
    person = Person(platform="terminal", id="ask", language=interface_language(parts.settings))
    if not one.history:
        return Question(person=person, place=PLACE, text=one.question, alone=True)
    place = Place(platform="terminal", chat=f"ask {one.id}")
    turns = one.history
    for (role, words), (_, reply) in zip(turns, (*turns[1:], ("", "")), strict=True):
        if role == "user":
            earlier = Question(person=person, place=place, text=words)
            await parts.state.record(earlier, Answer(state=AnswerState.MODEL, text=reply))
    return Question(person=person, place=place, text=one.question)


def _citation(citation: Citation) -> dict[str, object]:
    return {
        "n": citation.n,
        "path": citation.path,
        "start": citation.start,
        "end": citation.end,
        "lines": list(citation.lines),
        "heading": list(citation.heading),
    }
