from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.notes import parse_front_matter
from knowledge.types import FrontMatter
from tests.knowledge.markdown import chaos

JEKYLL = """---
layout: post
title:  "Deep Think: 大语言模型"
date:   2023-06-10 12:00:00 +0800
categories: 大模型
tags: gpt LLM 大模型
mathjax: true
---
* content
"""

HEXO = """---
title: ChatGPT 资料梳理
date: 2023-02-20 13:00:00
tags:
  - 人工智能
  - 2023
categories:
- [技术, 模型]
- 随笔
---
> 梳理
"""

OBSIDIAN = """---
aliases: [KV cache, 键值缓存]
tags:
  - "#推理/显存"
  - inference
cssclass: wide
created: 2024-05-01
date: 2024-05-02
---

正文
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JEKYLL, FrontMatter(title="Deep Think: 大语言模型", tags=("gpt", "LLM", "大模型"), date="2023-06-10 12:00:00 +0800")),
        (HEXO, FrontMatter(title="ChatGPT 资料梳理", tags=("人工智能", "2023"), date="2023-02-20 13:00:00")),
        (OBSIDIAN, FrontMatter(tags=("推理/显存", "inference"), aliases=("KV cache", "键值缓存"), date="2024-05-02")),
    ],
    ids=["Jekyll", "Hexo", "Obsidian"],
)
def test_the_headers_of_common_programs_are_read(text: str, expected: FrontMatter) -> None:
    front = parse_front_matter(text)
    assert front.problem == ""
    assert (front.title, front.tags, front.aliases, front.date) == (
        expected.title,
        expected.tags,
        expected.aliases,
        expected.date,
    )
    assert text[: front.end].endswith("\n---\n")
    assert "---" not in text[front.end :]


@pytest.mark.parametrize(
    ("yaml", "tags"),
    [
        ("tags: 一, 二，三、四", ("一", "二", "三", "四")),
        ("tags: 一 二", ("一", "二")),
        ("tag: 一", ("一",)),
        ("tags: ['#一', '', null, 2.5]", ("一", "2.5")),
        ("tags:", ()),
        ("tags: {a: b}", ()),
        ("tags: [[一, 二], 三]", ("三",)),
        ("other: x", ()),
    ],
)
def test_tags_are_read_in_all_their_forms(yaml: str, tags: tuple[str, ...]) -> None:
    assert parse_front_matter(f"---\n{yaml}\n---\n").tags == tags


def test_an_alias_may_hold_blanks() -> None:
    assert parse_front_matter("---\naliases: KV cache, 键值缓存\n---\n").aliases == ("KV cache", "键值缓存")
    assert parse_front_matter("---\nalias: KV cache\n---\n").aliases == ("KV cache",)


@pytest.mark.parametrize(
    ("yaml", "title"), [("title: 2024", "2024"), ("title: ' x '", "x"), ("title: [a]", ""), ("title: ~", "")]
)
def test_a_title_is_a_text(yaml: str, title: str) -> None:
    assert parse_front_matter(f"---\n{yaml}\n---\n").title == title


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff---\ntitle: 题\n---\n正文",
        "---\r\ntitle: 题\r\n---\r\n正文",
        "---  \ntitle: 题\n---\t\n正文",
        "---\ntitle: 题\n...\n正文",
        "---\ntitle: 题\n# 注释\n\n---\n正文",
        "---\ntitle: 题\0\n---\n正文",
    ],
)
def test_odd_but_valid_headers_are_read(text: str) -> None:
    front = parse_front_matter(text)
    assert (front.title, front.problem) == ("题", "")
    assert text[front.end :] == "正文"


def test_a_header_at_the_very_end_is_read() -> None:
    assert parse_front_matter("---\ntitle: 题\n---").end == len("---\ntitle: 题\n---")


@pytest.mark.parametrize("text", ["", "# 标题", " ---\ntitle: x\n---\n", "----\ntitle: x\n----\n", "正文\n---\ntitle: x\n---\n"])
def test_a_note_without_a_header_has_none(text: str) -> None:
    assert parse_front_matter(text) == FrontMatter()


@pytest.mark.parametrize("text", ["---", "---\n", "---\n\n# 标题\n\n正文。\n", "---\ntitle: 没有结束\n\n正文\n"])
def test_a_rule_at_the_start_is_no_header(text: str) -> None:
    assert parse_front_matter(text) == FrontMatter()


def test_an_empty_header_is_a_header() -> None:
    assert parse_front_matter("---\n---\n正文") == FrontMatter(end=8)


def test_a_page_that_begins_with_a_rule_is_not_taken_for_one_long_header() -> None:
    assert parse_front_matter("---\n" + "字。\n" * 40_000 + "---\n") == FrontMatter()


@pytest.mark.parametrize(
    ("yaml", "why"),
    [
        ("title: RAG: 检索", "line 2"),
        ("title: 好\ntags: [a, b", "line"),
        ("title: @某人", "line 2"),
        ("title: 好\n\tx: 1", "line 3"),
        ("title: {{ page.title }}", "line 2"),
        ("a: *nobody", "line 2"),
    ],
)
def test_a_broken_header_is_reported_with_its_line(yaml: str, why: str) -> None:
    text = f"---\n{yaml}\n---\n正文"
    front = parse_front_matter(text)
    assert front.problem.startswith("front matter: ")
    assert why in front.problem
    assert "\n" not in front.problem
    assert text[front.end :] == "正文"


@pytest.mark.parametrize("yaml", ["date: 2024-13-45", "title: !!python/object/apply:os.system [echo]", "title: 0123"])
def test_values_are_taken_as_the_text_that_stands_there(yaml: str) -> None:
    front = parse_front_matter(f"---\n{yaml}\n---\n正文")
    assert front.problem == ""
    assert (front.date, front.title) in [("2024-13-45", ""), ("", ""), ("", "0123")]


def test_aliases_that_multiply_are_not_written_out() -> None:
    """Nine levels of nine references each: 3 billion words if they were."""
    levels = [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 10)]
    header = "\n".join(["a0: &a0 [x, x]", *levels, "tags: *a9", "title: *a9"])
    front = parse_front_matter(f"---\n{header}\n---\n正文")
    assert (front.title, front.tags) == ("", ())
    assert "too intricate" in front.problem


@given(chaos)
def test_no_header_made_of_chaos_ends_the_program(text: str) -> None:
    front = parse_front_matter(f"---\n{text}\n---\n")
    assert 0 <= front.end <= len(text) + 9


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=200))
def test_no_header_of_any_text_ends_the_program(text: str) -> None:
    assert parse_front_matter(f"---\ntitle: {text}\n---\n").end >= 0
