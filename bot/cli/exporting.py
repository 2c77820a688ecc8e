"""`notesbot export`: what is kept goes out, one JSON object a line."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from bot.cli.building import STATE_FILE, data_folder, run
from bot.cli.questions import print_json
from bot.settings import Settings


def main(options: Namespace) -> int:
    return run(options, _feedback)


async def _feedback(options: Namespace, settings: Settings) -> int:
    """Messages in the form that fine-tuning wants, the verdict, and where the answer came from."""
    from bot.state import Feedback, State

    state = await State.open_file(data_folder(settings) / STATE_FILE)
    try:
        async for rated in Feedback(state.database).all():
            values = asdict(rated)
            said = [("user", values.pop("question")), ("assistant", values.pop("answer"))]
            messages = [{"role": role, "content": words} for role, words in said]
            sources = [dict(zip(("path", "start", "end", "text"), source, strict=True)) for source in values.pop("sources")]
            print_json({"messages": messages, **values, "at": rated.at.isoformat(), "sources": sources})
    finally:
        await state.close()
    return 0
