"""Notes go in; cards come out. A stand-in that reads `Question::Answer` lines only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from bot.quiz.cards.values import Card
from knowledge.passages import passages_of
from knowledge.types import Note

PAIR = re.compile(r"^(.+?)::(.+)$", re.MULTILINE)


def make_cards(notes: Sequence[Note]) -> tuple[Card, ...]:
    return tuple(card for note in notes for card in _of_note(note))


def _of_note(note: Note) -> Iterator[Card]:
    passages = [cut.passage for cut in passages_of(note)]
    for found in PAIR.finditer(note.text):
        passage = next((p for p in passages if p.start <= found.start(2) < p.end), None)
        if passage:
            line = note.text.count("\n", 0, found.start()) + 1
            yield Card(
                id=blake2b(found[0].encode(), digest_size=10).hexdigest(),
                prompt=found[1].strip(),
                answer=found[2].strip(),
                kind="pair",
                path=note.path,
                title=note.title,
                heading=passage.heading,
                lines=(line, line),
                start=found.start(2),
                end=found.end(2),
                passage=passage.id,
                digest=passage.digest,
            )
