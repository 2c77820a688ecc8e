"""`notesbot ask`: answer a question with its sources."""

from __future__ import annotations

import time
from argparse import Namespace

from bot import DONE, FAILED
from bot.app import App, build, interface_language, run
from bot.cli.question_files import QuestionRecord, asked, print_json
from bot.settings import Settings
from bot.types import Answer, AnswerState, Citation, Language, Person, Place, Question
from knowledge.notebook import IndexReport

PLACE = Place(platform="terminal", chat="ask")
IN_MEMORY = "sqlite://"


def main(options: Namespace) -> int:
    return run(options, _ask)


async def _ask(options: Namespace, settings: Settings) -> int:
    """A file of questions is an examination, not a conversation: nothing of it is kept."""
    questions = asked(options)
    first = next(questions)
    if options.sentences:
        settings = settings.model_copy(update={"answer": settings.answer.model_copy(update={"excerpts": options.sentences})})
    async with build(settings, state_url=IN_MEMORY if options.questions else "") as parts:
        report = await parts.notebook.index()
        if not report.notes:
            return _no_notes(parts, report)
        for number, one in enumerate((first, *questions), 1):
            question = await _question(parts, one, number)
            await (
                _print_answer(parts, one.id, question) if options.json else _show_answer(parts, question, receipt=options.receipt)
            )
    return DONE


def _no_notes(parts: App, report: IndexReport) -> int:
    """Not an answer: there is nothing that could hold one."""
    from bot.platforms.terminal.renderer import Screen, console

    screen = Screen(console(errors=True), interface_language(parts.settings))
    lines = (screen.say("no_notes", folder=parts.notebook.vault.root), screen.unread(report))
    screen.page("\n".join(line for line in lines if line))
    return FAILED


async def _print_answer(parts: App, name: str, question: Question) -> None:
    started = time.perf_counter()
    last = [answer async for answer in parts.assistant.ask(question)][-1]
    mode = str(last.state)
    print_json(
        {
            "id": name,
            "answer": last.text,
            "mode": mode,
            "citations": [_citation(c) for c in last.citations],
            "ms": round((time.perf_counter() - started) * 1000, 2),
        }
    )


async def _show_answer(parts: App, question: Question, *, receipt: bool) -> None:
    from bot.commands.views import page_of_receipt
    from bot.platforms.terminal.renderer import Screen, console

    screen = Screen(console(), interface_language(parts.settings))
    last = await screen.answer(parts.assistant.ask(question))
    if receipt and last:
        screen.page(page_of_receipt(last.receipt, screen.language))


async def _question(parts: App, one: QuestionRecord, number: int) -> Question:
    """The question as if it were asked in a chat; earlier turns are put into a place of their own."""
    language = interface_language(parts.settings)
    person = _person(one.person, language)
    if not one.history:
        return Question(person=person, place=PLACE, text=one.question, alone=True)
    place = Place(platform="terminal", chat=f"ask {number}", private=not one.person)
    answers = []
    for turn in one.history:
        earlier = Question(person=_person(turn.person, language), place=place, text=turn.question)
        answers.append(await parts.state.record(earlier, Answer(state=AnswerState.MODEL, text=turn.answer)))
    reply_to = "" if one.reply_to is None else answers[one.reply_to].id
    return Question(person=person, place=place, text=one.question, reply_to=reply_to)


def _person(name: str, language: Language) -> Person:
    return Person(platform="terminal", id=f"ask {name}".strip(), name=name, language=language)


def _citation(citation: Citation) -> dict[str, object]:
    return {
        "n": citation.n,
        "path": citation.path,
        "start": citation.start,
        "end": citation.end,
        "lines": list(citation.lines),
        "heading": list(citation.heading),
    }
