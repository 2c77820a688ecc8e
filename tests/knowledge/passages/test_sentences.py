from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.passages import sentences
from tests.knowledge.markdown import Written, chaos, notes

LONG = "一个很长的分句，" * 8

CASES = [
    ("", []),
    ("没有句号", ["没有句号"]),
    ("一。二！三？四", ["一。", "二！", "三？", "四"]),
    ("真的吗？！是的。。。好", ["真的吗？！", "是的。。。", "好"]),
    ("他说：“走吧。”然后走了。", ["他说：“走吧。”", "然后走了。"]),
    ("（见下。）正文。", ["（见下。）", "正文。"]),
    ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
    ("It costs 3.5 dollars. Yes.", ["It costs 3.5 dollars.", "Yes."]),
    (
        "e.g. this, i.e. that, Fig. 3 and Smith et al. say so. Done.",
        ["e.g. this, i.e. that, Fig. 3 and Smith et al. say so.", "Done."],
    ),
    ("J. Smith came. He left.", ["J. Smith came.", "He left."]),
    ("用 GPT-4.它很贵。", ["用 GPT-4.它很贵。"]),
    ("file.md is here. ok", ["file.md is here. ok"]),
    ("短；也短。", ["短；也短。"]),
    (f"{LONG}；后面。", [f"{LONG}；", "后面。"]),
    ("- 一。\n- 二。", ["一。", "二。"]),
    ("1. 第一步。\n2. 第二步。", ["第一步。", "第二步。"]),
    ("- [ ] 要做。\n- [x] 做完。", ["要做。", "做完。"]),
    ("> 引用。\n> # 标题", ["引用。", "标题"]),
    ("# 标题\n正文。", ["标题", "正文。"]),
    ("第一行\n第二行", ["第一行", "第二行"]),
    ("第一行\r\n第二行\r第三行", ["第一行", "第二行", "第三行"]),
    ("| 甲。 | 乙。 |\n|---|---|\n| 1。 | 2。 |", ["| 甲。 | 乙。 |", "| 1。 | 2。 |"]),
    ("```\n甲。\n```", ["甲。"]),
    ("***\n———\n字", ["字"]),
    ("《一。二》是书。好。", ["《一。二》是书。", "好。"]),
    ("代码 `a. b! c?` 在此。好。", ["代码 `a. b! c?` 在此。", "好。"]),
    ("公式 $a. b$ 在此。", ["公式 $a. b$ 在此。"]),
    ("见 [一。二](https://example.org/a.b) 处。好。", ["见 [一。二](https://example.org/a.b) 处。", "好。"]),
    ("见 https://example.org/什么？x=1 处", ["见 https://example.org/什么？x=1 处"]),
    ("**粗体句。**后面。", ["**粗体句。**", "后面。"]),
    ("一句。**粗体句。** 后面。", ["一句。", "**粗体句。**", "后面。"]),
    ("\ufeff一。", ["一。"]),
]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_text_is_parted_into_its_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


WRAPPED = """The attention of a model is a weighted mean over all that it
has read so far, and the weights are learned from the text
itself. Longer texts cost more. The cache of keys and values
grows with them.
"""


def test_lines_wrapped_at_a_fixed_width_are_joined() -> None:
    assert [sentence.split()[-1] for sentence in cut(WRAPPED)] == ["itself.", "more.", "them."]


def test_lines_of_a_poem_are_not_joined() -> None:
    poem = "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡"
    assert cut(poem) == poem.split("\n")


def test_bullets_of_one_width_are_not_joined() -> None:
    bullets = [f"- point number {at} of this list, about as wide as the others" for at in range(5)]
    assert len(cut("\n".join(bullets))) == 5


def check(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]
        at = end


@given(chaos)
def test_sentences_come_in_order_trimmed_and_never_overlap(text: str) -> None:
    check(text)


@given(st.text())
def test_any_text_at_all_has_sentences_in_order(text: str) -> None:
    check(text)


@given(notes)
def test_every_letter_is_in_a_sentence(written: Written) -> None:
    """But for the language of a code block and the numbers of a list."""
    covered = {at for start, end in sentences(written.text) for at in range(start, end)}
    for part in written.parts:
        start = written.text.index(part)
        assert all(at in covered for at in range(start, start + len(part)) if written.text[at].isalnum()), part
