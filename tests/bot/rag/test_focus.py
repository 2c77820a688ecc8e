"""A slow model reads the sentence that answers and its neighbours; a fast one reads whole passages."""

from __future__ import annotations

from dataclasses import replace

from bot.llm import estimate_tokens
from bot.rag.focus import around_best, focus
from knowledge.passages import sentences
from knowledge.types import Hit, ScoredSpan
from tests.bot.making import hit

TEXT = "".join(f"第{n}句话说的是第{n}件事情。" for n in "一二三四五六七八九")


def answered_in(number: int, path: str = "a.md") -> Hit:
    """A passage of nine sentences of which this one answers best."""
    one = hit(TEXT, path)
    spans = [ScoredSpan(start=start, end=end, score=0.0) for start, end in sentences(one.passage.text)]
    return replace(one, sentences=(spans[number], *spans[:number], *spans[number + 1 :]))


def test_a_passage_for_which_there_is_time_is_read_whole() -> None:
    one = answered_in(4)
    assert around_best(one, 500, estimate_tokens) == (one.passage.start, one.passage.end)


def test_else_its_best_sentence_is_read_with_those_around_it() -> None:
    start, end = around_best(answered_in(4), 45, estimate_tokens)
    read = TEXT[start:end]
    assert "第五句" in read
    assert read.count("。") == 3
    assert estimate_tokens(read) <= 45


def test_the_last_sentence_of_a_passage_is_read_with_those_before_it() -> None:
    start, end = around_best(answered_in(8), 45, estimate_tokens)
    assert TEXT[start:end].startswith("第七句")


def test_the_best_passage_is_read_however_little_time_there_is() -> None:
    assert len(focus([answered_in(0), answered_in(1, "b.md")], 1, estimate_tokens)) == 1


def test_with_more_time_more_passages_are_read() -> None:
    hits = [answered_in(n, f"{n}.md") for n in range(6)]
    numbers = [len(focus(hits, room, estimate_tokens)) for room in (100, 300, 2000)]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 6
