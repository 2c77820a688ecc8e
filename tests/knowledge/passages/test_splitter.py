from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from unicodedata import combining

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.notes import Vault
from knowledge.passages import SplitLimits, SplitPassage, passages_of
from knowledge.types import Note, Passage
from tests.knowledge.markdown import Written, chaos, long_lines, notes
from tests.knowledge.writing import note_of

SAMPLES = Path(__file__).parents[3] / "knowledge" / "samples"
ROOMY = SplitLimits()
TIGHT = SplitLimits(most=90, wanted=50, raw=240)
LIMITS = (ROOMY, TIGHT)


def passages(text: str, limits: SplitLimits = ROOMY, path: str = "note.md") -> list[Passage]:
    return [cut.passage for cut in passages_of(note_of(text, path), limits)]


def texts(text: str, limits: SplitLimits = ROOMY) -> list[str]:
    return [passage.text for passage in passages(text, limits)]


def check_places(note: Note, cuts: Sequence[SplitPassage]) -> None:
    """What holds of every cut of every note."""
    at = 0
    for passage in (cut.passage for cut in cuts):
        assert at <= passage.start < passage.end <= len(note.text)
        assert note.text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert passage.lines == (line_at(note.text, passage.start), line_at(note.text, passage.end - 1))
        at = passage.end
    ids = [cut.passage.id for cut in cuts]
    assert len(set(ids)) == len(ids)


def line_at(text: str, offset: int) -> int:
    """Counted the slow way: one more than the line ends (LF, CRLF, CR) before the character."""
    return 1 + len(re.findall(r"\r\n|\r|\n", text[:offset]))


def check_sizes(cuts: Sequence[SplitPassage], limits: SplitLimits) -> None:
    for cut in cuts:
        assert len(cut.words) <= limits.most + 1, cut.words
        assert len(cut.passage.text) <= limits.raw


# Offsets


@settings(max_examples=260)
@given(notes, st.sampled_from(LIMITS))
def test_passages_are_exact_slices_in_order_and_never_overlap(written: Written, limits: SplitLimits) -> None:
    note = note_of(written.text)
    check_places(note, passages_of(note, limits))


@settings(max_examples=260)
@given(chaos, st.sampled_from(LIMITS), st.sampled_from(["note.md", "note.txt"]))
def test_even_chaos_is_cut_into_exact_slices(text: str, limits: SplitLimits, path: str) -> None:
    note = note_of(text, path)
    check_places(note, passages_of(note, limits))


@given(st.text(), st.sampled_from(["note.md", "note.txt"]))
def test_any_text_at_all_is_cut_into_exact_slices(text: str, path: str) -> None:
    note = note_of(text, path)
    check_places(note, passages_of(note, TIGHT))


@pytest.mark.parametrize("limits", LIMITS)
def test_the_notes_that_come_with_the_program_are_cut_into_exact_slices(limits: SplitLimits) -> None:
    for note in read_all(SAMPLES):
        check_note(note, limits)


@pytest.mark.parametrize("limits", LIMITS)
def test_a_study_groups_own_notes_are_cut_into_exact_slices(shared: Path, limits: SplitLimits) -> None:
    for note in read_all(shared / "notes"):
        check_note(note, limits)


def check_note(note: Note, limits: SplitLimits) -> None:
    cuts = passages_of(note, limits)
    assert cuts
    check_places(note, cuts)
    check_sizes(cuts, limits)


def read_all(folder: Path) -> Iterator[Note]:
    vault = Vault(folder)
    for found in vault.walk():
        note = vault.read(found.path)
        assert isinstance(note, Note)
        yield note


@pytest.mark.parametrize(("line_end", "lines"), [("\n", [(1, 3), (5, 7)]), ("\r\n", [(1, 3), (5, 7)]), ("\r", [(1, 3), (5, 7)])])
def test_lines_are_counted_as_markdown_counts_them(line_end: str, lines: list[tuple[int, int]]) -> None:
    text = line_end.join(["# 一", "", "甲。", "", "# 二", "", "乙。", ""])
    assert [passage.lines for passage in passages(text)] == lines


def test_other_characters_that_break_lines_on_screens_do_not_count() -> None:
    assert [passage.lines for passage in passages("甲\u2028乙\x0c丙\x85丁\n\n# 二\n")] == [(1, 1), (3, 3)]


# Nothing is split that belongs together


