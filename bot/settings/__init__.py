"""Settings from a YAML file and the environment, checked; an error is one line that names the key and the remedy."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bot.settings.platforms import (
    AccessRules,
    AccessSettings,
    DiscordSettings,
    LimitSettings,
    PlatformSections,
    PlatformSettings,
    RunSettings,
    TelegramSettings,
    ThreadSettings,
    WebhookSettings,
)
from bot.settings.proxy import Proxy, proxy_for
from bot.settings.secrets import is_open_to_others, refuse_written_tokens, scrub, token_of
from bot.settings.section import Duration, Folder, Ids, PlatformProblem, Problem, SettingsProblem, SettingsSection, Timezone, Url
from knowledge.foreign_text import parse_yaml

__all__ = [
    "AccessRules",
    "AccessSettings",
    "AnswerSettings",
    "DiscordSettings",
    "EmbeddingSettings",
    "Ids",
    "LimitSettings",
    "MemorySettings",
    "ModelSettings",
    "NoteSettings",
    "PlatformProblem",
    "PlatformSettings",
    "Problem",
    "Proxy",
    "RunSettings",
    "SearchSettings",
    "Settings",
    "SettingsProblem",
    "SettingsSection",
    "TelegramSettings",
    "ThreadSettings",
    "WebhookSettings",
    "is_open_to_others",
    "load_settings",
    "proxy_for",
    "scrub",
    "token_of",
]
DEFAULT_FILE = Path("notesbot.yaml")
PREFIX = "NOTESBOT_"


class NoteSettings(SettingsSection):
    """Where the notes are and which files count."""

    folder: Path | None = None
    """The vault; without it, the sample notes."""
    ignore: tuple[str, ...] = ()
    """Patterns as in a .gitignore file, besides those in `.notesbotignore`."""
    largest: Annotated[int, Field(gt=0)] = 8 * 1024 * 1024
    """Bytes; larger files are skipped and reported."""
    limit_s: Annotated[float, Field(ge=0)] = 10.0
    """Seconds in which a note must be read, and 20 for each megabyte of it; one that takes longer is skipped and reported. Notes
    are read in a process of their own for it; 0 reads them without."""
    watch_s: Annotated[float, Field(ge=0)] = 30.0
    """Seconds between two looks for changes while bots run; 0 never looks again."""
    base_url: Url = ""
    """The address under which the folder can be read with a browser; sources then carry a link to their note."""
    inbox: Folder = ""
    """A folder in the notes that admins may add Markdown files to from a chat; off when empty."""


class ModelSettings(SettingsSection):
    """The chat model; without a name, answers are excerpts."""

    name: str = ""
    url: Annotated[Url, Field(min_length=1)] = "http://127.0.0.1:11434"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    context: Annotated[int, Field(ge=0)] = 0
    """Tokens of the window; 0 asks the server."""
    answer_tokens: Annotated[int, Field(ge=64)] = 700
    """Reserved for the answer."""
    keep_alive: Duration = "30m"
    """How long Ollama keeps the model in memory: a duration as in Go, or seconds; -1 means for ever."""
    connect_s: Annotated[float, Field(gt=0)] = 3.0
    first_words_s: Annotated[float, Field(ge=0)] = 10.0
    """Seconds in which the model is to begin its answer: it is given no more to read than it can by then; 0 for no limit."""
    first_token_s: Annotated[float, Field(gt=0)] = 120.0
    """A cold model is loaded in this time."""
    silence_s: Annotated[float, Field(gt=0)] = 30.0
    """The longest pause between two tokens."""
    total_s: Annotated[float, Field(gt=0)] = 600.0
    """The longest time for a whole answer."""
    deep: str = ""
    """A second model, for `/think`; slower and better than the first."""
    deep_when: Literal["asked", "auto"] = "asked"
    """`auto`: the second model answers unasked too, when little was found or the question has several parts."""
    provider: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")] = "ollama"
    """`openai` is any server with OpenAI's API (vLLM, llama.cpp; the extra `openai`); or any other that LangChain knows."""
    servers: tuple[Url, ...] = ()
    """Further servers with the same models; the least busy one answers."""
    each: Annotated[int, Field(ge=1)] = 4
    """Answers that a server writes at once."""
    queue: Annotated[int, Field(ge=0)] = 50
    """Questions that may wait for a server; more are answered by excerpts."""
    key_file: Path | None = None
    """The file that holds the key of an OpenAI-compatible server; `NOTESBOT_MODEL_KEY` goes before it."""


class EmbeddingSettings(SettingsSection):
    """The embedding model of the same Ollama server; without a name, the built-in one."""

    name: str = ""
    url: Url = ""
    """Where it is served; the model's server when empty."""


class SearchSettings(SettingsSection):
    """What the chat model does for a search; without a model, or when it is slow, the search goes on by rules."""

    translate: bool = False
    """Search in the other language too: one more short answer of the model for each question."""
    enrich: bool = False
    """Index what the model wrote about each passage (`notesbot enrich`)."""


