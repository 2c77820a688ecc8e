"""Whether a gold answer is attributed to the passage that holds it, and to no other.

`python -m tests.benchmarks.attribution NOTES QUESTIONS.jsonl [MOST]`. A line of QUESTIONS has `question`, and either `answers`
and `paragraph_id` (CMRC 2018; NOTES has a note for each paragraph, named by its id) or `answer`, `evidence` and `alt` (as for
`notesbot eval`). Each question is searched for, and its gold answer written as a sentence: the answer in the place of the
question word, or behind the question. The given passages are the five best, cut as a slow model gets them, but never without
what answers; a gold passage that the search missed takes the place of the fifth. A passage is right if it is the gold one or
holds the answer's words.

How the thresholds of `bot.rag.attribution` were found: `SUPPORTED`, `NEWS` and `ADDED` were swept over 500 questions of CMRC's
development set and 91 on Chinese notes (11 of them in English), and held against 75 answers of Qwen2.5-Coder 0.5B to the same
questions, read by hand. Lower ones name more wrong passages for answers that only share the question's words; higher ones lose
answers in words of their own.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.llm import estimate_tokens
from bot.rag import EarlierTurn, Finder, Said, citation_of
from bot.rag.attribution import Attributor
from bot.rag.focus import around_best
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from knowledge.passages import sentences
from knowledge.text import Thesaurus
from knowledge.types import Hit, Span

GIVEN, TOKENS, MOST = 5, 180, 500
ASKED = re.compile(
    r"(?:于|在)?(?:什么时候|什么时间|何时|哪一?年|哪一?天|几年|哪个月)|谁|哪位|哪里|哪儿|何处|什么地方|多少"
    r"|(?:哪|什么)[一几两三]?[些个种位家座条所部首项本]?|几(?=[个种位家座条所部首项本次年人岁名天届])|何"
)
Question = Mapping[str, Any]


def main() -> None:
    notes, file, *most = sys.argv[1:]
    asked = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    answerable = [one for one in asked if one.get("answer") or one.get("answers")]
    wanted = int(most[0]) if most else MOST
    outcomes = asyncio.run(measured(Path(notes), answerable[:: max(1, len(answerable) // wanted)][:wanted]))
    total = outcomes["asked"]
    print(f"{total} answers; right passage named {outcomes['right'] / total:.3f}, wrong one {outcomes['wrong'] / total:.3f},")
    print(f"taken for made up {outcomes['cut'] / total:.3f}; not found among the passages: {outcomes['missed']}")


async def measured(notes: Path, questions: list[Question]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as data:
        notebook = Notebook(Vault(notes), Path(data))
        await notebook.index()
        finder, thesaurus = Finder(notebook), await notebook.thesaurus()
        for one in questions:
            before = [EarlierTurn(question=turn["content"]) for turn in one.get("history") or () if turn["role"] == "user"]
            hits = list((await finder.find(Said(text=one["question"], before=before))).hits)
            outcomes.update(_outcome(one, hits, thesaurus))
        notebook.close()
    return outcomes


def _outcome(question: Question, hits: list[Hit], thesaurus: Thesaurus) -> Iterator[str]:
    gold = [hit for hit in hits if _is_gold(question, hit)]
    if not gold:
        yield "missed"
        return
    hits = hits[:GIVEN] if any(hit in gold for hit in hits[:GIVEN]) else [*hits[: GIVEN - 1], gold[0]]
    given = [citation_of(n, hit, _read(question, hit)) for n, hit in enumerate(hits, 1)]
    attributor = Attributor(given, question=question["question"], thesaurus=thesaurus)
    said = statement(question["question"], _answer(question))
    found = [attributor.attribute(said[start:end]) for start, end in sentences(said)]
    named = {n for one in found for n in one.sources}
    right = {n for n, hit in enumerate(hits, 1) if hit in gold}
    yield "asked"
    yield from ["right"] if named & right else []
    yield from ["wrong"] if named - right else []
    yield from ["cut"] if any(one.unsupported for one in found) else []


def statement(question: str, answer: str) -> str:
    """A sentence that answers, as a program can write it."""
    asked = question.rstrip("？?。 ").replace("？", "，")
    if word := ASKED.search(asked):
        return f"{asked[: word.start()]}{answer}{asked[word.end() :]}。"
    return f"{answer}." if asked.isascii() else f"{asked}：{answer}。"


def _answer(question: Question) -> str:
    return str(question["answers"][0] if "answers" in question else question["answer"])


def _is_gold(question: Question, hit: Hit) -> bool:
    return Path(hit.passage.path).stem == question.get("paragraph_id") or _holds(question, hit.passage.text)


def _holds(question: Question, text: str) -> bool:
    wanted = question.get("answers") or [*question["evidence"], *(words for _, words in question.get("alt") or ())]
    return any(words in text for words in wanted)


def _read(question: Question, hit: Hit) -> Span:
    passage, (start, end) = hit.passage, around_best(hit, TOKENS, estimate_tokens)
    cut = passage.text[start - passage.start : end - passage.start]
    return (start, end) if _holds(question, cut) or not _holds(question, passage.text) else (passage.start, passage.end)


if __name__ == "__main__":
    main()
