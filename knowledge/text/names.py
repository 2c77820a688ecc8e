"""Names: what a note is called and whether a question calls it so; those in a question, and what a misspelt one was meant for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from knowledge.text.query_terms import ENGLISH, fillers
from knowledge.text.tokenizer import HAN, LONGEST_WORD, RUN, TOKEN, UNSPACED, fold, stem, terms
from knowledge.types import FrontMatter

NUMBERING = re.compile(r"^[\d.、（）()一二三四五六七八九十]+[.、）)\s]|\([^()]*+\)$")
NO_NAME = re.compile(r"(?<![\da-f])(?=[a-f]*+\d)[\da-f]{8,}|[\d\W_]+", re.IGNORECASE)
"""Hashes, dates and numbers: nobody asks for a note by them."""

CHUNK = re.compile(rf"[^\W_{UNSPACED}]+")
"""What a name is known by: `DeepSeek-R1` by `DeepSeek` and `R1`."""
SHORTEST = 3
"""Letters; shorter ones are units, variables and abbreviations of anything."""
CORRECTED = 4
"""Letters; a shorter word has too many neighbours to guess which one was meant."""

COINED = re.compile(r"[a-z][A-Z]|[A-Z]{2}|[A-Za-z]\d")
MIXED = re.compile(r"\d+[A-Za-z]+\d+[A-Za-z]*")
"""A size that is a name, as in `Mixtral 8x7B`; `7B` and `128K` are quantities."""

INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w".split()
FINALS = (
    "a o e i u v ai ei ui ao ou iu ie ue ve er an en in un vn ang eng ing ong ia ian iang iao iong ua uai uan uang uo"
).split()
SYLLABLE = f"(?:{'|'.join(sorted(INITIALS, key=len, reverse=True))})?+(?>{'|'.join(sorted(FINALS, key=len, reverse=True))})"
PINYIN = re.compile(f"(?:{SYLLABLE})++")
"""The longest syllable at each place is never wrong: what it takes from the next one, a vowel, begins a syllable too."""


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


def chunks(text: str) -> list[str]:
    """The Latin words and numbers of `text`, as written, parted at every joint."""
    return CHUNK.findall(fold(text))


def names_in(question: str, is_english: Callable[[str], bool]) -> tuple[str, ...]:
    """The Latin words of `question` that look like names, as written.

    In a Chinese question that is every word written with a capital or a digit inside, and every other one that is neither
    plain English nor Chinese in pinyin; in an English question, the same without the capital that begins a sentence.
    """
    chinese = bool(re.search(f"[{HAN}]", question))
    found = chunks(question)
    return tuple(
        dict.fromkeys(word for at, word in enumerate(found) if _is_name(word, is_english, first=at == 0, chinese=chinese))
    )


def is_coined(word: str) -> bool:
    """True for what is written as only names are: with a capital or a digit inside. `ControlNet` is no misspelt `controlled`."""
    return bool(COINED.search(word))


def _is_name(word: str, is_english: Callable[[str], bool], *, first: bool, chinese: bool) -> bool:
    if len(word) < SHORTEST or word.lower() in ENGLISH or not (word[0].isalpha() or MIXED.fullmatch(word)):
        return False
    if is_coined(word):
        return True
    if word[0].isupper() and (chinese or not first):
        return True
    return not is_english(word.lower()) and not (chinese and PINYIN.fullmatch(word))


def meant(word: str, known: Iterable[str]) -> str:
    """The known word that `word` is a misspelling of; empty when there is none.

    One slip (a letter more, less, changed, or two exchanged) in words of four to six letters, two in longer ones, and none
    at the first letter, where people seldom slip and where names differ (`LoRA`, `QLoRA`).
    """
    word = word.lower()
    if not CORRECTED <= len(word) <= LONGEST_WORD:
        return ""
    slips = 1 if len(word) < 7 else 2
    near = [
        (_slips(word, other, slips), other) for other in known if other[:1] == word[0] and abs(len(other) - len(word)) <= slips
    ]
    return min((found for found in near if found[0] <= slips), default=(0, ""))[1]


def _slips(one: str, two: str, most: int) -> int:
    """Optimal string alignment distance, or something above `most` as soon as it is exceeded."""
    before: list[int] = []
    last = list(range(len(two) + 1))
    for row, left in enumerate(one, 1):
        here = [row]
        for column, right in enumerate(two, 1):
            cost = min(last[column] + 1, here[column - 1] + 1, last[column - 1] + (left != right))
            if row > 1 and column > 1 and left == two[column - 2] and one[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        if min(here) > most:
            return most + 1
        before, last = last, here
    return last[-1]
