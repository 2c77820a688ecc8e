from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.llm.tokens import LEAST, MOST, TokenEstimator, estimate_tokens
from tests.fakes.ollama import tokens_of

TEXT = st.text(alphabet="米饭要煮二十分钟的 abcdefgh，。.[]12", max_size=300)


@given(texts=st.lists(TEXT, min_size=1, max_size=12), worth=st.floats(LEAST, MOST))
def test_after_learning_no_prompt_is_estimated_below_what_the_server_counts(texts: list[str], worth: float) -> None:
    scale = TokenEstimator()
    for text in texts:
        counted = round(estimate_tokens(text) * worth)
        scale.learn(estimate_tokens(text), counted)
        assert scale(text) >= counted


@given(counts=st.lists(st.integers(0, 100_000), max_size=20))
def test_the_correction_stays_within_bounds_whatever_a_server_reports(counts: list[int]) -> None:
    scale = TokenEstimator()
    for counted in counts:
        scale.learn(1000, counted)
        assert LEAST <= scale.factor <= MOST


def test_a_count_of_nothing_or_of_what_was_not_cached_teaches_nothing() -> None:
    scale = TokenEstimator()
    for counted in (0, 3, 500):
        scale.learn(1000, counted)
    assert scale.factor == 1.0


def test_the_correction_moves_up_at_once_and_down_slowly() -> None:
    scale = TokenEstimator()
    scale.learn(1000, 1500)
    assert scale.factor == 1.5
    scale.learn(1000, 1000)
    assert 1.0 < scale.factor < 1.5


@given(text=st.text(alphabet="米饭要煮二十分钟的，。", max_size=300))
def test_chinese_is_never_estimated_below_one_token_a_character(text: str) -> None:
    assert estimate_tokens(text) >= len(tokens_of(text))
