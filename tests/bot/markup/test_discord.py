from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.markup import discord_messages
from tests.bot.markup.rules import check_discord

NOTHING = "\u200b"


def one(markdown: str, **links: dict[int, str]) -> str:
    (message,) = discord_messages(markdown, **links)
    check_discord(message, 2000)
    return message


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("# a\n### b\n#### c", "# a\n\n### b\n\n**c**"),
        ("这是**重点：**然后", "这是**重点：**然后"),
        ("**a *b* c** ~~d~~ <u>e</u>", "**a *b* c** ~~d~~ __e__"),
        ("**a**<i>b</i>", f"**a**{NOTHING}*b*"),
        ("**a `b` c**", "**a** `b` **c**"),
        ("- a\n  - b\n    1. c", "- a\n  - b\n    1. c"),
        ("> a\n> > b", "> a\n> b"),
        ("> ```py\n> x\n> ```", "> ```py\n> x\n> ```"),
        ("````\n```\n````", f"```\n`{NOTHING}`{NOTHING}`\n```"),
        ("`` a`b ``", "`` a`b ``"),
        ("snake_case 2*3 a~b", "snake\\_case 2\\*3 a\\~b"),
        ("\\# a", "\\# a"),
        ("\\> a", "\\> a"),
        ("1\\. a", "1\\. a"),
        ("-# a", "\\-# a"),
        ("||a||", "\\|\\|a\\|\\|"),
        ("[论文](https://arxiv.org/abs/1)", "[论文](<https://arxiv.org/abs/1>)"),
        ("[a](https://a.example.com/b_(c))", "[a](<https://a.example.com/b_%28c%29>)"),
        ("[n](a/b.md)", "n (a/b.md)"),
        ("[\\[a](https://a.example.com)", "[a (<https://a.example.com>)"),
        ("see https://a.example.com/b_c.", "see <https://a.example.com/b_c>."),
        ("(https://a.example.com/b_(c))", "(<https://a.example.com/b_(c)>)"),
        ("<https://a.example.com>", "<https://a.example.com>"),
        ("![图](https://a.example.com/x.png)", "[图](<https://a.example.com/x.png>)"),
        ("@everyone @here", f"@{NOTHING}everyone @{NOTHING}here"),
        ("<@1> <@&2> <#3> <t:4:R>", f"<{NOTHING}@1> <{NOTHING}@&2> <{NOTHING}#3> <{NOTHING}t:4:R>"),
        ("</ask:5> <:a:6> <a:b:7>", f"<{NOTHING}/ask:5> <{NOTHING}:a:6> <{NOTHING}a:b:7>"),
        ("[a] (b) \\[c\\](https://d.example.com)", "[a] (b) [c]\\(<https://d.example.com>)"),
        ("- [ ] do\n- [x] done", "- ☐ do\n- ☑ done"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "```\na  b\n─  ─\n1  2\n```"),
    ],
)
def test_markdown_becomes_discords_own(markdown: str, message: str) -> None:
    assert one(markdown) == message


def test_citation_marks_become_links_where_the_caller_knows_the_address() -> None:
    assert one("so [1]", links={1: "https://n.example.org/a"}) == "so [[1]](<https://n.example.org/a>)"


def test_code_that_is_cut_is_fenced_again_with_its_language() -> None:
    parts = discord_messages("```python\n" + "\n".join(f"x = {n}" for n in range(100)) + "\n```", limit=200)
    assert len(parts) > 2
    assert all(part.startswith("```python\nx = ") and part.endswith("\n```") for part in parts)


def test_bold_that_is_cut_is_bold_in_both_parts() -> None:
    first, second = discord_messages(f"**{'字' * 300}**", limit=200)
    assert re.fullmatch(r"\*\*字+\*\*", first)
    assert re.fullmatch(r"\*\*字+\*\*", second)


def test_characters_are_counted_as_discord_counts_them() -> None:
    assert [len(part) for part in discord_messages("👍" * 1990)] == [1990]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab 1.#>-*_~`|[]()<>@:/\\字。", max_size=60).filter(lambda text: "http" not in text))
def test_words_never_become_formatting(text: str) -> None:
    words = " ".join(text.split())
    literal = re.sub(r"[!-/:-@\[-`{-~]", lambda found: f"&#{ord(found[0])};", words)
    for message in discord_messages(literal):
        assert shown(message) == words


def shown(message: str) -> str:
    """What Discord shows of a message that should hold no formatting: fails where any would begin."""
    assert not re.match(r"#{1,3} |-# |>|[-*] |\d+[.)] ", message)
    unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "", message)
    assert not re.search(r"[*_~`|]|\]\(", unescaped)
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", message).replace(NOTHING, "")
