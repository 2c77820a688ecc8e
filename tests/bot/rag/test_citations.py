from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rag import citation_of, cite_excerpts, cited, without_unknown
from bot.types import Citation
from knowledge.passages import sentences
from knowledge.search.quote_candidates import Excerpt
from knowledge.types import Hit
from tests.bot.making import citation, passages

NUMBERS = re.compile(r"\[([\d,，、\s]+)\]")
LISTED = "# 表\n\n第一句在这里。第二句在这里。\n\n- 第三句在这里。\n- 第四句在这里。\n\n第五句，中间有话，第六句。第七句。\n"


def numbers_in(text: str) -> list[int]:
    return [int(number) for mark in NUMBERS.findall(text) for number in re.findall(r"\d+", mark)]


def marks(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    """`[1]`, `[2, 7]`, `[3、1，9]`."""
    separators = st.sampled_from([",", ", ", "，", "、", " , "])
    return st.builds(lambda ns, by: f"[{by.join(map(str, ns))}]", st.lists(numbers, min_size=1, max_size=4), separators)


def answers() -> st.SearchStrategy[str]:
    """Answers with any numbering of their marks between words."""
    words = st.text(alphabet="米饭要煮 ab。，[]()\n", max_size=8)
    return st.lists(words | marks(st.integers(0, 40)), max_size=10).map("".join)


# Numbers that were not given


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("煮二十分钟 [1]。", "煮二十分钟 [1]。"),
        ("煮二十分钟 [7]。", "煮二十分钟 。"),
        ("[0] [1] [3] [4]", " [1] [3] "),
        ("煮 [2, 7]，洗 [7，9]。", "煮 [2]，洗 。"),
        ("煮 [1、3]。", "煮 [1][3]。"),
        ("煮 [3, 3, 1]。", "煮 [3][1]。"),
        ("煮 [1][2][9]。", "煮 [1][2]。"),
        ("没有来源。", "没有来源。"),
        ("[来源] [a1] []", "[来源] [a1] []"),
        ("[ 1 ] [ 9 ]", "[1] "),
        ("【1】 【7】 ［2］ ［7］ [１] [８] [²]", "[1]  [2]  [1]  [2]"),
        ("[^2] [^9] [[3]] [[4]] 【1†source】 [**9**] \\[9\\]", "[2]  [3]  [1]  "),
        ("[1-3] [2–9] [7-9] [3-1] [0~2]", "[1][2][3] [2][3]  [3][1] [1][2]"),
        ("[摘录 1] [来源2；来源7] （摘录 3） (Excerpt 9) [Excerpts 1 and 2]", "[1] [2] [3]  [1][2]"),
        ("根据摘录 2 和 3，摘录 12 说：Excerpt 9 says", "根据[2][3] 说：Excerpt says"),
        ("摘录 20 条，数组 x[y[1]] [x]", "摘录 20 条，数组 x[y[1]] [x]"),
        ("见 `[2]` 和 `[7]`。", "见 [2] 和 。"),
        ("写于 [2024]。", "写于 [2024]。"),
        ("第一个是 `xs[0]` [1] [9]。", "第一个是 `xs[0]` [1] 。"),
        ("``a`[9]`` [9]", "``a`[9]`` "),
        ("```python\nx = xs[0]\n```\n[9][1]", "```python\nx = xs[0]\n```\n[1]"),
        ("- 例：\n  ~~~\n  xs[7]\n  ~~~\n[7]", "- 例：\n  ~~~\n  xs[7]\n  ~~~\n"),
        ("```\nxs[7]", "```\nxs[7]"),
        ("一个 ` 号 [7]。\n\n另一个 ` 号。", "一个 ` 号 。\n\n另一个 ` 号。"),
    ],
)
def test_marks_of_sources_that_were_not_given_go(text: str, checked: str) -> None:
    assert without_unknown(text, 3) == checked


@given(text=answers(), count=st.integers(0, 30))
def test_whatever_the_model_numbers_only_given_numbers_are_left(text: str, count: int) -> None:
    left = numbers_in(without_unknown(text, count))
    assert all(1 <= number <= count for number in left)


@given(text=answers(), count=st.integers(0, 30))
def test_numbers_that_were_given_stay_in_their_order(text: str, count: int) -> None:
    kept = dict.fromkeys(number for number in numbers_in(text) if 1 <= number <= count)
    assert list(dict.fromkeys(numbers_in(without_unknown(text, count)))) == list(kept)


@given(text=answers(), count=st.integers(0, 30))
def test_words_outside_the_marks_are_not_touched(text: str, count: int) -> None:
    plain = NUMBERS.sub("", text)
    assert NUMBERS.sub("", without_unknown(plain, count)) == plain
    assert NUMBERS.sub("", without_unknown(text, count)) == plain


