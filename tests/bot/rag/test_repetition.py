from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rag.repetition import before_echo, before_loop, loops, whole_sentences

REPOSITORY = Path(__file__).parents[3]
PROSE = sorted((REPOSITORY / "knowledge/samples").rglob("*.md"))


@given(unit=st.text(alphabet="米饭要煮二十分钟abc 1，。", min_size=1, max_size=120).filter(str.strip), times=st.integers(4, 30))
def test_a_loop_is_found_whatever_is_repeated(unit: str, times: int) -> None:
    assert loops("先洗两遍，再加水。" + unit * max(times, 100 // len(unit) + 4))


@given(unit=st.text(alphabet="米饭要煮二十分钟", min_size=5, max_size=60))
def test_a_loop_is_cut_after_the_last_whole_sentence_before_it(unit: str) -> None:
    text = f"先洗两遍 [1]。{unit}。" + f"{unit}。" * 40
    cut = before_loop(text)
    assert cut.startswith("先洗两遍 [1]。")
    assert len(cut) <= len("先洗两遍 [1]。") + 3 * len(unit) + 3


def test_a_loop_that_counts_along_is_found() -> None:
    assert loops("".join(f"第{n}步：把米饭再煮一次，然后看看熟了没有。" for n in range(60)))


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.name)
def test_notes_are_no_loops(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    found = [end for end in range(400, min(len(text), 20_000), 97) if loops(text[:end])]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "| 年 | 数 |\n|---|---|\n" + "".join(f"| {1990 + n} | {n * 37 % 101} |\n" for n in range(40)),
        "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n" * 2,
        "Row, row, row your boat,\nGently down the stream.\nMerrily, merrily, merrily, merrily,\nLife is but a dream.\n",
        "def f(x):\n    return x\n\n\n"
        + "".join(f"def test_{name}():\n    assert f({n}) == {n}\n\n\n" for n, name in enumerate("abc")),
        "-" * 40 + "\n" + "=" * 40,
        "哈哈哈哈哈哈",
    ],
)
def test_what_repeats_short_things_is_no_loop(text: str) -> None:
    assert not loops(text)


def test_whole_sentences_end_where_the_last_one_does() -> None:
    assert whole_sentences("一。二三") == "一。"
    assert whole_sentences("version 1.5 is") == "version 1.5 is"


PASSAGE = "<<<片段 1. 米饭 › 洗米\n先洗两遍。\n>>>"


@pytest.mark.parametrize(
    ("said", "own"),
    [
        (f"洗两遍。\n\n{PASSAGE}\n\n问题：洗几遍？", "洗两遍。"),
        ("Twice.\n>>>\n\n<<<Excerpt 2. Rice\nWash it.", "Twice."),
        (f"{PASSAGE}\n{PASSAGE}\n\n洗两遍。", "洗两遍。"),
        (f"{PASSAGE}\n洗两遍。\n{PASSAGE}", "洗两遍。"),
        (PASSAGE, "先洗两遍。"),
        ("<<<片段 1. 米饭\n先洗", "先洗"),
        ("若 a << b 且 c >> d，则 a >>> d。", "若 a << b 且 c >> d，则 a >>> d。"),
        ("", ""),
    ],
)
def test_what_a_model_repeats_of_its_prompt_is_no_answer(said: str, own: str) -> None:
    assert before_echo(said).strip() == own
