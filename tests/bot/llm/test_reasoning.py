from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.streams import ReasoningFilter

WORDS = st.text(alphabet="煮饭a <>/thinк\n[1]", max_size=12).filter(lambda text: "<think>" not in text and "</think>" not in text)


def shown(pieces: list[str]) -> str:
    thoughts = ReasoningFilter()
    return "".join(thoughts.without(piece) for piece in pieces) + thoughts.rest()


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(ends)]


@given(before=WORDS, thought=WORDS, after=WORDS, places=st.lists(st.integers(0, 100), max_size=12))
def test_what_stands_between_the_tags_is_hidden_wherever_the_stream_is_cut(
    before: str, thought: str, after: str, places: list[int]
) -> None:
    whole = f"{before}<think>{thought}</think>\n\n{after}"
    assert shown(cut(whole, places)).replace("\n", "") == f"{before}{after}".replace("\n", "")
    assert shown(cut(whole, places)) == shown([whole])


@given(text=WORDS, places=st.lists(st.integers(0, 100), max_size=12))
def test_what_holds_no_tag_comes_through_as_it_is(text: str, places: list[int]) -> None:
    assert shown(cut(text, places)) == text


@given(thought=WORDS, places=st.lists(st.integers(0, 100), max_size=12))
def test_a_thought_that_never_ends_is_never_shown(thought: str, places: list[int]) -> None:
    assert shown(cut(f"好<think>{thought}", places)) == "好"


def test_it_is_known_while_thoughts_go_on() -> None:
    thoughts = ReasoningFilter()
    assert [(thoughts.without(piece), thoughts.going_on) for piece in ("好<thi", "nk>嗯", "</think>", "了")] == [
        ("好", False),
        ("", True),
        ("", False),
        ("了", False),
    ]


@pytest.mark.parametrize("text", ["a <b> c", "1 < 2", "<thin", "<thinking>", "</think", "x<"])
def test_what_only_begins_like_a_tag_is_shown_in_the_end(text: str) -> None:
    assert shown(list(text)) == text
