"""The two lists of pinned versions say the same."""

from __future__ import annotations

import re

from tests.conftest import REPOSITORY

PIN = re.compile(r"^([\w.-]+)==([\w.+!-]+)", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    text = (REPOSITORY / "deploy" / name).read_text(encoding="utf-8")
    return {(re.sub(r"[-_.]+", "-", package).lower(), version) for package, version in PIN.findall(text)}


def test_what_has_digests_is_what_is_pinned() -> None:
    assert pins("requirements.txt") == pins("constraints.txt")


def test_every_pinned_version_has_a_digest() -> None:
    text = (REPOSITORY / "deploy" / "requirements.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
