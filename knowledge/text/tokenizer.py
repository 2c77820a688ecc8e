"""Text goes in; index terms come out: Chinese characters and their pairs, stems of Latin words, numbers, all in one form."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from hashlib import blake2b
from operator import add
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

if TYPE_CHECKING:
    from opencc import OpenCC

VERSION = 1
"""Goes up with every change here that makes other terms; an index of another version is rebuilt beside the old one."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
TOKEN = re.compile(rf"[{HAN}]+|\d+(?:[.,]\d+)*|[^\W\d_{HAN}][^\W_{HAN}]*(?:['’._+#-]+[^\W_{HAN}]+)*[+#]*")
HAN_RUN = re.compile(rf"[{HAN}]")
PART = re.compile(r"\d+(?:\.\d+)*|[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+")
LONGEST_WORD = 40
"""Characters; what is longer is a key, a hash or an address, and nobody asks for it by name."""


def fold(text: str) -> str:
    """One form for what looks or reads the same: NFKC (full width, ligatures) and traditional -> simplified characters."""
    return str(_to_simplified().convert(normalize("NFKC", text)))


@cache
def _to_simplified() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def terms(text: str) -> list[str]:
    """The index terms of `text`, in order, repeated as often as they occur.

    A run of Chinese characters gives each character and each pair of neighbours; a Latin word gives its stem; a compound
    (`GPT-3.5`, `StreamingLLM`, `code_davinci`) gives its parts and itself without its joints.
    """
    found: list[str] = []
    for token in TOKEN.findall(fold(text)):
        if token[0] >= "\u3400" and HAN_RUN.match(token):
            found += token
            found += map(add, token, token[1:])
        elif len(token) <= LONGEST_WORD:
            found += _of_word(token)
    return found


def keys(text: str) -> list[int]:
    """The keys of the index terms of `text`."""
    return list(map(key_of, terms(text)))


@lru_cache(maxsize=50_000)
def _of_word(token: str) -> tuple[str, ...]:
    if token[0].isdigit():
        return (re.sub(r",(?=\d{3}\b)", "", token).replace(",", "."),)
    token = re.sub(r"['’]s$", "", token)
    parts = PART.findall(token)
    if len(parts) < 2:
        return (stem(token),)
    whole = "".join(character for character in token.lower() if character.isalnum() or character in "+#")
    telling = (part for part in parts if len(part) > 1 or part.isdigit())
    return (*dict.fromkeys([*map(stem, telling), whole]),)


def stem(word: str) -> str:
    """The English stem of a Latin word, in lower case (Porter2); `C++` and `C#` keep their signs."""
    word = word.lower()
    return str(_stemmer().stemWord(word)) if word.isascii() and word.isalpha() else word


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english")


@lru_cache(maxsize=200_000)
def key_of(term: str) -> int:
    """A term as a 63-bit number: short Chinese terms by their code points, the rest by a hash (collisions: none in 10^8)."""
    if len(term) <= 2 and term[0] >= "\u3400":
        return (ord(term[0]) << 21) | (ord(term[1]) if len(term) == 2 else 0)
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 2 | 1 << 61
