"""Composition root: builds and wires the program's parts from options and settings. Only it knows every concrete class."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import FAILED, INTERRUPTED, MISUSED
from bot.markup import printable
from bot.settings import ModelSettings, Problem, Settings, SettingsProblem, load_settings
from bot.types import Language, language_of_locale
from knowledge.catalog import CatalogFull
from knowledge.notebook import Notebook
from knowledge.notes import Vault, VaultProblem
from knowledge.vectors import Embedder, HashedNgrams, OllamaEmbedder
from prompts import PromptProblem

if TYPE_CHECKING:
    from bot.commands.views import CommandViews
    from bot.llm import ChatModel
    from bot.memory import Memory
    from bot.rag import AnswerCache, AnswerStyle, Finder, SentMessages
    from bot.rag.pipeline import Assistant, Models
    from bot.storage import Database, TurnStore

SAMPLES = Path(__file__).parents[1] / "knowledge" / "samples"
STATE_FILE = "state.sqlite"
PRIVATE = 0o077
"""What people said is in all that is written here: no other account of the machine may read it."""
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything that answers a question."""

    settings: Settings
    notebook: Notebook
    state: TurnStore
    assistant: Assistant
    commands: CommandViews
    models: Models | None
    memory: Memory


def run(options: Namespace, command: Callable[[Namespace, Settings], Coroutine[Any, Any, int]]) -> int:
    """Run a command to its exit code; a known problem ends it with one line."""
    try:
        os.umask(PRIVATE)
        _begin_log()
        return asyncio.run(command(options, settings_of(options)))
    except (SettingsProblem, VaultProblem, PromptProblem) as problem:
        return _ended(problem, MISUSED)
    except CatalogFull as problem:
        return _ended(f"{problem} (free some space, or choose another folder with --data)", FAILED)
    except Problem as problem:
        return _ended(problem, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _begin_log() -> None:
    level = (os.environ.get("NOTESBOT_LOG") or "warning").upper()
    if level not in LOG_LEVELS:
        raise SettingsProblem(f"NOTESBOT_LOG: there is no level {level.lower()!r} ({', '.join(LOG_LEVELS).lower()})")
    # Below `info`, libraries log what is sent through them: statements with their values, requests with their prompts.
    logging.basicConfig(level="INFO" if level == "DEBUG" else level, format="%(levelname)s %(name)s: %(message)s")
    for own in ("bot", "knowledge", "prompts"):
        logging.getLogger(own).setLevel(level)
    for noisy in ("httpx", "chromadb", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_clean)


def _clean(record: logging.LogRecord) -> bool:
    """Take out of a record what a terminal would obey."""
    record.msg, record.args = printable(record.getMessage()), ()
    if record.exc_info and not record.exc_text:
        record.exc_text = logging.Formatter().formatException(record.exc_info)
    record.exc_text = record.exc_text and printable(record.exc_text)
    return True


def settings_of(options: Namespace) -> Settings:
    """The settings, with what the command line says on top."""
    settings = load_settings(options.config)
    named = options.notes or getattr(options, "folder", None)  # `chat` takes its folder without the option too
    notes = settings.notes.model_copy(update={"folder": named or settings.notes.folder})
    return settings.model_copy(update={"notes": notes, "data": options.data or settings.data})


def data_folder(settings: Settings) -> Path:
    """Where everything derived and the database lie."""
    if settings.data:
        return settings.data.expanduser().resolve()
    from platformdirs import user_data_path

    return user_data_path("notesbot", appauthor=False)


def build_notebook(settings: Settings) -> Notebook:
    """The notes; each vault has its own folder under the data folder."""
    notes = settings.notes
    vault = Vault(notes.folder or SAMPLES, ignore=notes.ignore, largest=notes.largest, base_url=notes.base_url)
    own = f"{vault.root.name or 'root'}-{blake2b(str(vault.root).encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"
    folder, enriched = data_folder(settings) / "notes" / own, settings.search.enrich
    return Notebook(vault, folder, embedder=_embedder(settings), enriched=enriched, limit_s=notes.limit_s)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Notebook, Models | None]]:
    """The notes and the models, without the database, closed at the end."""
    notebook, models = build_notebook(settings), models_of(settings.model)
    try:
        yield notebook, models
    finally:
        notebook.close()
        if models:
            await models.close()


