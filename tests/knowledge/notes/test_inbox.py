from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.notes import InboxProblem, NoteInbox, Vault, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("tea.md", "tea.md"),
        ("../../etc/passwd", "passwd.md"),
        ("C:\\notes\\tea.MD", "tea.md"),
        (".hidden.md", "hidden.md"),
        ("con.md", "note con.md"),
        ("..", "note.md"),
        ("", "note.md"),
        ("a\x00b\u202ec.md", "a b c.md"),
        ("茶" * 200 + ".md", "茶" * 80 + ".md"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_whatever_the_name_it_is_one_visible_file_in_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 250
    assert safe.endswith(".md")


def test_a_folder_that_leads_out_of_the_vault_is_refused(tmp_path: Path) -> None:
    vault, outside = tmp_path / "vault", tmp_path / "outside"
    for folder in (vault, outside):
        folder.mkdir()
    (vault / "link").symlink_to(outside)
    for folder in ("link", "link/below", "../outside", str(outside), ".git"):
        with pytest.raises(InboxProblem, match=r"notes\.inbox"):
            NoteInbox(Vault(vault), folder).add("tea.md", b"# Tea\n")
    assert list(outside.iterdir()) == []


def test_a_link_of_that_name_is_not_written_through(tmp_path: Path) -> None:
    vault, outside = tmp_path / "vault", tmp_path / "outside.md"
    (vault / "inbox").mkdir(parents=True)
    (vault / "inbox" / "tea.md").symlink_to(outside)
    assert NoteInbox(Vault(vault), "inbox").add("tea.md", b"# Tea\n") == "inbox/tea 2.md"
    assert not outside.exists()


def test_what_is_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    inbox = NoteInbox(Vault(tmp_path, largest=10), "inbox")
    for data in (b"x" * 11, b"\x00\x01\x02\xff"):
        with pytest.raises(InboxProblem):
            inbox.add("tea.md", data)
    assert list(tmp_path.rglob("*.md")) == []
