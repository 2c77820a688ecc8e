"""Cards go in; an Anki package (.apkg) comes out. A card is the same Anki note in every export, so importing updates it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from html import escape
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from bot.quiz.cards.card import Card

MODEL_ID = 1_607_392_319
"""Never changes: Anki knows the kind of note by it."""
FIELDS = ("Question", "Answer", "Source", "Id")
FRONT = '<div class="question">{{Question}}</div>'
BACK = '{{FrontSide}}<hr id="answer"><div class="answer">{{Answer}}</div><div class="source">{{Source}}</div>'
CSS = ".card{font-family:sans-serif;font-size:20px;text-align:center}.source{margin-top:2em;font-size:13px;opacity:.6}"
ENDS_A_TAG = re.compile(r"[\s\"'“”]+")


def package_of(cards: Sequence[Card], name: str) -> bytes:
    """The package, with one deck called `name`; needs a thread (it writes a database)."""
    import genanki

    model = genanki.Model(
        MODEL_ID,
        "notesbot",
        fields=[{"name": field} for field in FIELDS],
        templates=[{"name": "Card", "qfmt": FRONT, "afmt": BACK}],
        css=CSS,
    )
    deck = genanki.Deck(_deck_id(name), name)
    for card in cards:
        deck.add_note(_note(genanki, model, card))
    made = BytesIO()
    genanki.Package(deck).write_to_file(made)
    return made.getvalue()


def tags_of(card: Card) -> list[str]:
    """The card's tags and its note's path as Anki writes them: no spaces, levels joined by `::`."""
    path = PurePosixPath(card.path).with_suffix("")
    wanted = [*card.tags, f"notes/{path}"]
    return list(dict.fromkeys(tag for raw in wanted if (tag := ENDS_A_TAG.sub("_", raw.strip().strip("#")).replace("/", "::"))))


def source_of(card: Card) -> str:
    """Where the card stands in the notes, in one line."""
    first, last = card.lines
    lines = f"{first}" if first == last else f"{first}-{last}"
    return " › ".join([f"{card.path}:{lines}", *card.heading])


def _note(genanki: Any, model: Any, card: Card) -> Any:
    fields = [_html(card.prompt), _html(card.answer), _html(source_of(card)), card.id]
    return genanki.Note(model=model, fields=fields, tags=tags_of(card), guid=genanki.guid_for("notesbot", card.id))


def _html(text: str) -> str:
    """Anki's fields are HTML; a control character would end one."""
    clean = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    return escape(clean, quote=False).replace("\n", "<br>")


def _deck_id(name: str) -> int:
    """31 bits, as Anki's own are small; the same for the same name."""
    return (1 << 30) + (int.from_bytes(blake2b(name.encode(), digest_size=4).digest()) >> 2)
