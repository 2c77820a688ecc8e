from __future__ import annotations

from pathlib import Path

from tests.bot.cli.running import Program
from tests.bot.making import write

Where = tuple[str | Path, ...]
FORM = ["notes", "passages", "added", "changed", "removed", "skipped"]


def counts(one: dict[str, object]) -> tuple[object, ...]:
    return tuple(one[name] for name in ("notes", "added", "changed", "removed"))


async def test_the_report_as_json_has_the_stable_form(run: Program, where: Where, notes: Path) -> None:
    write(notes, {"picture.md": b"\x89PNG\r\n\x1a\n" + bytes(100), "坏.md": "---\ntitle: [\n---\n正文。\n"})
    ran = await run("index", "--json", *where)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    (one,) = ran.objects
    assert list(one)[:6] == FORM
    assert "seconds" in one
    assert counts(one) == (3, 3, 0, 0)
    assert one["skipped"] == [{"path": "picture.md", "why": "not text: it holds binary data"}]
    assert [problem["path"] for problem in one["problems"]] == ["坏.md"]
    assert "坏.md" in ran.out


async def test_a_second_run_reports_what_is_new_changed_and_gone(run: Program, where: Where, notes: Path) -> None:
    await run("index", *where)
    assert counts((await run("index", "--json", *where)).objects[0]) == (2, 0, 0, 0)
    write(notes, {"new.md": "# 新\n\n新的。\n", "tea.md": "# Tea\n\nCold now.\n"})
    (notes / "cooking" / "rice.md").unlink()
    assert counts((await run("index", "--json", *where)).objects[0]) == (2, 1, 1, 1)


async def test_for_people_the_report_is_a_line_and_a_line_for_each_note_that_was_skipped(
    run: Program, where: Where, notes: Path
) -> None:
    write(notes, {"picture.md": bytes(100)})
    ran = await run("index", *where)
    first, second = ran.out.splitlines()
    assert first.startswith("2 notes, 5 passages; 2 new, 0 changed, 0 removed, ")
    assert second == "  picture.md: not text: it holds binary data"
    assert ran.code == 0


async def test_an_empty_vault_ends_with_1_and_says_what_to_do(run: Program, vault: Path, data: Path) -> None:
    ran = await run("index", "--json", "--notes", vault, "--data", data)
    assert (ran.code, ran.objects[0]["notes"]) == (1, 0)
    assert ran.err == f"There are no notes yet: put .md files into {vault}.\n"