class AnswerSettings(SettingsSection):
    """How answers look."""

    passages: Annotated[int, Field(ge=1, le=30)] = 6
    """The most passages that the model is given."""
    excerpts: Annotated[int, Field(ge=1, le=10)] = 5
    """The most sentences that are quoted when there is no model."""
    characters: Annotated[int, Field(ge=50)] = 600
    """The most characters that are quoted when there is no model."""
    length: Literal["short", "normal", "long"] = "normal"
    cache: Annotated[int, Field(ge=0)] = 500
    """Answers that are kept in memory to be given again."""
    unsupported: Literal["strict", "marked", "off"] = "strict"
    """A sentence that nothing in the notes supports is left out, marked as such, or shown; in groups it is always left out."""


class MemorySettings(SettingsSection):
    """What is remembered of conversations."""

    enabled: bool = True
    """False: turns are kept for `/source` and follow-ups only."""
    keep_days: Annotated[int, Field(ge=0)] = 0
    """Turns and what was made of them are deleted after so many days; 0 keeps them."""
    turns: Annotated[int, Field(ge=100)] = 20_000
    """The most turns of one chat that are kept; the oldest go first."""
    items: Annotated[int, Field(ge=10)] = 200
    """The most that is remembered of one person in one chat."""
    frame: Annotated[int, Field(ge=2, le=20)] = 6
    """Turns that are summarised together."""
    quiet_s: Annotated[float, Field(ge=0)] = 3.0
    """The model summarises when nobody has asked anything for so long."""


class QuizSettings(SettingsSection):
    """How flashcards are asked; each person may set their own."""

    timezone: Timezone = ""
    """An IANA name such as Asia/Shanghai; this machine's when empty."""
    new_per_day: Annotated[int, Field(ge=0, le=999)] = 10
    retention: Annotated[float, Field(ge=0.7, le=0.97)] = 0.9
    """The share of due cards that people want to remember."""
    group_seconds: Annotated[int, Field(ge=5, le=600)] = 20
    """How long a question of a group quiz is open."""
    judge: bool = True
    """Have the model look at typed answers that plain comparison does not find right."""


class StorageSettings(SettingsSection):
    """Where turns, memory, cards and permissions are kept."""

    url: str = ""
    """An SQLAlchemy URL such as `postgresql+psycopg://notesbot@db/notesbot`; a file in the data folder when empty."""


class Settings(PlatformSections, BaseSettings):
    """Everything that can be set. `NOTESBOT_MODEL__NAME` in the environment sets `model.name`, and goes before the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    language: Literal["zh", "en", "auto"] = "auto"
    """The language of the interface; `auto` follows the person."""
    data: Path | None = None
    """The folder for everything derived and the database; the platform's user data folder when not set."""
    state: StorageSettings = StorageSettings()
    notes: NoteSettings = NoteSettings()
    model: ModelSettings = ModelSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    answer: AnswerSettings = AnswerSettings()
    memory: MemorySettings = MemorySettings()
    search: SearchSettings = SearchSettings()
    access: AccessSettings = AccessSettings()
    limits: LimitSettings = LimitSettings()
    run: RunSettings = RunSettings()
    quiz: QuizSettings = QuizSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file, whose values come in as arguments."""
        return env_settings, init_settings


def load_settings(file: Path | None = None) -> Settings:
    """Read `file` (or `notesbot.yaml` here, if there is one) and the environment.

    Raises:
        SettingsProblem: the file is missing or broken, a key is unknown, or a value is wrong.
    """
    source = file or DEFAULT_FILE
    values = _read(source) if file or source.exists() else {}
    refuse_written_tokens(source, values)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsProblem(_in_one_line(source, error)) from None  # its traceback would hold what the environment holds
    except SettingsError as error:
        raise SettingsProblem(_no_json(error)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        values = parse_yaml(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsProblem(f"{file}: no such file (--config names the settings file)") from error
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or no YAML that may be read
        raise SettingsProblem(f"{file}: {' '.join(str(error).split())}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsProblem(f"{file}: not a list of `section:` entries")
    for key in values:
        if key not in Settings.model_fields:
            raise SettingsProblem(_no_such(file, key))
    return values


def _in_one_line(file: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _no_such(file, key)
    variable = PREFIX + "__".join(str(part).upper() for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    given = "" if first["type"] == "value_error" else f", not {first['input']!r}"
    if any(name.upper() == variable and value for name, value in os.environ.items()):  # it goes before the file
        return scrub(f"{variable}: {said}{given} (it sets {key})")
    return scrub(f"{file}: {key}: {said}{given} (also set by {variable})")


def _no_such(file: Path, key: object) -> str:
    return f"{file}: {key}: there is no such setting (the README lists them all)"


def _no_json(error: SettingsError) -> str:
    """A variable for a whole section or a list, which pydantic wants as JSON; it names the section only."""
    found = re.search(r'field "(\w+)"', str(error))
    section = found[1] if found else ""
    variables = sorted(name for name in os.environ if name.upper().startswith(PREFIX + section.upper()))
    return f"{', '.join(variables)}: {section} is set by JSON (a list: [1, 2]), or key by key as in {PREFIX}MODEL__NAME=qwen3:8b"
