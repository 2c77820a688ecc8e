"""The prompt files, and a rule of the code base: what the code says stands in them, with the variables that they name."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import prompts
from prompts import LANGUAGES, PromptProblem

REPOSITORY = Path(__file__).parents[2]
FILES = sorted(file.stem for file in (REPOSITORY / "prompts").glob("*.yaml"))
ENTRIES = [(file, name) for file in FILES for name in prompts.load(file).names()]


def variables(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("file", "name"), ENTRIES)
def test_every_entry_is_said_in_both_languages_with_its_values_filled_in(file: str, name: str, language: str) -> None:
    words = prompts.load(file)
    values = {variable: f"<value of {variable}>" for variable in variables(words.raw(name, language))}
    said = words.say(name, language, **values)
    assert said.strip()
    assert all(value in said for value in values.values())
    assert "{" not in said
    assert "}" not in said


@pytest.mark.parametrize(("file", "name"), ENTRIES)
def test_chinese_entries_are_chinese_and_english_ones_are_not(file: str, name: str) -> None:
    words = prompts.load(file)
    chinese = {language: any("\u4e00" <= letter <= "\u9fff" for letter in words.raw(name, language)) for language in LANGUAGES}
    assert chinese == {"zh": True, "en": False}


def test_values_with_braces_are_taken_as_they_are() -> None:
    assert prompts.load("texts").say("nothing_found", "en", words="{x} {") == 'Nothing in the notes matches "{x} {".'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nhello: {zh: 你好", "made-up.yaml: line "),
        ("", "made-up.yaml: begins with `version: NUMBER`"),
        ("- 1\n", "made-up.yaml: begins with `version: NUMBER`"),
        ("hello: {zh: 你好, en: Hello}\n", "made-up.yaml: begins with `version: NUMBER`"),
        ("version: one\n", "made-up.yaml: begins with `version: NUMBER`"),
        ("version: 1\nyes: {zh: 是, en: Yes}\n", "made-up.yaml: True: YAML does not read this name as a text"),
        ("version: 1\nhello: {zh: 你好}\n", "made-up.yaml: hello: needs a text for each of zh, en"),
        ("version: 1\nhello: {zh: 你好, en: Hello, fr: Salut}\n", "made-up.yaml: hello: needs a text for each of zh, en"),
        ("version: 1\nhello: {zh: 你好, en: 7}\n", "made-up.yaml: hello: needs a text for each of zh, en"),
        ("version: 1\nhello: {zh: 你好, en: }\n", "made-up.yaml: hello: needs a text for each of zh, en"),
        ("version: 1\nhello: 你好\n", "made-up.yaml: hello: needs a text for each of zh, en"),
        ("version: 1\nhello:\n  zh: '{name}你好'\n  en: Hello\n", "made-up.yaml: hello: {name} stands in one language only"),
        ("version: 1\nhello:\n  zh: '{a} {b}'\n  en: '{b} {c}'\n", "made-up.yaml: hello: {a, c} stands in one language only"),
        ("version: 1\nhello:\n  zh: '{你好'\n  en: Hello\n", "made-up.yaml: hello: "),
        ("version: 1\nhello:\n  zh: 你好\n  en: 'Hello}'\n", "made-up.yaml: hello: "),
    ],
)
def test_a_broken_file_is_refused_with_the_file_and_the_entry(text: str, said: str) -> None:
    with pytest.raises(PromptProblem) as caught:
        prompts.parse("made-up.yaml", text)
    assert str(caught.value).startswith(said)


def test_a_lone_brace_is_refused_with_the_remedy() -> None:
    with pytest.raises(PromptProblem, match=r"write \{\{ and \}\} for a brace"):
        prompts.parse("made-up.yaml", "version: 1\nhello:\n  zh: '{'\n  en: Hello\n")


def test_a_good_file_has_a_version_and_its_entries() -> None:
    words = prompts.parse("made-up.yaml", "version: 7\nhello: {zh: '你好，{who}', en: 'Hello {who}'}\n")
    assert (words.version, words.names(), words.say("hello", "zh", who="安")) == (7, ("hello",), "你好，安")


# What the code says


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A place in the code that says an entry by name."""

    where: str
    name: str
    files: frozenset[str]
    """The prompt files that this module reads; `texts` where it reads none itself."""
    values: frozenset[str] | None
    """The variables that it fills in, where the code shows them."""


