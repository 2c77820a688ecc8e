from __future__ import annotations

import pytest
from hypothesis import given

from knowledge.passages.markdown import Block, BlockKind, blocks_of, line_starts
from tests.knowledge.markdown import Written, chaos, notes
from tests.knowledge.writing import note_of


def blocks(text: str, path: str = "note.md") -> tuple[Block, ...]:
    return blocks_of(note_of(text, path))


def seen(text: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, text[block.start : block.end]) for block in blocks(text)]


CASES = [
    ("# 标题\n\n正文。", [(BlockKind.HEADING, "# 标题"), (BlockKind.TEXT, "正文。")]),
    ("标题\n===\n正文\n换行。", [(BlockKind.HEADING, "标题\n==="), (BlockKind.TEXT, "正文\n换行。")]),
    ("- 一\n  - 二\n- 三", [(BlockKind.TEXT, "- 一"), (BlockKind.TEXT, "- 二"), (BlockKind.TEXT, "- 三")]),
    ("> 引用\n> 又一行", [(BlockKind.TEXT, "> 引用\n> 又一行")]),
    ("> # 引用里的标题", [(BlockKind.TEXT, "> # 引用里的标题")]),
    ("| 甲 | 乙 |\n|--|--|\n| 1 | 2 |", [(BlockKind.ROW, "| 甲 | 乙 |"), (BlockKind.ROW, "| 1 | 2 |")]),
    ("```py\nx = 1\n\ny = 2\n```", [(BlockKind.CODE, "```py\nx = 1\n\ny = 2\n```")]),
    ("    x = 1\n\n    y = 2", [(BlockKind.CODE, "x = 1\n\n    y = 2")]),
    ("```\n没有结束", [(BlockKind.CODE, "```\n没有结束")]),
    ("$$\na\n\nb\n$$", [(BlockKind.CODE, "$$\na\n\nb\n$$")]),
    ("<div>\n内容\n</div>", [(BlockKind.MARKUP, "<div>\n内容\n</div>")]),
    ("![](a.png)", [(BlockKind.MARKUP, "![](a.png)")]),
    ("***", []),
    ("---\ntitle: 题\n---\n正文", [(BlockKind.TEXT, "正文")]),
    ("\ufeff---\r\ntitle: 题\r\n---\r\n正文", [(BlockKind.TEXT, "正文")]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_note_is_parted_into_its_blocks(text: str, expected: list[tuple[BlockKind, str]]) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    ("text", "parents"),
    [
        ("- 甲\n  - 乙\n    - 丙", [(), ("甲",), ("甲", "乙")]),
        ("- 甲\n\n  续\n  - 乙", [(), ("甲",), ("甲",)]),
        ("优点：\n\n- 快\n- 省", [(), ("优点：",), ("优点：",)]),
        ("优点：\n\n- 快\n\n缺点：\n\n- 贵", [(), ("优点：",), (), ("缺点：",)]),
        ("优点：\n\n***\n\n- 快", [(), ()]),
        ("优点：\n\n# 新章\n\n- 快", [(), (), ()]),
        ("| 名 | 值 |\n|--|--|\n| a | 1 |", [(), ("名 | 值",)]),
        ("1. 甲\n   - 乙\n2. 丙", [(), ("甲",), ()]),
    ],
)
def test_a_block_knows_the_words_above_it(text: str, parents: list[tuple[str, ...]]) -> None:
    assert [block.parents for block in blocks(text)] == parents


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("# 一\n\n甲\n\n## 二\n\n乙\n\n# 三\n\n丙", [("一",), ("一",), ("一", "二"), ("一", "二"), ("三",), ("三",)]),
        ("### 深\n\n甲\n\n# 浅\n\n乙", [("深",), ("深",), ("浅",), ("浅",)]),
        ("# **粗** [链](x)\n\n甲", [("粗 链",), ("粗 链",)]),
        ("> # 不算\n\n甲", [(), ()]),
    ],
)
def test_a_block_knows_the_headings_above_it(text: str, headings: list[tuple[str, ...]]) -> None:
    assert [block.heading for block in blocks(text)] == headings


def test_lists_in_lists_are_counted() -> None:
    assert [block.depth for block in blocks("甲\n\n- 一\n  - 二\n    - 三\n\n乙")] == [0, 1, 2, 3, 0]


@pytest.mark.parametrize(
    ("text", "leads"),
    [("优点：", True), ("Pros:", True), ("**优点**", True), ("**优点：**", True), ("优点。", False), ("**粗**的字", False)],
)
def test_a_line_that_introduces_what_follows_is_known(text: str, leads: bool) -> None:
    assert [block.leads for block in blocks(text)] == [leads]


def test_of_an_embedded_diagram_only_the_labels_are_blocks() -> None:
    xml = r"&lt;mxCell value=\&quot;编码器\&quot; style=\&quot;rounded=1\&quot;/&gt;&lt;mxCell value=\&quot;\&quot;/&gt;"
    text = f'<div class="mxgraph" data-mxgraph="{xml}"></div>\n'
    assert seen(text) == [(BlockKind.MARKUP, "编码器")]


def test_plain_text_has_paragraphs_only() -> None:
    text = "# 一\n- 二\n\n \n三\r\n\r\n四"
    assert [text[block.start : block.end] for block in blocks(text, "note.TXT")] == ["# 一\n- 二", "三", "四"]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", [0, 0]),
        ("a", [0, 1]),
        ("a\nb", [0, 2, 3]),
        ("a\r\nb\rc\n", [0, 3, 5, 7, 7]),
        ("\n\r", [0, 1, 2, 2]),
        ("a\u2028b", [0, 3]),
    ],
)
def test_lines_start_after_lf_crlf_and_cr(text: str, starts: list[int]) -> None:
    assert line_starts(text) == starts


@given(notes)
def test_blocks_come_in_order_and_begin_and_end_with_something_visible(written: Written) -> None:
    check(written.text)


@given(chaos)
def test_blocks_of_chaos_come_in_order_too(text: str) -> None:
    check(text)


def check(text: str) -> None:
    at = 0
    for block in blocks(text):
        assert at <= block.start < block.end
        piece = text[block.start : block.end]
        assert piece.strip(" \t\r\n\u00a0\u3000") == piece
        at = block.end
