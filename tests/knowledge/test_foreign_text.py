from __future__ import annotations

import ast
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.question_files import asked
from bot.evaluation.conversations import conversations_in
from bot.evaluation.dataset import labelled_in
from bot.evaluation.run_history import RunHistory
from bot.memory.summarizer import parse as parse_summary
from bot.quiz.export import read_logs
from bot.settings import SettingsProblem, load_settings
from bot.settings.section import Problem
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


JSON_BOMBS = {
    "deep lists": "[" * 100_000,
    "deep mappings": '{"question": ' * 100_000,
    "a huge number": '{"id": ' + "9" * 10_000 + "}",
    "deep where words should be": '{"question": ' + "[" * 100_000,
}
READERS: dict[str, Callable[[Path], object]] = {
    "questions of eval": labelled_in,
    "conversations of eval": conversations_in,
    "kept runs": lambda file: RunHistory(file).all(),
    "questions of ask": lambda file: list(asked(Namespace(questions=file, question=None))),
    "review logs": lambda file: read_logs(file.read_bytes(), ()),
}


@pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))
@pytest.mark.parametrize("bomb", JSON_BOMBS.values(), ids=list(JSON_BOMBS))
def test_every_file_of_json_is_read_with_the_same_care(tmp_path: Path, bomb: str, read: Callable[[Path], object]) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(bomb)
    with pytest.raises(Problem) as caught:
        read(file)
    assert len(str(caught.value)) < 400 + len(str(file))
    assert "\n" not in str(caught.value)


def test_a_model_s_reply_of_brackets_alone_is_no_summary() -> None:
    assert parse_summary('{"a": ' * 5000) == {}


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
