"""A YAML file and the environment go in; checked settings come out, or one line that names the key and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

DEFAULT_FILE = Path("notesbot.yaml")


class Problem(Exception):
    """Something that ends a command; the message is one line for the person at the terminal, with the remedy."""


class SettingsProblem(Problem):
    """A setting or an option is wrong; the message names it."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Notes(Section):
    """Where the notes are and which files count."""

    folder: Path | None = None
    """The vault; without it, the sample notes."""
    ignore: tuple[str, ...] = ()
    """Patterns as in a .gitignore file, besides those in `.notesbotignore`."""
    largest: Annotated[int, Field(gt=0)] = 8 * 1024 * 1024
    """Bytes; larger files are skipped and reported."""


class Model(Section):
    """The chat model; without a name, answers are excerpts."""

    name: str = ""
    url: str = "http://127.0.0.1:11434"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    context: Annotated[int, Field(ge=0)] = 0
    """Tokens of the window; 0 asks the server."""
    answer_tokens: Annotated[int, Field(ge=64)] = 700
    """Reserved for the answer."""
    keep_alive: str = "30m"
    connect_s: Annotated[float, Field(gt=0)] = 3.0
    first_token_s: Annotated[float, Field(gt=0)] = 120.0
    """A cold model is loaded in this time."""
    silence_s: Annotated[float, Field(gt=0)] = 30.0
    """The longest pause between two tokens."""


class Embedding(Section):
    """The embedding model of the same Ollama server; without a name, the built-in one."""

    name: str = ""
    url: str = ""
    """Where it is served; the model's server when empty."""


class AnswerSettings(Section):
    """How answers look."""

    passages: Annotated[int, Field(ge=1, le=30)] = 6
    """The most passages that the model is given."""
    excerpts: Annotated[int, Field(ge=1, le=10)] = 5
    """The most sentences that are quoted when there is no model."""
    characters: Annotated[int, Field(ge=50)] = 400
    """The most characters that are quoted when there is no model."""
    length: Literal["short", "normal", "long"] = "normal"


class Memory(Section):
    """What is remembered of conversations."""

    on: bool = True
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


class Settings(BaseSettings):
    """Everything that can be set. `NOTESBOT_MODEL__NAME` in the environment sets `model.name`, and goes before the file."""

    model_config = SettingsConfigDict(env_prefix="NOTESBOT_", env_nested_delimiter="__", extra="forbid", frozen=True)

    language: Literal["zh", "en", "auto"] = "auto"
    """The language of the interface; `auto` follows the person."""
    data: Path | None = None
    """The folder for everything derived and the database; the platform's user data folder when not set."""
    notes: Notes = Notes()
    model: Model = Model()
    embedding: Embedding = Embedding()
    answer: AnswerSettings = AnswerSettings()
    memory: Memory = Memory()

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
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsProblem(_in_one_line(source, error)) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsProblem(f"{file}: no such file (--config names the settings file)") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsProblem(f"{file}: {' '.join(str(error).split())}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsProblem(f"{file}: not a list of `section:` entries")
    return values


def _in_one_line(file: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{file}: {key}: there is no such setting (the README lists them all)"
    variable = "NOTESBOT_" + "__".join(str(part).upper() for part in first["loc"])
    return f"{file}: {key}: {first['msg']}, not {first['input']!r} (also set by {variable})"
