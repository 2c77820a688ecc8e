from __future__ import annotations

import pytest

from bot.markup import Rich, plain, telegram_messages, telegram_quote, units
from tests.bot.markup.rules import check_telegram


def one(markdown: str, **links: dict[int, str]) -> Rich:
    (rich,) = telegram_messages(markdown, **links)
    check_telegram(rich, 4096)
    return rich


def formatted(rich: Rich) -> list[tuple[str, str, str]]:
    """Type, words, and address or language of every entity."""
    wide = rich.text.encode("utf-16-le")
    return [
        (
            entity.type,
            wide[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le"),
            entity.url or entity.language,
        )
        for entity in rich.entities
    ]


@pytest.mark.parametrize(
    ("markdown", "text", "entities"),
    [
        ("这是**重点：**然后", "这是重点：然后", [("bold", "重点：", "")]),
        ("👍 **粗** ~~删~~ `码`", "👍 粗 删 码", [("bold", "粗", ""), ("strikethrough", "删", ""), ("code", "码", "")]),
        ("**a *b* c**", "a b c", [("bold", "a b c", ""), ("italic", "b", "")]),
        ("**a `b` c**", "a b c", [("bold", "a", ""), ("code", "b", ""), ("bold", "c", "")]),
        ("# Title\n\ntext", "Title\n\ntext", [("bold", "Title", "")]),
        ("[论文](https://arxiv.org/abs/1)", "论文", [("text_link", "论文", "https://arxiv.org/abs/1")]),
        ("[笔记](a/b.md)", "笔记 (a/b.md)", []),
        ("[x](javascript:alert)", "x (javascript:alert)", []),
        ("[x](http://localhost:80)", "x (http://localhost:80)", []),
        ("[write](mailto:me@example.com)", "write (me@example.com)", []),
        ("![图](https://a.example.com/x.png)", "图", [("text_link", "图", "https://a.example.com/x.png")]),
        ("> a\n> > b\n>\n> c", "a\nb\n\nc", [("blockquote", "a\nb\n\nc", "")]),
        ("```python\n  x = 1\n\n  y\n```", "  x = 1\n\n  y", [("pre", "  x = 1\n\n  y", "python")]),
        ("```py\nnever closed", "never closed", [("pre", "never closed", "py")]),
        ("a\n\n---\n\nb", "a\n\n———\n\nb", []),
        ("- [ ] do\n- [x] done", "• ☐ do\n• ☑ done", []),
        ("3. c\n4. d", "3. c\n4. d", []),
        ("- a\n  - b\n    - c", "• a\n\u00a0\u00a0\u00a0– b\n\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0• c", []),
        ("<div>a<br>b &amp; <b>c</b></div>", "a\nb & c", []),
        ("x <u>y</u> vector<int> <!-- no -->z", "x y vector<int> z", [("underline", "y", "")]),
        ("$\\theta_{t+1} \\le \\frac{a}{b}$", "θₜ₊₁ ≤ a/b", []),
        ("\\(\\begin{matrix}a\\end{matrix}\\)", "\\begin{matrix}a\\end{matrix}", [("code", "\\begin{matrix}a\\end{matrix}", "")]),
        ("\\[2312\\] and \\[a\\](b)", "[2312] and [a](b)", []),
        ("costs $5, or $6", "costs $5, or $6", []),
        ("see [1], [^2]\n\n[^2]: n\n\n[1]: https://a.example.com", "see [1], [^2]\n\n[^2]: n\n\n[1]: https://a.example.com", []),
        ("2*3*4 and a\n\n    - b", "2*3*4 and a\n\n• b", []),
    ],
)  # fmt: skip
def test_markdown_becomes_text_and_entities(markdown: str, text: str, entities: list[tuple[str, str, str]]) -> None:
    rich = one(markdown)
    assert rich.text == text
    assert formatted(rich) == entities


def test_citation_marks_become_links_where_the_caller_knows_the_address() -> None:
    rich = one("so [1][2], `[1]`", links={1: "https://n.example.org/a", 2: "file:///x"})
    assert rich.text == "so [1][2], [1]"
    assert formatted(rich) == [("text_link", "[1]", "https://n.example.org/a"), ("code", "[1]", "")]


def test_a_narrow_table_is_aligned_and_counts_chinese_characters_twice() -> None:
    rich = one("| 模型 | n |\n|---|--:|\n| 通义 | 72 |\n| L | 7 |")
    assert rich.text == "模型   n\n────  ──\n通义  72\nL      7"
    assert [kind for kind, _, _ in formatted(rich)] == ["pre"]


def test_a_wide_table_becomes_one_card_for_each_row() -> None:
    rich = one(f"| 模型 | 说明 |\n|---|---|\n| 通义 | {'很长' * 20} |\n| L | [x](https://a.example.com) |")
    assert rich.text == f"模型 · 说明\n\n通义\n说明: {'很长' * 20}\n\nL\n说明: x"
    assert ("bold", "通义", "") in formatted(rich)


def test_a_table_that_is_cut_repeats_its_header() -> None:
    rows = "\n".join(f"| {n} | x{n} |" for n in range(60))
    parts = telegram_messages(f"| id | name |\n|---|---|\n{rows}", limit=200)
    assert len(parts) > 2
    assert all(rich.text.startswith("id  name\n──  ────\n") for rich in parts)
    assert "".join(rich.text.replace("id  name\n──  ────\n", "") + "\n" for rich in parts).count("\n") == 60


def test_code_that_is_cut_goes_on_as_code_of_the_same_language() -> None:
    parts = telegram_messages("```python\n" + "\n".join(f"x = {n}" for n in range(100)) + "\n```", limit=200)
    assert len(parts) > 2
    assert all(formatted(rich) == [("pre", rich.text, "python")] for rich in parts)


def test_a_part_ends_with_a_block_and_a_heading_stays_with_its_text() -> None:
    parts = telegram_messages("甲" * 120 + "\n\n## 题\n\n" + "乙" * 120, limit=200)
    assert [rich.text for rich in parts] == ["甲" * 120, "题\n\n" + "乙" * 120]


def test_a_long_paragraph_is_cut_after_a_sentence_and_no_emoji_is_torn() -> None:
    first, *_ = telegram_messages("第一句话很长很长很长。" * 30, limit=200)
    assert first.text.endswith("。")
    family = "👨‍👩‍👧‍👦"
    for rich in telegram_messages(family * 100, limit=200):
        assert rich.text.replace(family, "") == ""


def test_an_item_that_is_cut_keeps_its_indentation() -> None:
    _, second, *_ = telegram_messages("- a\n  - " + "字" * 400, limit=200)
    assert second.text.startswith("\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0字")


def test_a_message_has_at_most_the_entities_that_telegram_keeps() -> None:
    linked = telegram_messages(" ".join(f"[{n}](https://a.example.com/{n})" for n in range(400)))
    assert sum(len(rich.entities) for rich in linked) == 400
    bold = telegram_messages("**字** x " * 400)
    assert len(bold) == 1
    assert len(bold[0].entities) == 100


@pytest.mark.parametrize("markdown", ["", " \n", "<!-- x -->", "\u200b", "[a]: https://a.example.com", "```\n\n```", "\u2800"])
def test_what_shows_nothing_is_no_message(markdown: str) -> None:
    assert telegram_messages(markdown) == ()


def test_an_excerpt_is_quoted_word_for_word() -> None:
    (rich,) = telegram_quote("  - **a**\n    - `b` [1]\n\n")
    assert rich.text == "\u00a0\u00a0- **a**\n    - `b` [1]"
    assert formatted(rich) == [("expandable_blockquote", rich.text, "")]
    assert telegram_quote("a", expandable=False)[0].entities[0].type == "blockquote"
    assert telegram_quote(" \n") == ()


def test_plain_text_has_no_markup_and_every_address() -> None:
    assert plain("# T\n\n- **a** [b](https://c.example.com)\n  - d\n\n> q") == "T\n\n• a b (https://c.example.com)\n  • d\n\n> q"


def test_units_are_those_of_utf_16() -> None:
    assert (units("字"), units("👍"), units("é")) == (1, 2, 1)
