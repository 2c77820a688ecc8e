"""`notesbot enrich`: a model writes what each passage is about and which questions it answers; the index takes that up."""

from __future__ import annotations

from argparse import Namespace

from bot import FAILED
from bot.app import build_notebook, interface_language, models_of, run
from bot.markup import printable
from bot.settings import Settings, SettingsProblem

AT_ONCE = 20
"""Passages between two times that the index takes up what was written."""
FAILURES = 5
"""One after the other: then the model is not there."""


def main(options: Namespace) -> int:
    return run(options, _enrich)


async def _enrich(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import Screen, console
    from bot.rag.enrichment import enrichment

    models = models_of(settings.model)
    if not models or not settings.search.enrich:
        raise SettingsProblem("search.enrich: set it to true, and model.name to the model that is to write")
    screen = Screen(console(errors=True), interface_language(settings))
    notebook = build_notebook(settings)
    written = failed = 0
    try:
        with screen.progress() as progress:
            await notebook.index(progress)
            lacking = (await notebook.not_enriched())[: options.limit]
            for done, passage in enumerate(lacking, 1):
                words = await enrichment(models.fast, passage)
                failed = 0 if words else failed + 1
                if failed == FAILURES:
                    break
                if words:
                    await notebook.enrich(passage.digest, words)
                    written += 1
                if done % AT_ONCE == 0:
                    await notebook.index()
                progress("enriching", done, len(lacking))
            await notebook.index(progress)
    finally:
        notebook.close()
        await models.close()
    print(printable(screen.say("enriched", written=written, left=len(lacking) - written)))
    return FAILED if failed == FAILURES else 0