@given(text=answers(), count=st.integers(0, 30))
def test_an_answer_that_was_checked_is_not_changed_by_checking_it_again(text: str, count: int) -> None:
    once = without_unknown(text, count)
    assert without_unknown(once, count) == once


# Sources that an answer names


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        ("没有来源", []),
        ("一 [1] 三 [3]", [1, 3]),
        ("三 [3] 一 [1, 3]", [1, 3]),
        ("没有给 [9]", []),
        ("[1、2，3]", [1, 2, 3]),
    ],
)
def test_the_sources_of_an_answer_are_those_that_it_names(text: str, numbers: list[int]) -> None:
    given_sources = [citation(n) for n in (1, 2, 3)]
    assert [source.n for source in cited(text, given_sources)] == numbers


@given(text=answers(), count=st.integers(0, 12))
def test_no_source_is_named_that_was_not_given(text: str, count: int) -> None:
    given_sources = [citation(n) for n in range(1, count + 1)]
    found = cited(without_unknown(text, count), given_sources)
    assert set(found) <= set(given_sources)
    assert {source.n for source in found} == set(numbers_in(without_unknown(text, count)))


# Places


NOTES = st.lists(
    st.sampled_from(
        ["# 标题", "一句话。第二句话。", "- 一条", "  - 更深的一条", "", "| a | b |", "```", "English sentence. Another.", "😀"]
    ),
    min_size=1,
    max_size=25,
)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def lines_before(text: str, at: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:at]))


def assert_is_at_its_place(source: Citation, note: str) -> None:
    assert source.text == note[source.start : source.end]
    assert source.lines == (1 + lines_before(note, source.start), 1 + lines_before(note, source.end))


@given(lines=NOTES, end=LINE_ENDS)
def test_a_passage_as_a_source_is_the_slice_of_the_file_with_its_lines(lines: list[str], end: str) -> None:
    note = end.join(lines)
    for passage in passages(note):
        source = citation_of(4, Hit(passage=passage, score=1.0))
        assert (source.n, source.passage, source.heading, source.lines) == (4, passage.id, passage.heading, passage.lines)
        assert_is_at_its_place(source, note)


def excerpts_of(note: str, wanted: list[bool]) -> list[Excerpt]:
    """Those sentences of a note that are wanted, in order."""
    found = []
    for passage in passages(note):
        hit = Hit(passage=passage, score=1.0)
        spans = sentences(passage.text)
        found += [Excerpt(hit=hit, start=passage.start + start, end=passage.start + end) for start, end in spans]
    return [excerpt for excerpt, want in zip(found, wanted, strict=False) if want]


@given(lines=NOTES, end=LINE_ENDS, wanted=st.lists(st.booleans(), min_size=60, max_size=60))
def test_excerpts_as_sources_are_slices_of_the_file_and_hold_every_excerpt_once(
    lines: list[str], end: str, wanted: list[bool]
) -> None:
    note = end.join(lines)
    excerpts = excerpts_of(note, wanted)
    sources = cite_excerpts(excerpts)
    assert [source.n for source in sources] == list(range(1, len(sources) + 1))
    for source in sources:
        assert_is_at_its_place(source, note)
    for excerpt in excerpts:
        assert sum(source.start <= excerpt.start and excerpt.end <= source.end for source in sources) == 1


def test_excerpts_of_two_passages_are_two_sources() -> None:
    first, second, third = (
        Excerpt(hit=Hit(passage=passages(text, path)[0], score=1.0), start=0, end=4)
        for text, path in (("甲甲甲。", "a.md"), ("乙乙乙。", "b.md"), ("丙丙丙。", "c.md"))
    )
    assert [(source.n, source.path) for source in cite_excerpts([first, second, third])] == [
        (1, "a.md"),
        (2, "b.md"),
        (3, "c.md"),
    ]


def test_no_excerpts_are_no_sources() -> None:
    assert cite_excerpts([]) == ()


def test_lines_are_counted_within_the_file() -> None:
    sources = cite_excerpts(excerpts_of(LISTED, [n in (2, 3, 4, 6) for n in range(9)]))
    assert [source.lines for source in sources] == [(3, 3), (5, 5), (6, 6), (8, 8)]


def test_brackets_in_code_name_no_source() -> None:
    text = "列表的第一个是 `xs[2]` [1]。\n\n```python\nfirst, third = xs[0], xs[3]\n```"
    assert without_unknown(text, 3) == text
    assert [source.n for source in cited(text, [citation(n) for n in (1, 2, 3)])] == [1]
