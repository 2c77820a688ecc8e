"""Rules of the code base that a reader relies on: one name for one thing, modules named by what they hold."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import REPOSITORY

PACKAGES = ("bot", "knowledge", "prompts")
FIELD_TERMS = {"embedding", "grounding", "logging", "setting", "string", "thing"}
"""Nouns that end like gerunds."""


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((REPOSITORY / package).rglob("*.py"))


def public_classes(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_no_public_class_name_is_defined_twice() -> None:
    times = Counter(name for path in modules() for name in public_classes(path))
    assert [name for name, count in times.items() if count > 1] == []


def test_docstrings_name_the_job_of_a_module() -> None:
    docstrings = ((path, ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "") for path in modules())
    assert [str(path) for path, said in docstrings if "goes in;" in said or "go in;" in said] == []


def test_modules_are_named_by_nouns() -> None:
    assert [path.name for path in modules() if path.stem.endswith("ing") and path.stem not in FIELD_TERMS] == []
