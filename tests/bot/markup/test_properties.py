from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.markup import discord_messages, plain, telegram_messages, telegram_quote
from tests.bot.markup import made_up
from tests.bot.markup.rules import check_discord, check_telegram, letters, visible_on_discord
from tests.bot.markup.source import lost, words_of

NOTES = Path(__file__).parents[4] / "shared" / "notes"
SPEC = os.environ.get("COMMONMARK_SPEC", "")
"""The path of `spec.txt`, as in npm's package `commonmark-spec`; its examples are not ours to copy."""

limits = st.sampled_from([200, 333, 1000, 4096])
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(markdown: str, limit: int = 4096, *, links: dict[int, str] | None = None) -> None:
    """Everything that must hold for any text on both platforms."""
    words = words_of(markdown)
    on_telegram = telegram_messages(markdown, limit=limit, links=links)
    for rich in on_telegram:
        check_telegram(rich, limit)
    assert lost(words, letters("".join(rich.text for rich in on_telegram))) == ""
    on_discord = discord_messages(markdown, limit=min(limit, 2000), links=links)
    for message in on_discord:
        check_discord(message, min(limit, 2000))
    assert lost(words, "".join(visible_on_discord(message) for message in on_discord)) == ""
    assert lost(words, letters(plain(markdown))) == ""


@often
@given(made_up.markdown, limits)
def test_no_markdown_is_refused_and_no_word_is_lost(markdown: str, limit: int) -> None:
    check(markdown, limit, links={1: "https://notes.example.org/1", 2: "not a link"})


@often
@given(st.text(max_size=400), limits)
def test_any_text_at_all_is_shown(text: str, limit: int) -> None:
    check(text, limit)


@settings(often, max_examples=50)
@given(made_up.sound, st.data())
def test_an_answer_that_is_cut_anywhere_is_shown(blocks: list[str], data: st.DataObject) -> None:
    whole = "\n\n".join(blocks)
    check(whole[: data.draw(st.integers(0, len(whole)))], 333)


@settings(often, max_examples=50)
@given(made_up.sound, st.sampled_from([200, 500]))
def test_the_parts_together_say_what_the_whole_says(blocks: list[str], limit: int) -> None:
    whole = "\n\n".join(blocks)
    parts = "".join(rich.text for rich in telegram_messages(whole, limit=limit))
    (one,) = telegram_messages(whole, limit=1_000_000) or (None,)
    assert "".join(parts.split()) == "".join(one.text.split() if one else ())
    cut = "".join(visible_on_discord(message) for message in discord_messages(whole, limit=limit))
    assert cut == "".join(visible_on_discord(message) for message in discord_messages(whole, limit=1_000_000))


@settings(often, max_examples=50)
@given(made_up.sound, st.integers(1, 9))
@example(["甲" * 150 + "。", "乙" * 150, "丙" * 150], 2)
def test_while_an_answer_grows_by_blocks_all_parts_but_the_last_stay(blocks: list[str], count: int) -> None:
    separate = [f"{block}\n\n---" for block in blocks]  # a list after a list would be one list
    early, late = "\n\n".join(separate[:count]), "\n\n".join(separate)
    finished = telegram_messages(early, limit=300)[:-1]
    assert telegram_messages(late, limit=300)[: len(finished)] == finished
    sent = discord_messages(early, limit=300)[:-1]
    assert discord_messages(late, limit=300)[: len(sent)] == sent


@settings(often, max_examples=50)
@given(st.text(max_size=1000) | made_up.markdown, st.booleans())
def test_a_quote_shows_the_excerpt_as_it_is(text: str, expandable: bool) -> None:
    quotes = telegram_quote(text, expandable=expandable, limit=300)
    for rich in quotes:
        check_telegram(rich, 300)
        assert [entity.type for entity in rich.entities] == ["expandable_blockquote" if expandable else "blockquote"]
    kept = lost(re.findall(r"[^\W_]+", text), letters("".join(rich.text for rich in quotes)))
    assert kept == "" or not kept.isprintable() or kept.strip("\u115f\u1160\u3164\uffa0") == ""


@pytest.mark.skipif(not NOTES.is_dir(), reason="no notes beside the repository")
def test_real_notes_are_shown_whole() -> None:
    for path in sorted(NOTES.glob("*.md")):
        text = path.read_text("utf-8")
        for start in range(0, min(len(text), 60_000), 12_000):
            check(text[start : start + 12_000])


@pytest.mark.skipif(not SPEC, reason="COMMONMARK_SPEC does not name a spec.txt")
def test_the_examples_of_the_commonmark_specification_are_shown() -> None:
    fence = "`" * 32
    examples = re.findall(rf"^{fence} example\n(.*?)^\.\n.*?^{fence}$", Path(SPEC).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(examples) > 600
    for example_text in examples:
        check(example_text.replace("→", "\t"), 200)


@pytest.mark.parametrize(
    "markdown",
    [
        ">" * 1000 + " a",
        "".join("  " * depth + "- a\n" for depth in range(300)),
        "- " * 1000 + "a",
        "> - " * 500 + "a",
        "[" * 1000 + "a" + "]" * 1000,
        "![" * 1000,
        "*a **b " * 500,
        "$a " * 1000,
        "\\[\n" * 500,
        "<!-- " * 500,
        "a" + "\u0301" * 5000,
        "https://example.com/" + "b" * 5000,
        f"[a](https://example.com/{'b' * 5000})",
        "|" * 300 + "\n" + "|-" * 300 + "|\n" + "|x" * 300,
        "```\n" + "`" * 3000,
        "**" + "字" * 5000 + "**",
    ],
)
def test_hostile_depth_and_length_are_shown(markdown: str) -> None:
    check(markdown)