def said_in_code() -> Iterator[Said]:
    for module in sorted([*(REPOSITORY / "bot").rglob("*.py"), *(REPOSITORY / "knowledge").rglob("*.py")]):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        files = frozenset(_first(call) for call in calls if _called(call) == "load") & frozenset(FILES) or frozenset({"texts"})
        if any(isinstance(node, ast.ImportFrom) and node.module == "bot.middleware.admission" for node in ast.walk(tree)):
            files |= {"access"}  # its `say` reads this file
        for call in calls:
            where = f"{module.relative_to(REPOSITORY)}:{call.lineno}"
            if _called(call) in ("say", "_say") and _first(call):
                values = {keyword.arg for keyword in call.keywords}
                known = None if None in values else frozenset(str(value) for value in values)
                yield Said(where=where, name=_first(call), files=files | {"texts"}, values=known)
            if _called(call) == "Finding":
                named = {keyword.arg: keyword.value for keyword in call.keywords}
                keys = named["values"].keys if isinstance(named["values"], ast.Dict) else []
                values = frozenset(key.value for key in keys if isinstance(key, ast.Constant))
                for name in _names(named["name"]):
                    yield Said(where=where, name=name, files=frozenset({"doctor"}), values=values)


@cache
def said_by_prefix() -> set[str]:
    """Beginnings of names that the code completes: `length_` of `say(f"length_{length}")`."""
    parts = [
        node.args[0].values[0]
        for module in (REPOSITORY / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and _called(node) in ("say", "_say")
        and node.args
        and isinstance(node.args[0], ast.JoinedStr)
    ]
    return {str(part.value) for part in parts if isinstance(part, ast.Constant)}


def _names(said: ast.expr) -> Iterator[str]:
    """The name that the code gives, or all names that it may complete: those of `f"proxy_{via}"`."""
    if isinstance(said, ast.JoinedStr):
        beginning = str(ast.literal_eval(said.values[0]))
        yield from (name for name in prompts.load("doctor").names() if name.startswith(beginning))
    else:
        yield ast.literal_eval(said)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _first(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def entry(said: Said) -> str:
    """The words in the first of the files that has the entry; empty when none has it."""
    found = (prompts.load(file).raw(said.name, "en") for file in said.files if said.name in prompts.load(file).names())
    return next(found, "")


def test_the_scan_sees_what_the_code_says() -> None:
    names = {said.name for said in said_in_code()}
    assert {"system", "no_model", "welcome", "needs_words", "server_down", "all_well", "indexed"} <= names
    assert {"length_", "receipt_", "command_", "tw_"} <= said_by_prefix()


def test_every_name_that_the_code_says_stands_in_a_prompt_file() -> None:
    assert [f"{said.where}: {said.name}" for said in said_in_code() if not entry(said)] == []


def test_the_code_fills_in_every_variable_and_no_other() -> None:
    wrong = [
        f"{said.where}: {said.name}"
        for said in said_in_code()
        if said.values is not None and entry(said) and said.values != variables(entry(said))
    ]
    assert wrong == []


def test_every_name_that_the_code_completes_is_there_for_each_setting() -> None:
    from bot.settings import AnswerSettings

    lengths = AnswerSettings.model_fields["length"].annotation
    assert {f"length_{length}" for length in lengths.__args__} <= set(prompts.load("answer").names())  # type: ignore[union-attr]


def test_the_code_says_every_entry() -> None:
    names = {one.name for one in said_in_code()} | constants()
    unsaid = [f"{file}: {name}" for file, name in ENTRIES if name not in names and not name.startswith(tuple(said_by_prefix()))]
    assert unsaid == []


def constants() -> set[str]:
    """Every text in the code: names of entries are also chosen by conditions and kept in tables."""
    trees = [ast.parse(module.read_text(encoding="utf-8")) for module in (REPOSITORY / "bot").rglob("*.py")]
    return {
        node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
