from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.settings import SettingsProblem, load_settings
from knowledge.foreign_text import YamlProblem, parse_yaml
from knowledge.notes import parse_front_matter
from knowledge.text.aliases import AliasFileBroken, parse_alias_file
from prompts import PromptProblem
from prompts import parse as parse_prompts

ROOT = Path(__file__).parents[2]
LEVELS = "".join(f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 9)}]\n" for at in range(9))
BOMBS = {
    "a few references on several levels": f"a: &a [lol, lol]\n{LEVELS}",
    "a value that refers to itself": "a: &a [*a, *a]\n",
    "merged mappings": "a: &a {k: v}\n" + "".join(f"{key}: &{key} {{<<: [*a, *a, *a, *a]}}\n" for key in "bcdefg") * 60,
    "deep lists": "a: " + "[" * 50_000,
    "deep mappings": "a: " + "{a: " * 50_000,
    "a huge number": f"a: {'9' * 10_000}\n",
    "far too long": "- a\n" * 200_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))
def test_what_stands_for_far_more_than_is_written_is_refused_in_one_short_line(bomb: str) -> None:
    with pytest.raises(YamlProblem) as caught:
        parse_yaml(bomb)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))
def test_every_file_that_somebody_writes_is_read_with_the_same_care(tmp_path: Path, bomb: str) -> None:
    file = tmp_path / "notesbot.yaml"
    file.write_text(bomb)
    with pytest.raises(SettingsProblem) as of_settings:
        load_settings(file)
    with pytest.raises(AliasFileBroken) as of_aliases:
        parse_alias_file(bomb)
    with pytest.raises(PromptProblem) as of_prompts:
        parse_prompts("words.yaml", bomb)
    said = [str(caught.value) for caught in (of_settings, of_aliases, of_prompts)]
    front = parse_front_matter(f"---\n{bomb}---\ntext")
    assert max(map(len, [*said, front.problem, *front.tags, front.title])) < 600


def test_ordinary_references_are_read() -> None:
    assert parse_yaml("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


def test_texts_stay_as_they_stand_when_asked_for() -> None:
    assert parse_yaml("title: 007\ndate: 2024-01-02\n", typed=False) == {"title": "007", "date": "2024-01-02"}


def test_no_other_module_reads_yaml() -> None:
    """A second loader would lack what this one refuses."""
    files = [file for package in ("bot", "knowledge", "prompts") for file in (ROOT / package).rglob("*.py")]
    readers = {file.name for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))) if imports_yaml(node)}
    assert readers == {"foreign_text.py"}


def imports_yaml(node: ast.AST) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    return "yaml" in names or (isinstance(node, ast.ImportFrom) and node.module == "yaml")
