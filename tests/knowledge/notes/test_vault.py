from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from knowledge.notes import NoteFile, Vault, VaultProblem
from knowledge.types import Note, Skipped
from tests.knowledge.writing import write_notes

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need POSIX")


def found(folder: Path, **options: object) -> list[str]:
    """Paths of what may be a note."""
    return [file.path for file in Vault(folder, **options).walk() if isinstance(file, NoteFile)]


def skipped(folder: Path, **options: object) -> dict[str, str]:
    """Paths of what was passed over, and why."""
    return {file.path: file.why for file in Vault(folder, **options).walk() if isinstance(file, Skipped)}


def read(folder: Path, path: str) -> Note:
    note = Vault(folder).read(path)
    assert isinstance(note, Note)
    return note


# Which files are notes


def test_files_with_a_notes_suffix_are_found_in_a_fixed_order(vault: Path) -> None:
    write_notes(
        vault, dict.fromkeys(["b.md", "a.txt", "C.MD", "sub/d.markdown", "sub/deep/e.mdx", "a.py", "md", "x.md.bak"], "x")
    )
    assert found(vault) == ["C.MD", "a.txt", "b.md", "sub/d.markdown", "sub/deep/e.mdx"]
    assert skipped(vault) == {}


def test_an_empty_folder_has_no_notes(vault: Path) -> None:
    assert list(Vault(vault).walk()) == []


def test_size_and_time_tell_when_a_note_changes(vault: Path) -> None:
    write_notes(vault, {"a.md": "字"})
    os.utime(vault / "a.md", ns=(0, 123_456_789_000))
    assert list(Vault(vault).walk()) == [NoteFile(path="a.md", size=3, modified=123_456_789_000)]


def test_what_begins_with_a_dot_is_no_note(vault: Path) -> None:
    write_notes(
        vault, dict.fromkeys([".obsidian/a.md", ".git/b.md", ".trash/c.md", "d/.e/f.md", ".g.md", "node_modules/h.md"], "x")
    )
    assert found(vault) == []


@pytest.mark.parametrize(
    ("ignore", "kept"),
    [
        (("*.txt",), ["a.md", "drafts/b.md", "drafts/keep.md", "sub/drafts/c.md"]),
        (("drafts/",), ["a.md", "t.txt"]),
        (("/drafts/",), ["a.md", "sub/drafts/c.md", "t.txt"]),
        (("drafts/*", "!drafts/keep.md"), ["a.md", "drafts/keep.md", "sub/drafts/c.md", "t.txt"]),
        (("**/b.md",), ["a.md", "drafts/keep.md", "sub/drafts/c.md", "t.txt"]),
        (("*", "!a.md"), ["a.md"]),
        (("# a.md", ""), ["a.md", "drafts/b.md", "drafts/keep.md", "sub/drafts/c.md", "t.txt"]),
    ],
)
@pytest.mark.parametrize("where", ["settings", "file"])
def test_what_is_ignored_is_passed_over(vault: Path, ignore: tuple[str, ...], kept: list[str], where: str) -> None:
    write_notes(vault, dict.fromkeys(["a.md", "t.txt", "drafts/b.md", "drafts/keep.md", "sub/drafts/c.md"], "x"))
    if where == "file":
        write_notes(vault, {".notesbotignore": "\ufeff" + "\r\n".join(ignore)})
        ignore = ()
    assert found(vault, ignore=ignore) == kept


def test_the_file_in_the_vault_has_the_last_word(vault: Path) -> None:
    write_notes(vault, {"a.md": "x", "b.md": "x", ".notesbotignore": "!a.md"})
    assert found(vault, ignore=("*.md",)) == ["a.md"]


def test_a_folder_that_begins_with_a_dot_can_be_asked_for(vault: Path) -> None:
    write_notes(vault, {".private/a.md": "x", ".git/b.md": "x", ".notesbotignore": "!.private/"})
    assert found(vault) == [".private/a.md"]


def test_an_ignore_file_that_cannot_be_read_is_named(vault: Path) -> None:
    write_notes(vault, {"a.md": "x", ".notesbotignore": bytes(100)})
    with pytest.raises(VaultProblem, match=r"\.notesbotignore"):
        list(Vault(vault).walk())


def test_a_file_over_the_limit_is_reported(vault: Path) -> None:
    write_notes(vault, {"small.md": "x" * 10, "large.md": "x" * 11})
    assert found(vault, largest=10) == ["small.md"]
    assert "over the limit" in skipped(vault, largest=10)["large.md"]


def test_a_folder_with_a_notes_name_is_a_folder(vault: Path) -> None:
    write_notes(vault, {"folder.md/inside.md": "x"})
    assert found(vault) == ["folder.md/inside.md"]


@needs_links
def test_a_pipe_is_no_note(vault: Path) -> None:
    os.mkfifo(vault / "pipe.md")
    assert list(Vault(vault).walk()) == []


# Links


@needs_links
def test_a_link_within_the_vault_is_not_a_second_note(vault: Path) -> None:
    write_notes(vault, {"a.md": "x", "sub/b.md": "x"})
    (vault / "again.md").symlink_to("a.md")
    (vault / "sub/up.md").symlink_to("../a.md")
    assert list(found(vault)) == ["a.md", "sub/b.md"]
    assert skipped(vault) == {}


