"""An answer and what it rests on go in; how much of it stands there comes out, as far as words and numbers can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.rag import code_spans
from bot.rag.citations import without_unknown
from knowledge.passages import sentences
from knowledge.text import Telling, chunks, fold, is_coined, parts_of_question, terms

VERBATIM = 0.9
"""The share of its telling terms that a sentence has from the sources when it stands there nearly word for word."""
KEPT = 0.5
"""The share of what was supported in an answer that a better one must still say."""
WORSE = 0.05
"""How much less of a better answer's words may stand in the sources."""
CHINESE_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Sources:
    """What an answer may rest on: passages, what is remembered, and what the question says itself."""

    texts: tuple[str, ...]
    terms: frozenset[str] = field(init=False)
    names: frozenset[str] = field(init=False)
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", frozenset(term for text in self.texts for term in terms(text)))
        object.__setattr__(self, "names", frozenset(name.lower() for text in self.texts for name in chunks(text)))
        object.__setattr__(self, "folded", "\n".join(map(fold, self.texts)))

    def share(self, words: str) -> float:
        """The part of the telling terms of `words` that stands in the sources, 0 to 1; 1 for words that tell nothing."""
        telling = telling_terms(words)
        return len(telling & self.terms) / len(telling) if telling else 1.0

    def lack(self, sentence: str) -> bool:
        """True when a number or a coined name in `sentence` stands nowhere in them, not even as a Chinese numeral."""
        said = (name for name in chunks(without_unknown(sentence, 0)) if name[0].isdigit() or is_coined(name))
        return any(name.lower() not in self.names and not self._has_numeral(name) for name in said)

    def _has_numeral(self, number: str) -> bool:
        return any(numeral in self.folded for numeral in _numerals(number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What is known of an answer's claims after a look at them."""

    claims: tuple[str, ...]
    unsupported: frozenset[int]
    """Places in `claims`."""
    share: float
    """See `Sources.share`, of all claims together."""

    @property
    def supported(self) -> tuple[str, ...]:
        return tuple(claim for at, claim in enumerate(self.claims) if at not in self.unsupported)

    @property
    def doubted(self) -> tuple[str, ...]:
        return tuple(claim for at, claim in enumerate(self.claims) if at in self.unsupported)


def claims_of(answer: str) -> tuple[str, ...]:
    """The sentences of an answer that say something; code, headings without a sentence under them and the like say nothing."""
    words = "\n".join(part for part in code_spans.parts(answer) if not re.match(r"[ \t>]*(?:```|~~~)", part))
    found = (words[start:end] for start, end in sentences(words))
    return tuple(sentence for sentence in found if telling_terms(sentence))


def weigh(claims: Sequence[str], flagged: Iterable[int], sources: Sources) -> Support:
    """A claim is unsupported when the model says so (`flagged`, from 0) and it does not stand in the sources word for word,
    or when a number or a name in it stands nowhere there.
    """
    doubted = {at for at in flagged if sources.share(claims[at]) < VERBATIM}
    lacking = {at for at, claim in enumerate(claims) if sources.lack(claim)}
    return Support(claims=tuple(claims), unsupported=frozenset(doubted | lacking), share=sources.share("\n".join(claims)))


def is_better(second: Support, first: Support) -> bool:
    """True when less of `second` is unsupported, and it still says most of what was supported."""
    if not second.claims or len(second.unsupported) / len(second.claims) >= len(first.unsupported) / len(first.claims):
        return False
    worth = telling_terms("\n".join(first.supported))
    if not worth:
        return True
    left = worth & telling_terms("\n".join(second.supported))
    return len(left) >= KEPT * len(worth) and second.share >= first.share - WORSE


def verdict_in(said: str, count: int) -> frozenset[int] | None:
    """The places (from 0) of the claims that a verdict names; None for anything but numbers of them, or a lone 0."""
    numbers = [int(number) for number in re.findall(r"\d{1,9}", said)]
    letters = sum(letter.isalpha() for letter in re.sub(r"\d", "", said))
    if not numbers or letters > LONGEST_LEAD or any(number > count for number in numbers) or (0 in numbers and len(numbers) > 1):
        return None
    return frozenset(number - 1 for number in numbers if number)


LONGEST_LEAD = 12
"""Letters that may stand around the numbers of a verdict: `没有依据的句子：2, 5`."""


def telling_terms(text: str) -> frozenset[str]:
    """The terms of `text` that say something, without its marks of sources."""
    return frozenset(part.term for part in parts_of_question(without_unknown(text, 0)) if part.telling is Telling.FULLY)


def _numerals(number: str) -> list[str]:
    """How Chinese writes a whole number below a hundred."""
    if not number.isdecimal() or int(number) > 99:
        return []
    tens, ones = divmod(int(number), 10)
    if not tens:
        return [CHINESE_DIGITS[ones], *(["两"] if ones == 2 else [])]
    written = ("" if tens == 1 else CHINESE_DIGITS[tens]) + "十" + (CHINESE_DIGITS[ones] if ones else "")
    return [written]
