from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands.sources import AROUND, link_to, show
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.bot.making import NOTES, citation

RICE = NOTES["cooking/rice.md"]
COLD = "炒饭要用隔夜的冷饭，油要烧热。"


def at(text: str, note: str = RICE, path: str = "cooking/rice.md") -> dict[str, object]:
    return {"path": path, "start": note.index(text), "end": note.index(text) + len(text), "text": text}


async def test_an_excerpt_is_shown_with_the_lines_around_it(notebook: Notebook) -> None:
    shown = await show(citation(**at(COLD)), notebook)
    assert shown.citation.text == COLD
    assert (shown.before, shown.after) == ("## 炒饭\n\n", "\n- 先炒鸡蛋")
    assert (shown.changed, shown.gone) == (False, "")


async def test_what_is_shown_stands_so_in_the_file(notebook: Notebook) -> None:
    shown = await show(citation(**at("先炒鸡蛋")), notebook)
    assert shown.before + shown.citation.text + shown.after in RICE
    assert shown.before.endswith("- ")


async def test_the_first_and_the_last_words_of_a_note_have_one_side_only(notebook: Notebook) -> None:
    first = await show(citation(**at("# 米饭")), notebook)
    final = await show(citation(**at("小火煮一小时。\n")), notebook)
    assert (first.before, final.after) == ("", "")
    assert first.after.strip()
    assert final.before.strip()


async def test_front_matter_is_no_context(notebook: Notebook) -> None:
    shown = await show(citation(**at("Green tea", NOTES["tea.md"], "tea.md")), notebook)
    assert shown.before == "# Brewing\n\n"
    top = await show(citation(**at("# Brewing", NOTES["tea.md"], "tea.md")), notebook)
    assert top.before.strip() == ""


async def test_of_long_lines_the_nearer_part_is_shown(notes: Path, notebook: Notebook) -> None:
    long = "前" * 500 + "要点" + "后" * 500
    (notes / "long.md").write_text(long, encoding="utf-8")
    shown = await show(citation(**at("要点", long, "long.md")), notebook)
    assert (shown.before, shown.after) == ("前" * AROUND, "后" * AROUND)


async def test_an_excerpt_of_a_note_that_has_changed_is_the_one_that_was_kept(notes: Path, notebook: Notebook) -> None:
    (notes / "cooking/rice.md").write_text("# 米饭\n\n现在写的是别的。\n", encoding="utf-8")
    shown = await show(citation(**at(COLD)), notebook)
    assert (shown.changed, shown.gone, shown.citation.text) == (True, "", COLD)
    assert (shown.before, shown.after) == ("", "")


async def test_a_change_elsewhere_in_the_note_does_not_matter(notes: Path, notebook: Notebook) -> None:
    (notes / "cooking/rice.md").write_text(RICE + "\n新的一段。\n", encoding="utf-8")
    assert not (await show(citation(**at(COLD)), notebook)).changed


async def test_an_excerpt_of_a_note_that_is_gone_is_still_shown(notes: Path, notebook: Notebook) -> None:
    (notes / "cooking/rice.md").unlink()
    shown = await show(citation(**at(COLD)), notebook)
    assert shown.citation.text == COLD
    assert "cannot be read" in shown.gone
    assert not shown.changed


@pytest.mark.parametrize("end", ["\r\n", "\n"])
async def test_line_ends_do_not_move_the_context(vault: Path, data: Path, end: str) -> None:
    text = end.join(["# 标题", "", "上一行。", "这一行。", "下一行。", "再下一行。", ""])
    (vault / "a.md").write_bytes(text.encode("utf-8"))
    shown = await show(citation(**at("这一行。", text, "a.md")), Notebook(Vault(vault), data))
    assert (shown.before.split(), shown.after.split()) == (["上一行。"], ["下一行。"])


@pytest.mark.parametrize(
    ("path", "heading", "address"),
    [
        ("cooking/rice.md", ("米饭", "炒饭"), "https://notes.example/cooking/rice.md#%E7%82%92%E9%A5%AD"),
        ("a b/c#d?.md", (), "https://notes.example/a%20b/c%23d%3F.md"),
        ("tea.md", ("How hot? (80 °C)",), "https://notes.example/tea.md#how-hot-80-c"),
    ],
)
def test_a_link_leads_to_the_heading_whatever_stands_in_names(path: str, heading: tuple[str, ...], address: str) -> None:
    assert link_to(citation(path=path, heading=heading), "https://notes.example") == address


async def test_a_source_has_a_link_where_the_notes_have_an_address_and_the_note_is_there(notes: Path, data: Path) -> None:
    notebook = Notebook(Vault(notes, base_url="https://notes.example/main/"), data)
    there = await show(citation(**at(COLD)), notebook)
    gone = await show(citation(path="gone.md"), notebook)
    notebook.close()
    assert there.link.startswith("https://notes.example/main/cooking/rice.md")
    assert gone.link == ""
