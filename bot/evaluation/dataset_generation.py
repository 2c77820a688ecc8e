"""Draft questions from passages and aliases, for a person to correct and then measure the search with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot.llm import ChatModel
from bot.rag.enrichment import drafted_question
from bot.types import Language, language_of
from knowledge.passages import plain, sentences
from knowledge.types import Alias, Passage

MOST = 50
"""Questions in a draft: as many as somebody corrects in an hour."""
LEAST, LONGEST = 8, 120
"""Characters of a sentence that a question is made of."""
DEFINED = re.compile(
    r"^(?P<zh>[^，。；：、！\s？?]{2,16}?)(?:是指|指的是|是(?=一[种个类]|[将把由用]|通过))"
    r"|^(?:The |An? )?(?P<en>[A-Z][\w -]{2,40}?) (?:is|are) (?:an? |the )"
)
POINTING = re.compile(r"^(?:它|他|她|这|那|其|此|该|但|而|It\b|This\b|That\b|These\b|They\b|There\b)")
YEAR = r"(?:19[5-9]|20[0-3])\d(?!\d)"
NUMBER = re.compile(
    rf"(?<![\w.\[/:-])(?!{YEAR})\d{{1,4}}(?:,\d{{3}})*(?:\.\d{{1,2}})?(?=\s?(?:[%％\u3400-\u9fff]|[a-z]{{2,}}))(?!\s?[年月日])"
)
"""With what is counted behind it; dates and references are no amounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A question, and the words in a note that answer it."""

    question: str
    path: str
    evidence: str
    language: Language

    def line(self, number: int) -> dict[str, object]:
        """As `labelled_in` reads it."""
        values = {"id": f"d{number:03}", "question": self.question, "type": "lookup", "lang": self.language}
        return {**values, "file": self.path, "evidence": [self.evidence]}


async def draft_by_model(model: ChatModel, passages: Sequence[Passage], *, most: int = MOST) -> list[Drafted]:
    """One question a passage, from passages all over the vault; a passage that the model has none for is left out."""
    drafts = []
    for passage in passages[:: max(1, len(passages) // most)][:most]:
        evidence = _best_sentence(passage)
        question = await drafted_question(model, passage) if evidence else ""
        if question:
            drafts.append(Drafted(question=question, path=passage.path, evidence=evidence, language=language_of(question)))
    return drafts


def draft_by_rules(passages: Sequence[Passage], aliases: Sequence[Alias], *, most: int = MOST) -> list[Drafted]:
    """Definitions asked for, numbers left out, other names of what a sentence speaks of: as many of each, if there are."""
    kinds = [list(found) for found in (_definitions(passages), _numbers(passages), _other_names(passages, aliases))]
    picked = [kind[:: max(1, len(kind) // most)] for kind in kinds]
    mixed = [draft for row in zip_longest(*picked) for draft in row if draft]
    return list({draft.question: draft for draft in mixed}.values())[:most]


def _definitions(passages: Sequence[Passage]) -> Iterator[Drafted]:
    for passage, evidence, words in _sentences(passages):
        found = DEFINED.match(words)
        if found and not POINTING.match(words):
            asked = f"什么是{found['zh']}？" if found["zh"] else f"What is {found['en']}?"
            yield Drafted(question=asked, path=passage.path, evidence=evidence, language="zh" if found["zh"] else "en")


def _numbers(passages: Sequence[Passage]) -> Iterator[Drafted]:
    """The sentence with `多少` (how many) in the place of its one number."""
    for passage, evidence, words in _sentences(passages):
        if len(NUMBER.findall(words)) == 1 and not POINTING.match(words):
            language = language_of(words)
            asked = NUMBER.sub("多少" if language == "zh" else "how many", words).rstrip("。.；; ！!")
            yield Drafted(
                question=asked + ("？" if language == "zh" else "?"), path=passage.path, evidence=evidence, language=language
            )


def _other_names(passages: Sequence[Passage], aliases: Sequence[Alias]) -> Iterator[Drafted]:
    """A definition or a first sentence of what has two names, asked for by the name that it does not use."""
    for alias in aliases:
        for name, other in ((alias.one, alias.other), (alias.other, alias.one)):
            for passage, evidence, words in _sentences(passages):
                if name in words and other.lower() not in words.lower():
                    language = language_of(other)
                    asked = f"什么是{other}？" if language == "zh" else f"What is {other}?"
                    yield Drafted(question=asked, path=passage.path, evidence=evidence, language=language)
                    break


def _sentences(passages: Sequence[Passage]) -> Iterator[tuple[Passage, str, str]]:
    """Passage, sentence as in the file, and its words without markup."""
    for passage in passages:
        for start, end in sentences(passage.text):
            evidence = passage.text[start:end].strip()
            words = plain(evidence).strip()
            if LEAST <= len(words) <= LONGEST and "\n" not in words and not evidence.startswith(("#", "|", "```")):
                yield passage, evidence, words


def _best_sentence(passage: Passage) -> str:
    """The longest: a person looks at it anyway."""
    return max((evidence for _, evidence, _ in _sentences([passage])), key=len, default="")
