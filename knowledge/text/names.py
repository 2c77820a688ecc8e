"""What a note is called: its title, its file's name, its other names; and whether a question calls it so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from knowledge.text.query_terms import fillers
from knowledge.text.tokenizer import HAN, RUN, TOKEN, fold, stem, terms
from knowledge.types import FrontMatter

NUMBERING = re.compile(r"^[\d.、（）()一二三四五六七八九十]+[.、）)\s]|\([^)]*\)$")
NO_NAME = re.compile(r"(?=[\da-f]*\d)[\da-f]{8,}|[\d\W_]+", re.IGNORECASE)
"""Hashes, dates and numbers: nobody asks for a note by them."""


def names_of(path: str, title: str, front: FrontMatter) -> tuple[str, ...]:
    """The title first; then the name of the file, when it says something else, and the aliases."""
    stem_ = PurePosixPath(path).stem
    names = [title, *([] if NO_NAME.search(stem_) and not re.search(f"[{HAN}]", stem_) else [stem_]), *front.aliases]
    return tuple(dict.fromkeys(name for name in names if name))


def terms_named(name: str, folded_question: str, stems: frozenset[str], translate: Callable[[str], Iterable[str]]) -> set[str]:
    """The terms of a question that are `name`, as it stands or in the other language; empty when it is not named in full."""
    bare = bare_name(name)
    if len(bare) > 1 and _stands_in(bare, folded_question):
        return set(terms(bare))
    found: set[str] = set()
    for token in _tokens(bare):
        said = _said(token, folded_question, stems, translate)
        if not said:
            return set()
        found.update(said)
    return found


@lru_cache(maxsize=5_000)
def bare_name(name: str) -> str:
    """A name without its number and without what it says in brackets, in the form that terms are made from."""
    return NUMBERING.sub("", fold(name)).lower().strip()


@lru_cache(maxsize=5_000)
def _tokens(bare: str) -> tuple[str, ...]:
    found = TOKEN.findall(bare)
    return tuple(token for token in found if not fillers().issuperset(terms(token))) if len(found) > 1 else ()


def _said(token: str, folded_question: str, stems: frozenset[str], translate: Callable[[str], Iterable[str]]) -> list[str]:
    if RUN.match(token):
        return terms(token) if token in folded_question else []
    if stem(token) in stems:
        return terms(token)
    word = next((word for word in translate(stem(token)) if len(word) > 1 and word in folded_question), "")
    return terms(word)


def _stands_in(name: str, text: str) -> bool:
    """Whether `name` stands in `text` as whole words, where its script parts words by blanks."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]
        if not (_joined(before, name[0]) or _joined(name[-1], after)):
            return True
        at = text.find(name, at + 1)
    return False


def _joined(left: str, right: str) -> bool:
    return bool(left and right) and left.isascii() and right.isascii() and left.isalnum() and right.isalnum()
