"""Cards go in; a CSV file comes out that a spreadsheet opens as it is and computes nothing from."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from bot.quiz.cards.card import Card

COLUMNS = ("id", "question", "answer", "kind", "path", "lines", "heading", "tags")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection."""


def csv_of(cards: Sequence[Card], name: str = "") -> bytes:
    """A header and one row a card; with a byte order mark, without which Excel does not read Chinese."""
    made = StringIO(newline="")
    rows = csv.writer(made)
    rows.writerow(COLUMNS)
    rows.writerows([_harmless(cell) for cell in _row(card)] for card in cards)
    return made.getvalue().encode("utf-8-sig", "replace")


def _row(card: Card) -> tuple[str, ...]:
    lines = f"{card.lines[0]}-{card.lines[1]}"
    return (card.id, card.prompt, card.answer, str(card.kind), card.path, lines, " › ".join(card.heading), " ".join(card.tags))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
