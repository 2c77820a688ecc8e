"""Card extractors: drafts from a note's structure, without a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.quiz.cards.authored.clozes import is_written
from bot.quiz.cards.document import CardDraft, NoteDocument, tables_of
from bot.quiz.cards.extractors.cloze import key_terms_of, numbers, terms
from bot.quiz.cards.extractors.definitions import definitions, glosses, listed_terms
from bot.quiz.cards.extractors.key_terms import names, runs_of
from bot.quiz.cards.extractors.lists import inline_lists, lists
from bot.quiz.cards.extractors.sentences import statements_of
from bot.quiz.cards.extractors.tables import attributes, cells, makers


def find(page: NoteDocument) -> Iterator[CardDraft]:
    """What `drafts_of` finds, each answer with the markup that belongs to it, and only where one passage holds all of it."""
    for draft in drafts_of(page):
        span = page.balanced(draft.answer)
        if span and page.holds(span):
            yield replace(draft, answer=span)


def drafts_of(page: NoteDocument) -> Iterator[CardDraft]:
    """Every card that can be told from the structure; of one sentence at most one gap, and none where it gives a definition."""
    statements = list(statements_of(page))
    known = runs_of(statement.text for statement in statements)
    listed = listed_terms(statements)
    key_terms = key_terms_of(statements)
    for statement in statements:
        defined = list(definitions(statement, known)) or list(glosses(statement, known, listed)) or list(attributes(statement))
        yield from defined
        yield from names(statement, known)
        in_line = [] if defined else list(inline_lists(statement))
        yield from in_line
        if not defined and not in_line:
            yield from list(makers(statement)) + list(numbers(statement)) or list(terms(statement, key_terms))
    for table in tables_of(page):
        if not is_written(table):
            yield from cells(page, table)
    yield from lists(page)
