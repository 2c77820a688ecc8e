"""Access checks of `notesbot doctor`. Reads nothing but a file's mode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.middleware.access import rules_of
from bot.settings import PlatformSettings, Settings, is_open_to_others
from bot.storage import Admitted
from bot.types import Finding


def checks(settings: Settings, listed: Iterable[Admitted]) -> Iterator[Finding]:
    """What there is to say of each platform that has a token, and that the others have none."""
    entries = list(listed)
    for platform, section in settings.platforms.items():
        if section.token or section.token_file:
            yield from _token(platform, section)
            yield _door(settings, platform, [entry for entry in entries if entry.platform == platform and entry.allowed])
        else:
            yield Finding(name="token_missing", values={"platform": platform, "variable": f"NOTESBOT_{platform.upper()}__TOKEN"})


def _token(platform: str, section: PlatformSettings) -> Iterator[Finding]:
    file = section.token_file
    if file and file.expanduser().exists() and is_open_to_others(file):
        yield Finding(name="token_file_open", values={"platform": platform, "file": file}, fault=True)


def _door(settings: Settings, platform: str, entries: list[Admitted]) -> Finding:
    rules = rules_of(settings, platform)
    admins = rules.admins | rules.admin_roles | {entry.id for entry in entries if entry.kind == "admin"}
    people = rules.admins | rules.users | {entry.id for entry in entries if entry.kind in ("user", "admin")}
    places = rules.chats | rules.guilds | rules.roles | {entry.id for entry in entries if entry.kind not in ("user", "admin")}
    if not people and not places and not rules.admin_roles:
        return Finding(name="door_nobody", values={"platform": platform}, fault=True)
    if not admins:
        return Finding(name="door_no_admin", values={"platform": platform})
    return Finding(name="door_open", values={"platform": platform, "people": len(people), "places": len(places)})
