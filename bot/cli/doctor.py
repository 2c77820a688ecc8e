"""`notesbot doctor`: looks at everything an answer needs, and says for each fault what to type."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from importlib import import_module

import prompts
from bot import DONE, FAILED
from bot.app import build_notebook, data_folder, interface_language, open_database, run
from bot.cli.permissions import close_to_others, open_to_others
from bot.llm import ModelUnavailable, NoServer, OllamaServer, without_password
from bot.settings import Settings, SettingsProblem, token_of
from bot.types import Finding
from knowledge.catalog import CatalogBroken, CatalogFull
from knowledge.notebook import Notebook
from knowledge.notes import VaultProblem
from knowledge.types import Skipped

SMALL_WINDOW = 4096
"""Tokens; below this a prompt holds three or four passages."""


def main(options: Namespace) -> int:
    return run(options, _doctor)


async def _doctor(options: Namespace, settings: Settings) -> int:
    from bot.platforms.terminal.renderer import console

    words, language = prompts.load("doctor"), interface_language(settings)
    screen = console()
    faults = 0
    async for finding in _findings(settings, fix=options.fix):
        faults += finding.fault
        sign = "[red]✗[/red]" if finding.fault else "[green]✓[/green]"
        screen.print(sign, end=" ")
        screen.print(words.say(finding.name, language, **finding.values), markup=False, soft_wrap=True)
    screen.print(words.say("faults", language, count=faults) if faults else words.say("all_well", language))
    return FAILED if faults else DONE


async def _findings(settings: Settings, *, fix: bool) -> AsyncIterator[Finding]:
    for finding in _permissions(settings, fix=fix):
        yield finding
    for looks in (_notes, _state, _models, _doors, _platforms):
        async for finding in looks(settings):
            yield finding


def _permissions(settings: Settings, *, fix: bool) -> Iterator[Finding]:
    """Folders and files that were made by an older version, or by hand."""
    folder = data_folder(settings)
    found = open_to_others(folder)
    if not found:
        return
    count = len(found)
    if not fix:
        yield Finding(name="files_open", values={"count": count, "folder": folder, "options": _options(settings)}, fault=True)
        return
    try:
        close_to_others(found)
    except OSError as error:
        why = error.strerror or error
        yield Finding(name="files_stay_open", values={"count": count, "folder": folder, "why": why}, fault=True)
    else:
        yield Finding(name="files_closed", values={"count": count, "folder": folder})


def _options(settings: Settings) -> str:
    """What a command that is to be typed needs to find the same data."""
    return f" --data {shlex.quote(str(settings.data))}" if settings.data else ""


async def _notes(settings: Settings) -> AsyncIterator[Finding]:
    notebook = build_notebook(settings)
    with closing(notebook):
        try:
            files = list(notebook.vault.walk())
        except VaultProblem as problem:
            yield Finding(name="notes_bad", values={"why": problem}, fault=True)
            return
        for file in files:
            if isinstance(file, Skipped) and not file.expected:
                yield Finding(name="notes_skipped", values={"path": file.path, "why": file.why}, fault=True)
        count = sum(not isinstance(file, Skipped) for file in files)
        if not count:
            yield Finding(name="notes_empty", values={"folder": notebook.vault.root}, fault=True)
            return
        yield Finding(name="notes_ok", values={"folder": notebook.vault.root, "count": count})
        yield await _index(settings, notebook)
        for refused in await _refused(notebook):
            yield Finding(name="notes_skipped", values={"path": refused.path, "why": refused.why}, fault=True)


async def _refused(notebook: Notebook) -> list[Skipped]:
    """Nothing when the index cannot say, which `_index` has said."""
    try:
        return await notebook.refused()
    except (CatalogBroken, CatalogFull):
        return []


async def _index(settings: Settings, notebook: Notebook) -> Finding:
    options = f" --notes {shlex.quote(str(notebook.vault.root))}" if settings.notes.folder else ""
    options += _options(settings)
    try:
        broken = await notebook.what_is_broken()
        if broken:
            return Finding(name="index_bad", values={"why": broken, "options": options}, fault=True)
        if not await notebook.is_indexed():
            return Finding(name="index_missing", values={"options": options}, fault=True)
        notes, passages = await notebook.size()
    except (CatalogBroken, CatalogFull) as problem:
        return Finding(name="index_bad", values={"why": problem, "options": options}, fault=True)
    return Finding(name="index_ok", values={"notes": notes, "passages": passages, "folder": notebook.folder})


async def _state(settings: Settings) -> AsyncIterator[Finding]:
    from bot.storage import StateProblem

    try:
        database = await open_database(settings)
        try:
            faults = await database.faults()
        finally:
            await database.close()
    except StateProblem as problem:
        yield Finding(name="state_bad", values={"why": problem}, fault=True)
    else:
        for fault in faults:
            yield Finding(
                name="state_damaged", values={"file": database.name, "why": fault, "options": _options(settings)}, fault=True
            )
        if not faults:
            yield Finding(name="state_ok", values={"file": database.name})


async def _models(settings: Settings) -> AsyncIterator[Finding]:
    model, embedding = settings.model, settings.embedding
    if not model.name:
        yield Finding(name="model_none", values={})
    else:
        yield await _chat_model(settings)
    if not embedding.name:
        yield Finding(name="embedding_builtin", values={})
    else:
        yield await _embedding_model(settings)


async def _doors(settings: Settings) -> AsyncIterator[Finding]:
    """Who may use the bots; nothing when the database cannot say, which `_state` has said."""
    from bot.middleware.access_checks import checks
    from bot.storage import AccessList, StateProblem

    try:
        database = await open_database(settings)
    except StateProblem:
        return
    try:
        listed = await AccessList(database).listed()
    finally:
        await database.close()
    for finding in checks(settings, listed):
        yield finding


async def _platforms(settings: Settings) -> AsyncIterator[Finding]:
    for platform, section in settings.platforms.items():
        try:
            token = token_of(section)
        except SettingsProblem as problem:
            yield Finding(name="platform_bad", values={"platform": platform.title(), "why": problem}, fault=True)
            continue
        if token:
            async for found in import_module(f"{section.package}.health").look(token, section):
                yield found


async def _chat_model(settings: Settings) -> Finding:
    model = settings.model
    try:
        missing = await _missing(model.url, model.name, model.connect_s)
        if missing:
            return missing
        told = await OllamaServer(model.url, timeout_s=model.connect_s).abilities(model.name)
    except ModelUnavailable as error:
        return _unavailable(model.name, model.url, error)
    window = model.context or told.window
    if window < SMALL_WINDOW:
        return Finding(name="small_window", values={"model": model.name, "window": window}, fault=True)
    return Finding(name="model_ok", values={"model": model.name, "url": without_password(model.url), "window": window})


async def _embedding_model(settings: Settings) -> Finding:
    model, url = settings.embedding.name, settings.embedding.url or settings.model.url
    try:
        missing = await _missing(url, model, settings.model.connect_s)
    except ModelUnavailable as error:
        return _unavailable(model, url, error)
    return missing or Finding(name="embedding_ok", values={"model": model, "url": without_password(url)})


async def _missing(url: str, model: str, timeout_s: float) -> Finding | None:
    """The fault that the server does not have `model`, if that is so.

    Raises:
        ModelUnavailable: see `OllamaServer`.
    """
    present = await OllamaServer(url, timeout_s=timeout_s).models()
    if model in present or f"{model}:latest" in present:
        return None
    typed, there = shlex.quote(model), ", ".join(present) or "-"
    return Finding(name="model_missing", values={"model": model, "typed": typed, "present": there}, fault=True)


def _unavailable(model: str, url: str, error: ModelUnavailable) -> Finding:
    if isinstance(error, NoServer):
        return Finding(name="server_down", values={"url": without_password(url)}, fault=True)
    return Finding(name="model_bad", values={"model": model, "why": error}, fault=True)