@settings(max_examples=150)
@given(notes, st.sampled_from(LIMITS))
def test_no_sentence_row_or_code_block_under_the_limit_is_split(written: Written, limits: SplitLimits) -> None:
    cuts = texts(written.text, limits)
    small = [part for part in written.parts if len(part) + 20 <= limits.most]
    assert [part for part in small if not any(part in text for text in cuts)] == []


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("shape", ["```\n{}\n```", "$$\n{}\n$$", "{}", "- {}", "> {}"])
def test_a_block_that_fits_is_whole_however_little_room_its_neighbours_leave(shape: str, share: float) -> None:
    lines = int(ROOMY.most * share / 20)
    blocks = [shape.format("\n".join(f"{block}之{line}：这一行有字。" for line in range(lines))) for block in range(5)]
    cuts = texts("\n\n".join(blocks))
    assert [block for block in blocks if not any(block in text for text in cuts)] == []


def test_a_passage_of_much_markup_ends_before_it_gets_too_long() -> None:
    link = "[字](https://example.org/" + "x" * 200 + ")"
    cuts = passages_of(note_of("\n\n".join([link] * 40)))
    assert len(cuts) > 1
    check_sizes(cuts, ROOMY)


@settings(max_examples=80)
@given(notes)
def test_a_block_cut_into_sentences_keeps_each_sentence_whole(written: Written) -> None:
    """All pieces of the note in one paragraph, far over the limit."""
    parts = [part.replace("\r", " ").replace("\n", " ") for part in written.parts]
    sentences = [part for part in parts if part.endswith(("。", "！", "？", "。”", "！）")) and part.startswith("第")]
    cuts = texts("".join(sentences) * 4, TIGHT)
    assert [sentence for sentence in sentences if len(sentence) < 70 and not any(sentence in text for text in cuts)] == []


@given(notes, long_lines, st.sampled_from(LIMITS))
def test_passages_stay_within_their_limits(written: Written, line: str, limits: SplitLimits) -> None:
    note = note_of(f"{written.text}\n\n{line}\n\n- {line}\n\n| a |\n|---|\n| {line} |\n\n```\n{line}\n```\n")
    cuts = passages_of(note, limits)
    check_places(note, cuts)
    check_sizes(cuts, limits)


@given(long_lines, st.sampled_from(["{}", "- {}", "> {}", "# {}", "```\n{}\n```", "| a |\n|---|\n| {} |"]))
@example("👩\u200d🔬" * 400, "{}")
@example("e\u0301" * 700, "```\n{}\n```")
def test_what_is_too_long_is_never_cut_inside_a_character(line: str, shape: str) -> None:
    text = shape.format(line)
    for passage in passages(text):
        assert not is_inside_a_character(text, passage.start)
        assert not is_inside_a_character(text, passage.end)


def is_inside_a_character(text: str, at: int) -> bool:
    """Between two code points that are drawn as one."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    joined = "\u200d" in (before, after) or after == "\ufe0f" or "🏻" <= after <= "🏿"
    return joined or combining(after) > 0 or (before, after) == ("\r", "\n")


@given(long_lines)
def test_a_line_that_is_cut_loses_no_character(line: str) -> None:
    covered = "".join(texts(f"# 长\n\n{line}\n", TIGHT))
    assert without_blanks(covered) == without_blanks("# 长" + line)


def without_blanks(text: str) -> str:
    return "".join(text.split())


# Nothing is lost that a person reads


@settings(max_examples=150)
@given(notes, st.sampled_from(LIMITS))
def test_every_word_that_a_person_reads_is_in_a_passage(written: Written, limits: SplitLimits) -> None:
    covered = covered_by(passages(written.text, limits))
    for part in written.parts:
        start = written.text.index(part)
        lost = [at for at in range(start, start + len(part)) if written.text[at].isalnum() and at not in covered]
        assert not lost, part


@given(notes)
def test_the_front_matter_is_in_no_passage(written: Written) -> None:
    end = note_of(written.text).front.end
    assert all(passage.start >= end for passage in passages(written.text))


@pytest.mark.parametrize("limits", LIMITS)
def test_every_word_of_a_study_groups_own_notes_is_in_a_passage(shared: Path, limits: SplitLimits) -> None:
    for note in read_all(shared / "notes"):
        lost = uncovered_words(note, passages_of(note, limits))
        assert not lost, note.path


def test_every_word_of_the_notes_that_come_with_the_program_is_in_a_passage() -> None:
    for note in read_all(SAMPLES):
        assert not uncovered_words(note, passages_of(note)), note.path


def covered_by(found: Sequence[Passage]) -> set[int]:
    return {at for passage in found for at in range(passage.start, passage.end)}


UNREAD = re.compile(
    r"<(script|style|svg)\b.*?</\1>|<!--.*?-->|<[^<>]*>|\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|https?://[^\s)）]+"
    r"|!\[(?:图片|image|img)?[^\]\w]*\d*\]|^ {0,3}(`{3,}|~{3,})[^\n]*$",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)


def uncovered_words(note: Note, cuts: Sequence[SplitPassage]) -> list[str]:
    """Letters and digits outside every passage, but for markup, addresses and pictures."""
    unread = {at for match in UNREAD.finditer(note.text) for at in range(*match.span())}
    seen = covered_by([cut.passage for cut in cuts]) | unread | set(range(note.front.end))
    left = "".join(character if at not in seen else " " for at, character in enumerate(note.text))
    return re.findall(r"[^\W_]+", left)


# What stands above a passage


NESTED = """开场白。