def interface_language(settings: Settings) -> Language:
    """As set, or the language of the terminal's locale."""
    if settings.language != "auto":
        return settings.language
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return language_of_locale(locale)


def state_file(settings: Settings) -> Path | None:
    """The database's file; None for one on a server."""
    from bot.storage import file_of

    return file_of(settings.state.url) if settings.state.url else data_folder(settings) / STATE_FILE


async def open_database(settings: Settings, *, url: str = "") -> Database:
    """The one at `url`, or that of the settings: a server's, or a file in the data folder."""
    from bot.storage import Database

    address = url or settings.state.url
    return await (Database.open(address) if address else Database.open_file(data_folder(settings) / STATE_FILE))


@asynccontextmanager
async def build(settings: Settings, *, state_url: str = "") -> AsyncIterator[App]:
    """All parts, closed at the end."""
    from bot.commands.views import CommandViews
    from bot.memory import Memory
    from bot.rag import AnswerCache, SentMessages
    from bot.rag.pipeline import Assistant
    from bot.storage import TurnStore

    state = TurnStore(await open_database(settings, url=state_url))
    notebook = build_notebook(settings)
    models = models_of(settings.model)
    fast = models.fast if models else None
    cache, sent = AnswerCache(settings.answer.cache), SentMessages()
    memory = Memory(state.database, fast, settings.memory, forgotten=partial(_forget_answers, cache, sent))
    assistant = Assistant(
        notebook=notebook,
        state=state,
        models=models,
        manner=_style(settings),
        memory=memory,
        cache=cache,
        finder=finder_of(settings, notebook, fast),
        sent=sent,
    )
    commands = CommandViews(notebook=notebook, state=state)
    try:
        yield App(
            settings=settings,
            notebook=notebook,
            state=state,
            assistant=assistant,
            commands=commands,
            models=models,
            memory=memory,
        )
    finally:
        notebook.close()
        if models:
            await models.close()
        await state.close()


def _forget_answers(cache: AnswerCache, sent: SentMessages) -> None:
    """What somebody had forgotten is in no answer that was kept."""
    from bot.rag import forget_words

    cache.clear()
    sent.clear()
    forget_words()


def _style(settings: Settings) -> AnswerStyle:
    from bot.rag import AnswerStyle

    answer, model = settings.answer, settings.model
    return AnswerStyle(
        passages=answer.passages,
        excerpts=answer.excerpts,
        characters=answer.characters,
        length=answer.length,
        answer_tokens=model.answer_tokens,
        unsupported=answer.unsupported,
        first_words_s=model.first_words_s,
    )


def finder_of(settings: Settings, notebook: Notebook, model: ChatModel | None) -> Finder:
    """Who searches, with what the model is set to do for it."""
    from bot.rag import Finder

    return Finder(notebook, translator=model if settings.search.translate else None)


def models_of(settings: ModelSettings) -> Models | None:
    """The models that are named, each in a pool of its servers."""
    if not settings.name:
        return None
    from bot.rag.pipeline import Models

    key = _key(settings)
    deep = _pool(settings, settings.deep, key) if settings.deep else None
    return Models(
        fast=_pool(settings, settings.name, key),
        deep=deep,
        secrets=(key,) if key else (),
        deep_unasked=settings.deep_when == "auto",
    )


def _pool(settings: ModelSettings, name: str, key: str) -> ChatModel:
    from bot.llm import HostedModel, ModelPool, OllamaModel

    one = settings.model_copy(update={"name": name})
    urls = (settings.url, *settings.servers)
    local = settings.provider == "ollama"
    servers = [OllamaModel(one, url=url) if local else HostedModel(one, url, key) for url in urls]
    return ModelPool(servers, each=settings.each, queue=settings.queue)


def _key(settings: ModelSettings) -> str:
    """The key of the model's server, which never stands in the settings themselves."""
    if key := os.environ.get("NOTESBOT_MODEL_KEY", ""):
        return key
    if not settings.key_file:
        return ""
    try:
        return settings.key_file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsProblem(f"model.key_file: {settings.key_file}: cannot be read ({error})") from error


def _embedder(settings: Settings) -> Embedder:
    wanted = settings.embedding
    if not wanted.name:
        return HashedNgrams()
    return OllamaEmbedder(model=wanted.name, url=wanted.url or settings.model.url)


def _ended(problem: object, code: int) -> int:
    print(printable(f"notesbot: {problem}"), file=sys.stderr)
    return code