@needs_links
@pytest.mark.parametrize("target", ["../outside.md", "../outside", "/", "../nowhere.md"])
def test_a_link_that_leads_out_is_reported_and_not_followed(vault: Path, target: str) -> None:
    write_notes(vault.parent, {"outside.md": "秘密", "outside/in.md": "秘密"})
    (vault / "link.md").symlink_to(target)
    assert found(vault) == []
    assert "leads out" in skipped(vault)["link.md"]


@needs_links
@pytest.mark.parametrize("target", [".", "..", "../outside"])
def test_a_linked_folder_is_not_walked(vault: Path, target: str) -> None:
    write_notes(vault.parent, {"notes/a.md": "x", "outside/b.md": "秘密"})
    (vault / "folder").symlink_to(target)
    assert found(vault) == ["a.md"]


@needs_links
def test_a_vault_that_is_itself_a_link_is_walked(vault: Path) -> None:
    write_notes(vault, {"a.md": "x"})
    link = vault.with_name("link")
    link.symlink_to(vault)
    assert found(link) == ["a.md"]


# Names


@pytest.mark.parametrize("name", ["空 格.md", "新\n行.md", "e\u0301.md", "a'b\"c.md", "100%.md", "[x].md", "-n.md", "a..md"])
def test_odd_names_are_names(vault: Path, name: str) -> None:
    write_notes(vault, {name: "x"})
    assert found(vault) == [name]
    assert read(vault, name).path == name


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the file system takes Unicode only")
def test_a_name_that_is_not_unicode_is_reported(vault: Path) -> None:
    folder = vault / os.fsdecode(b"dir\xfe")
    folder.mkdir()
    for file in (vault / os.fsdecode(b"bad\xff.md"), vault / os.fsdecode(b"bad\xff.png"), folder / "in.md"):
        file.write_text("x")
    assert found(vault) == []
    assert list(skipped(vault)) == ["bad?.md", "dir?/in.md"]
    assert all("rename" in why for why in skipped(vault).values())


# The folder itself


def test_a_vault_that_is_missing_is_named(vault: Path) -> None:
    with pytest.raises(VaultProblem, match=r"no such folder: .*nowhere"):
        list(Vault(vault / "nowhere").walk())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(vault: Path) -> None:
    write_notes(vault, {"a.md": "x", "closed/b.md": "x", "c.md": "x"})
    (vault / "a.md").chmod(0)
    (vault / "closed").chmod(0)
    try:
        assert found(vault) == ["a.md", "c.md"]
        assert "cannot be read" in skipped(vault)["closed"]
        assert isinstance(Vault(vault).read("a.md"), Skipped)
    finally:
        (vault / "closed").chmod(0o700)


# Reading one note


def test_a_note_is_read_exactly_as_it_is_on_disk(vault: Path) -> None:
    text = "\ufeff---\r\ntitle: 题\r\n---\r\n一\r二\n\u00a0"
    write_notes(vault, {"sub/a.md": text})
    note = read(vault, "sub/a.md")
    assert (note.path, note.title, note.text) == ("sub/a.md", "题", text)
    assert note.front.title == "题"


def test_a_note_without_a_title_is_called_by_its_file(vault: Path) -> None:
    write_notes(vault, {"sub/注意力 v1.2.md": "x"})
    assert read(vault, "sub/注意力 v1.2.md").title == "注意力 v1.2"


def test_the_digest_is_of_the_bytes(vault: Path) -> None:
    write_notes(vault, {"a.md": "字", "b.md": "字", "c.md": "字\n", "d.md": "字".encode("gbk")})
    digests = [read(vault, path).digest for path in ("a.md", "b.md", "c.md", "d.md")]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_note_with_a_broken_header_is_kept(vault: Path) -> None:
    write_notes(vault, {"a.md": "---\ntitle: a: b\n---\n正文"})
    note = read(vault, "a.md")
    assert (note.title, note.text) == ("a", "---\ntitle: a: b\n---\n正文")
    assert note.front.problem


@pytest.mark.parametrize(
    ("data", "why"), [(bytes(100), "binary"), (("字" * 200).encode()[:-1], "broken UTF-8"), (b"\xff\xfea", "broken UTF-16")]
)
def test_what_cannot_be_decoded_is_skipped_with_the_reason(vault: Path, data: bytes, why: str) -> None:
    write_notes(vault, {"a.md": data})
    note = Vault(vault).read("a.md")
    assert isinstance(note, Skipped)
    assert why in note.why
    assert not note.passing


def test_a_note_that_is_gone_is_skipped(vault: Path) -> None:
    note = Vault(vault).read("gone.md")
    assert isinstance(note, Skipped)
    assert "cannot be read" in note.why
    assert not note.passing


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs a file that never has the size it says")
def test_a_file_that_is_never_the_same_twice_is_left_for_the_next_run() -> None:
    note = Vault(Path("/proc/self")).read("status")
    assert isinstance(note, Skipped)
    assert note.passing