# 一级

- 第一点：
  - 其一
    - 细节
- 第二点

## 二级

正文。

# 另一章

| 名称 | 值 |
|---|---|
| 甲 | 1 |
"""


def test_a_passage_knows_the_headings_above_it() -> None:
    assert [passage.heading for passage in passages(NESTED)] == [(), ("一级",), ("一级", "二级"), ("另一章",)]


def test_a_bullet_cut_from_its_list_knows_the_bullets_above_it() -> None:
    text = "# 章\n\n- 训练\n" + "\n".join(f"  - 第{at}步要做的事情，说得足够长，好让列表分开来。" for at in range(9))
    last = passages(text, TIGHT)[-1]
    assert last.heading == ("章",)
    assert last.parents == ("训练",)


def test_a_row_cut_from_its_table_knows_the_head_of_the_table() -> None:
    text = "| 模型 | 参数 |\n|---|---|\n" + "\n".join(f"| 模型{at} | {at}0 亿个参数，训练了很久 |" for at in range(20))
    assert passages(text, TIGHT)[-1].parents == ("模型 | 参数",)


def test_a_heading_stays_with_its_text() -> None:
    text = "\n\n".join(f"## 标题{at}\n\n" + f"这一节讲的是第{at}件事。" * 5 for at in range(8))
    for passage in passages(text, TIGHT):
        assert not re.fullmatch(r"#+ \S+", passage.text)


@pytest.mark.parametrize("lengths", [(40, 53, 33), (25, 45, 49), (11, 71, 28, 28)])
def test_a_line_that_announces_a_list_stays_with_its_first_bullet(lengths: tuple[int, ...]) -> None:
    before, *bullets = ("字" * length + "。" for length in lengths)
    text = f"{before}\n\n优点如下：\n\n" + "\n".join(f"- {bullet}" for bullet in bullets)
    assert any(f"优点如下：\n\n- {bullets[0]}" in cut for cut in texts(text, TIGHT))


def test_a_section_that_fits_is_one_passage() -> None:
    assert texts("# 甲\n\n一。\n\n- 二\n\n# 乙\n\n三。\n") == ["# 甲\n\n一。\n\n- 二", "# 乙\n\n三。"]


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "\ufeff", "\ufeff\n", "---\ntitle: 空\n---\n", "***\n", "<!-- 注释 -->\n", "![](a.png)\n", "> \n", "- \n"],
)
def test_a_note_without_words_has_no_passages(text: str) -> None:
    assert texts(text) == []


# What a passage is called


def test_a_passage_keeps_its_id_when_text_above_it_changes() -> None:
    before = {passage.text: passage.id for passage in passages("# 甲\n\n一。\n\n# 乙\n\n二。\n")}
    after = {passage.text: passage.id for passage in passages("# 新\n\n零。\n\n# 甲\n\n一！\n\n# 乙\n\n二。\n")}
    assert after["# 乙\n\n二。"] == before["# 乙\n\n二。"]
    assert after["# 甲\n\n一！"] != before["# 甲\n\n一。"]


def test_the_same_words_in_another_note_or_twice_in_one_are_other_passages() -> None:
    text = "# 甲\n\n一。\n\n# 甲\n\n一。\n"
    ids = [passage.id for path in ("a.md", "b.md") for passage in passages(text, path=path)]
    assert len(set(ids)) == 4


def test_the_same_words_have_the_same_digest_anywhere() -> None:
    assert passages("# 甲\n\n一。\n", path="a.md")[0].digest == passages("\n# 甲\n\n一。", path="b.md")[0].digest


def test_plain_text_is_cut_at_its_empty_lines() -> None:
    text = "# 不是标题\n- 不是列表\n\n" + "\n\n".join(f"第{at}段，" + "字" * 40 for at in range(4)) + "\n"
    found = passages(text, TIGHT, path="note.txt")
    assert found[0].text.startswith("# 不是标题\n- 不是列表")
    assert all(passage.heading == () for passage in found)
    assert len(found) > 1
