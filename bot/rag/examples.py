"""Questions that the notes can answer, made from their own names and headings, to show what may be asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import prompts
from bot.types import Language
from knowledge.overview import NoteSummary

SHORTEST, LONGEST = 2, 24
"""Characters of a name that reads well in a question."""
ASKS = re.compile(r"[?？]$")
ODD = re.compile(r"[#|`$\\{}<>\[\]：:，,。;；“”\"《》]|\d{4}|\.md\b|https?:")
NAMES = re.compile(
    r"^(?!(?:what|how|why|when|where|who|which)\b|怎|为什么|什么|如何|哪)(?=.*(?:[A-Z]|[\u3400-\u9fff]{4}))", re.IGNORECASE
)
"""A heading that stands for something outside its note too: with a Latin word or four Chinese characters, and no question."""
PLURAL = re.compile(r"[a-z]s$")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def example_questions(notes: Sequence[NoteSummary], language: Language) -> tuple[str, ...]:
    """One for each name that is fit for it; those in the asker's own language, if there are any."""
    found = {term: _asked(term, kind, language) for note in notes for kind, term in _terms(note)}
    own = [asked for term, asked in found.items() if bool(CHINESE.search(term)) == (language == "zh")]
    return tuple(own or found.values())


def _terms(note: NoteSummary) -> Iterator[tuple[str, str]]:
    """What a note calls its subject, and its main headings."""
    for kind, terms in (("ask_term", note.aliases), ("ask_heading", (note.name, *note.points))):
        for term in terms:
            if SHORTEST <= len(term) <= LONGEST and not ODD.search(term) and (kind == "ask_term" or NAMES.search(term)):
                yield "ask_heading" if PLURAL.search(term) else kind, term


def _asked(term: str, kind: str, language: Language) -> str:
    return term if ASKS.search(term) else prompts.load("talk").say(kind, language, term=term)
