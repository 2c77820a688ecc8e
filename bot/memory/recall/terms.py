"""What was said goes in; its index terms as packed 32-bit keys come out, and the other way round."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from knowledge.text import fillers, key_of, terms

Keys = npt.NDArray[np.uint32]

ASKED, ANSWERED = 2000, 250
"""Characters that count: of an answer only the beginning, for it mostly repeats the notes, which have an index of their own."""
FILLER_WEIGHT = 0.1
"""What a question word counts beside a word that tells something (measured on LoCoMo; 0 to 0.2 make little difference)."""


def pack_words(*texts: str) -> bytes:
    """The keys of all terms, repeated as often as they occur."""
    return keys_of("\n".join(texts)[:ASKED]).tobytes()


def pack_answer(text: str) -> bytes:
    """The keys of the terms that an answer begins with, once each."""
    return np.unique(keys_of(text[:ANSWERED])).tobytes()


def unpack(packed: bytes) -> Keys:
    return np.frombuffer(packed, "<u4")


def keys_of(text: str) -> Keys:
    return np.array([short_key(term) for term in terms(text)], "<u4")


def short_key(term: str) -> int:
    """Half of the index's 63-bit key, folded: two of the few thousand terms of a chat meet once in a thousand chats."""
    key = key_of(term) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    return key >> 32


def weights_of(question: str) -> dict[int, float]:
    """The keys of a question's terms with what each counts before rarity."""
    unimportant = fillers()
    return {short_key(term): FILLER_WEIGHT if term in unimportant else 1.0 for term in terms(question)}
