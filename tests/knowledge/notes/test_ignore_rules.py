"""The patterns are git's own: where git is installed, its verdict on made-up patterns and paths is asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.notes.ignore_rules import MOST_PATTERNS, IgnoreProblem, IgnoreRules

PIECES = ("a", "b", "ab", "*", "**", "/", "?", "[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[[:alpha:]]", "\\*", ".", "-", "]")
NAMES = ("a", "b", "ab", "c", "a.b", "abc", "*", "-", "]", "a b", "A")
STARS = re.compile(r"[^/]\*\*|\*\*[^/*]")
"""Several stars beside other letters: what they mean is said nowhere, and differs among versions of git."""
patterns = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join).filter(lambda line: not STARS.search(line))
files = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("pattern", "ignored", "kept"),
    [
        ("草稿/", ["草稿/a.md", "x/草稿/a.md"], ["草稿.md"]),
        ("/a.md", ["a.md"], ["x/a.md"]),
        ("a/**/z.md", ["a/z.md", "a/b/c/z.md"], ["z.md", "b/a/z.md"]),
        ("a/**", ["a/b.md", "a/b/c.md"], ["a"]),
        ("*-*-??.md", ["2024-05-03.md"], ["2024.md", "2024-05.md"]),
        ("[!0-9]*.md", ["a1.md"], ["1a.md"]),
        ("\\#a.md", ["#a.md"], ["a.md"]),
        ("a\\ ", ["a "], ["a"]),
        ("a//b", [], ["a/b"]),
        ("a\\", [], ["a", "a\\"]),
    ],
)
def test_patterns_fit_as_in_git(pattern: str, ignored: list[str], kept: list[str]) -> None:
    rules = IgnoreRules([pattern])
    assert [path for path in (*ignored, *kept) if is_ignored(rules, path)] == ignored


def test_the_last_pattern_that_fits_decides() -> None:
    rules = IgnoreRules(["*.md", "!a*.md", "ab.md"])
    assert [path for path in ("a.md", "ab.md", "b.md") if is_ignored(rules, path)] == ["ab.md", "b.md"]


@pytest.mark.parametrize("lines", [["/"], ["!"], ["a" * 600], ["a"] * (MOST_PATTERNS + 1)])
def test_what_is_no_pattern_is_named(lines: list[str]) -> None:
    with pytest.raises(IgnoreProblem):
        IgnoreRules(lines)


def test_stars_cost_no_more_than_other_letters() -> None:
    rules = IgnoreRules(["*a" * 200 + "b", "**/a/" * 90 + "b"])
    assert not is_ignored(rules, "a" * 250)
    assert not is_ignored(rules, "a/" * 400 + "c")


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(patterns, min_size=1, max_size=3), paths=files)
def test_git_says_the_same(tmp_path: Path, lines: list[str], paths: list[str]) -> None:
    try:
        rules = IgnoreRules(lines)
    except IgnoreProblem:
        return
    assert {path for path in paths if is_ignored(rules, path)} == set(asked_of_git(tmp_path, lines, paths))


def asked_of_git(folder: Path, lines: list[str], paths: list[str]) -> Iterator[str]:
    if not (folder / ".git").exists():
        subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / ".gitignore").write_text("\n".join(lines) + "\n")
    command = ["git", "-C", str(folder), "check-ignore", "--no-index", "--stdin", "-z"]
    said = subprocess.run(command, input="".join(f"{path}\0" for path in paths), capture_output=True, text=True, check=False)
    yield from filter(None, said.stdout.split("\0"))


def is_ignored(rules: IgnoreRules, path: str) -> bool:
    """As the walk through a vault asks: what is in an ignored folder is ignored."""
    parts = path.split("/")
    folders = ("/".join(parts[:at]) for at in range(1, len(parts)))
    return any(rules.ignores(folder, is_folder=True) for folder in folders) or rules.ignores(path, is_folder=False)
