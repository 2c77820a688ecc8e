"""Every sentence that the bot says or the model is told, in Chinese and English, by name and values."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge.foreign_text import YamlProblem, parse_yaml

LANGUAGES = ("zh", "en")


class PromptProblem(Exception):
    """A prompt file is wrong; the message names the file, the entry and the remedy."""


class Prompts:
    """The entries of one file; an entry holds the same variables in both languages."""

    def __init__(self, file: str, entries: Mapping[str, Mapping[str, str]], version: int) -> None:
        self.file = file
        self.version = version
        self._entries = entries

    def say(self, name: str, language: str, **values: object) -> str:
        """The words of entry `name` with its variables filled in."""
        return self.raw(name, language).format(**values)

    def raw(self, name: str, language: str) -> str:
        """The words of entry `name` with its variables as they stand in the file."""
        return self._entries[name][language]

    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)


@cache
def load(name: str) -> Prompts:
    """Read and check `prompts/<name>.yaml`.

    Raises:
        PromptProblem: it is no YAML, a language is missing, or the two languages name different variables.
    """
    file = f"prompts/{name}.yaml"
    text = (files("prompts") / f"{name}.yaml").read_text(encoding="utf-8")
    return parse(file, text)


def parse(file: str, text: str) -> Prompts:
    """The checked entries of a prompt file's text."""
    try:
        values = parse_yaml(text)
    except YamlProblem as error:
        raise PromptProblem(f"{file}: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("version"), int):
        raise PromptProblem(f"{file}: begins with `version: NUMBER`, then one entry after the other")
    version = values.pop("version")
    for name, entry in values.items():
        _check(file, name, entry)
    return Prompts(file, values, version)


def _check(file: str, name: Any, entry: Any) -> None:
    if not isinstance(name, str):
        raise PromptProblem(f"{file}: {name!r}: YAML does not read this name as a text: choose another one")
    if not isinstance(entry, dict) or set(entry) != set(LANGUAGES) or not all(isinstance(text, str) for text in entry.values()):
        raise PromptProblem(f"{file}: {name}: needs a text for each of {', '.join(LANGUAGES)}, and nothing else")
    variables = {language: _variables(file, name, text) for language, text in entry.items()}
    if variables["zh"] != variables["en"]:
        odd = ", ".join(sorted(variables["zh"] ^ variables["en"]))
        raise PromptProblem(f"{file}: {name}: {{{odd}}} stands in one language only")


def _variables(file: str, name: str, text: str) -> set[str]:
    try:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise PromptProblem(f"{file}: {name}: {error} (write {{{{ and }}}} for a brace)") from error
