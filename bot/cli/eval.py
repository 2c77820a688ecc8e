"""`notesbot eval`: measure the search on labelled questions; prints a table, JSON, a plot, or a comparison of runs."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import prompts
from bot import DONE, FAILED
from bot.app import build, data_folder, finder_of, interface_language, opened, run
from bot.cli.question_files import note_progress, print_json
from bot.evaluation import (
    AnswerReport,
    ConversationReport,
    EvaluationReport,
    EvaluationRun,
    Means,
    RunHistory,
    answer_all,
    chart,
    conversations_in,
    evaluate,
    labelled_in,
    play,
    report_on,
    report_on_answers,
)
from bot.evaluation.dataset_generation import draft_by_model, draft_by_rules
from bot.evaluation.metrics import report_of
from bot.markup import printable
from bot.settings import Settings, SettingsProblem
from knowledge.notes import digest_of

if TYPE_CHECKING:
    from rich.console import Console

IN_MEMORY = "sqlite://"
RUNS_FILE = "evaluations.jsonl"
MEASURES = ("recall_1", "recall_5", "recall_10", "mrr", "ndcg", "contained", "wrongly_abstained", "rightly_abstained")

ANSWER_MEASURES = ("correct", "evidence", "cited", "in_language", "refused", "characters", "seconds", "first_words_s")
TURN_MEASURES = ("answered", "hit@1", "hit@5", "cited", "abstained")


def main(options: Namespace) -> int:
    return run(options, _eval)


async def _eval(options: Namespace, settings: Settings) -> int:
    runs = RunHistory(data_folder(settings) / RUNS_FILE)
    if options.history:
        return _compare(await asyncio.to_thread(runs.all), options)
    if options.make:
        return await _make(options.make, settings)
    if options.conversation:
        return await _converse(options, settings)
    if not options.questions:
        raise SettingsProblem("name a file of questions: notesbot eval QUESTIONS.jsonl (or --conversation, --make, --history)")
    if options.answers:
        return await _answer(options, settings)
    fresh = await _measure(options.questions, settings)
    await asyncio.to_thread(runs.add, fresh)
    if options.json:
        print_json(asdict(fresh))
    else:
        _show(fresh.report)
    if options.plot:
        await asyncio.to_thread(chart, await asyncio.to_thread(runs.all), options.plot)
        note_progress(f"{options.plot}: written")
    return _verdict(fresh, options.min_recall)


async def _make(file: Path, settings: Settings) -> int:
    """Draft questions from the notes; a file that is there was corrected by hand and stays."""
    if await asyncio.to_thread(file.exists):
        raise SettingsProblem(f"{file}: is there already; name another file, or move it away")
    async with opened(settings) as (notebook, models):
        await notebook.index()
        passages = await notebook.passages()
        drafts = await draft_by_model(models.fast, passages) if models else []
        drafts = drafts or draft_by_rules(passages, await notebook.aliases())
    lines = [json.dumps(draft.line(number), ensure_ascii=False) for number, draft in enumerate(drafts, 1)]
    try:
        await asyncio.to_thread(file.write_text, "".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise SettingsProblem(f"{file}: cannot be written: {error.strerror or error}") from error
    words = prompts.load("texts")
    print(printable(words.say("drafted", interface_language(settings), count=len(lines), file=file)))
    return 0 if lines else FAILED


async def _converse(options: Namespace, settings: Settings) -> int:
    """Nothing of it is kept: the conversations lie in a database in memory."""
    scripts = await asyncio.to_thread(conversations_in, options.conversation)
    async with build(settings, state_url=IN_MEMORY) as app:
        await app.notebook.index()
        passages = {passage.id: (passage.path, passage.text) for passage in await app.notebook.passages()}
        turns = play(app.assistant.ask, scripts, passages, interface_language(settings))
        report = report_on([outcome async for outcome in turns])
    if options.json:
        print_json(asdict(report))
    else:
        _show_conversations(report)
    reached = {"min_recall": report.everything.hit_5, "min_answered": report.everything.answered}
    missed = [name for name, share in reached.items() if share < (getattr(options, name) or 0.0)]
    for name in missed:
        note_progress(f"{name.removeprefix('min_')} is {reached[name]:.3f}, below {getattr(options, name)}")
    return FAILED if missed else 0


async def _answer(options: Namespace, settings: Settings) -> int:
    """The whole product answers each question; nothing is kept, and no answer is given again."""
    questions = await asyncio.to_thread(labelled_in, options.questions)
    settings = settings.model_copy(update={"answer": settings.answer.model_copy(update={"cache": 0})})
    outcomes = []
    async with build(settings, state_url=IN_MEMORY) as app:
        await app.notebook.index()
        async for outcome in answer_all(app.assistant.ask, questions):
            outcomes.append(outcome)
            note_progress(f"{len(outcomes)}/{len(questions)} {outcome.id} {outcome.mode} {outcome.seconds:.1f} s")
    report = report_on_answers(outcomes)
    if options.json:
        print_json(asdict(report))
    else:
        _show_answers(report)
    return DONE


async def _measure(file: Path, settings: Settings) -> EvaluationRun:
    questions = await asyncio.to_thread(labelled_in, file)
    async with opened(settings) as (notebook, models):
        await notebook.index()
        answer = settings.answer
        finder = finder_of(settings, notebook, models.fast if models else None)
        outcomes = evaluate(finder, questions, excerpts=answer.excerpts, characters=answer.characters)
        report = report_of([outcome async for outcome in outcomes])
    return EvaluationRun(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        questions=file.name,
        digest=digest_of(await asyncio.to_thread(file.read_bytes)),
        settings=_settings(settings),
        report=report,
    )


def _settings(settings: Settings) -> dict[str, str]:
    """What the outcome depends on, besides the notes."""
    return {
        "model": settings.model.name,
        "embedding": settings.embedding.name or "built-in",
        "prompts": ",".join(f"{name}:{prompts.load(name).version}" for name in ("answer", "search")),
        **{f"search.{name}": str(on).lower() for name, on in settings.search},
        "excerpts": str(settings.answer.excerpts),
        "characters": str(settings.answer.characters),
    }


def _verdict(fresh: EvaluationRun, least: float | None) -> int:
    recall = fresh.report.everything.recall_5
    if least is None or recall >= least:
        return 0
    note_progress(f"recall@5 is {recall:.3f}, below {least}")
    return FAILED


def _compare(runs: Sequence[EvaluationRun], options: Namespace) -> int:
    if not runs:
        raise SettingsProblem("no run is kept yet: notesbot eval QUESTIONS.jsonl")
    if options.json:
        for one in runs:
            print_json(asdict(one))
    else:
        _show_runs(runs)
    if options.plot:
        chart(runs, options.plot)
    return _verdict(runs[-1], options.min_recall)


def _show(report: EvaluationReport) -> None:
    rows = {**report.kinds, **report.languages, "all": report.everything}
    screen = _show_means(rows, "n", {measure: _heading(measure) for measure in MEASURES})
    screen.print(f"search: p50 {report.ms_p50:.1f} ms, p95 {report.ms_p95:.1f} ms")


def _show_answers(report: AnswerReport) -> None:
    """A line for each kind, language and way of answering."""
    rows = {**report.kinds, **report.languages, **report.modes, "all": report.everything}
    headings = {measure: measure.replace("_s", " s").replace("_", " ") for measure in ANSWER_MEASURES}
    _show_means(rows, "n", headings, digits=2)


def _show_conversations(report: ConversationReport) -> None:
    """A line for each kind of turn, and those turns that were not answered as expected."""
    from rich.text import Text

    headings = {measure.replace("@", "_"): measure for measure in TURN_MEASURES}
    screen = _show_means({**report.kinds, "all": report.everything}, "turns", headings, counted="turns")
    for one in report.outcomes:
        if one.answered < 1:
            screen.print(Text(f"{one.id} {one.kind} ({one.mode}): {one.text}"), soft_wrap=True)


def _show_means(
    rows: Mapping[str, object], count: str, headings: Mapping[str, str], *, counted: str = "questions", digits: int = 3
) -> Console:
    """A table with a row for each name: how many it stands for, and its measures under their headings."""
    from rich.table import Table
    from rich.text import Text

    from bot.platforms.terminal.renderer import console

    table = Table("", count, *headings.values(), box=None, pad_edge=False)
    for name, means in rows.items():
        values = (f"{getattr(means, measure):.{digits}f}" for measure in headings)
        table.add_row(Text(name), str(getattr(means, counted)), *values)
    screen = console()
    screen.print(table)
    return screen


def _show_runs(runs: Sequence[EvaluationRun]) -> None:
    """Each run, and how far its recall and rank moved from the run of the same questions before it."""
    from rich.table import Table
    from rich.text import Text

    from bot.platforms.terminal.renderer import console

    table = Table("at", "questions", "recall@5", "", "mrr", "", "settings", box=None, pad_edge=False)
    before: dict[str, Means] = {}
    for one in runs:
        now, last = one.report.everything, before.get(one.digest)
        moved = [f"{getattr(now, name) - getattr(last, name):+.3f}" if last else "" for name in ("recall_5", "mrr")]
        settings = " ".join(f"{key}={value}" for key, value in one.settings.items() if value)
        table.add_row(one.at, Text(one.questions), f"{now.recall_5:.3f}", moved[0], f"{now.mrr:.3f}", moved[1], Text(settings))
        before[one.digest] = now
    console().print(table)


def _heading(measure: str) -> str:
    return measure.replace("recall_", "R@").replace("_", " ").replace("ndcg", "nDCG").replace("mrr", "MRR")
