"""Recall of evidence turns by archive search, on LoCoMo: `python -m tests.benchmarks.locomo FILE`.

The weights of `bot.memory.recall.index` were chosen on these very questions, from few round values.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from bot.memory.recall import TurnIndex, TurnQuery, pack_words
from bot.memory.recall.postings import stretches, weights_of
from bot.storage.memories import TurnOrigin, WordsOfTurn

FILE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("locomo10.json")
DEPTHS = (5, 10, 20)
ADVERSARIAL = 5
"""The category of questions that have no answer."""


def main() -> None:
    for name, with_context in (("plain BM25 over turns", False), ("notesbot", True)):
        recalls = measure(FILE, with_context=with_context)
        shown = "   ".join(f"R@{depth} {fmean(recalls[depth]):.3f}" for depth in DEPTHS)
        print(f"{name:24} {shown}   ({len(recalls[5])} questions)")


def measure(file: Path, *, with_context: bool = True) -> dict[int, list[float]]:
    """Recall of evidence at each depth, question by question."""
    recalls: dict[int, list[float]] = defaultdict(list)
    for talk in json.loads(file.read_text(encoding="utf-8")):
        turns, ids = turns_of(talk["conversation"])
        index = TurnIndex(turns)
        for question, evidence in questions_of(talk["qa"]):
            wanted = wanted_of(question, datetime.fromtimestamp(turns[-1].at, UTC))
            if with_context:
                found = [ids[match.turn] for match in index.search(wanted, max(DEPTHS))]
            else:
                found = [ids[turns[at].turn] for at in (-index._by_words(wanted.weights)[0]).argsort()]
            for depth in DEPTHS:
                recalls[depth].append(len(evidence & set(found[:depth])) / len(evidence))
    return recalls


def turns_of(talk: dict[str, Any]) -> tuple[list[WordsOfTurn], dict[int, str]]:
    turns, ids = [], {}
    for number in range(1, 100):
        for said in talk.get(f"session_{number}", []):
            moment = datetime.strptime(talk[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
            turn = len(turns) + 1
            ids[turn] = said["dia_id"]
            words = pack_words(said["speaker"], said["text"], said.get("blip_caption", ""))
            who = TurnOrigin(person=said["speaker"], chat="locomo", private=False)
            turns.append(WordsOfTurn(turn=turn, said=who, name=said["speaker"], at=moment.timestamp(), asked=words, answered=b""))
    return turns, ids


def questions_of(asked: list[dict[str, Any]]) -> Iterator[tuple[str, set[str]]]:
    for question in asked:
        evidence = {re.sub(r":0+(\d)", r":\1", turn) for turn in re.findall(r"D\d+:\d+", " ".join(question["evidence"]))}
        if question["category"] != ADVERSARIAL and evidence:
            yield question["question"], evidence


def wanted_of(question: str, now: datetime) -> TurnQuery:
    return TurnQuery(weights=weights_of(question), text=question.lower(), times=stretches(question, now))


if __name__ == "__main__":
    sys.exit(main())
