"""A display name goes in; a label that tells people apart, and that can do no harm in a prompt or a page, comes out."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from unicodedata import category, normalize

LONGEST = 24
"""Characters of a name that are shown."""
UNSAFE = re.compile(r"[^\w .'\u2019\u00b7-]|_")
"""Whatever could end a quotation, open a tag, a role or a Markdown mark."""


@lru_cache(maxsize=10_000)
def clean_name(name: str) -> str:
    """`name` on one line, without control characters, marks and what cannot be seen; empty when nothing is left."""
    seen = "".join(" " if category(character) in {"Zl", "Zp", "Cc"} else character for character in normalize("NFKC", name))
    seen = "".join(character for character in seen if category(character)[0] != "C")
    return " ".join(UNSAFE.sub(" ", seen).split())[:LONGEST].strip()


@lru_cache(maxsize=10_000)
def short_id(person: str) -> str:
    """Five characters that stay the same for a person, and that only that person has (one chance in a million per pair)."""
    return blake2b(person.encode(), digest_size=8).hexdigest()[:5]


def label(name: str, person: str) -> str:
    """How a person is called in prompts: `Ann#3f2a1`."""
    return f"{clean_name(name) or '?'}#{short_id(person)}"
