"""Access control: allowed, a polite refusal, or silence for a person in a place. Nobody has access by default."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.middleware.admission import Refusal, say
from bot.middleware.rate_limit import day_and_end
from bot.settings import AccessRules, Settings
from bot.storage import ALPHABET, AccessList, Kind, Paired, Pairing, Tallies, is_mixed
from bot.types import Person, Place, Question

HALF = f"[{ALPHABET}]{{4}}"
Verdicts = Mapping[tuple[Kind, str], bool]
"""What the access list says of the ids it knows: let in, or kept out."""

AFTER_COMMAND = re.compile(rf"/(?:pair|start|配对)(?:@\w+)?[\s:]+({HALF}[ -]?{HALF})", re.IGNORECASE)
ALONE = re.compile(f"{HALF}[ -]?{HALF}")
"""As it is printed, in capitals: in small letters a code may be the name of something."""

KNOWN_S = 1.0
"""Seconds that a verdict of the list is good when nobody changes it here: a question is looked at more than once, and another
program may use the same list."""
REMEMBERED = 2000


class Role(StrEnum):
    ADMIN = "admin"
    GUEST = "guest"
    """Let in, by themselves or by where they are."""
    STRANGER = "stranger"
    BARRED = "barred"
    """Kept out by an admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`line` is said to somebody who is not allowed; when it is empty too, nothing is."""

    allowed: bool
    admin: bool = False
    line: str = ""


def rules_of(settings: Settings, platform: str) -> AccessRules:
    """The rules of a platform; one without settings lets nobody in."""
    if platform == "terminal":
        return AccessRules(everybody=True)
    section = settings.platforms.get(platform)
    return section.rules if section else AccessRules()


def ids_of(person: Person, place: Place) -> tuple[tuple[Kind, str], ...]:
    """Everything by which the access list may know them."""
    where: tuple[tuple[Kind, str], ...] = () if place.private else (("chat", place.chat), ("channel", place.chat))
    thread: tuple[tuple[Kind, str], ...] = (("channel", place.thread),) if place.thread and not place.private else ()
    guild: tuple[tuple[Kind, str], ...] = (("guild", place.guild),) if place.guild else ()
    roles: tuple[tuple[Kind, str], ...] = tuple(("role", role) for role in person.roles)
    return (("admin", person.id), ("user", person.id), *where, *thread, *guild, *roles)


def standing(person: Person, place: Place, rules: AccessRules, verdicts: Verdicts) -> Role:
    """The settings' admins are always in; then whoever was barred is out; then any one reason lets in.

    Roles count only where the platform says that the person has them, which is on the server of the place.
    """
    if rules.everybody or person.id in rules.admins or rules.admin_roles & set(person.roles):
        return Role.ADMIN
    if False in verdicts.values():
        return Role.BARRED
    if verdicts.get(("admin", person.id)):
        return Role.ADMIN
    let_in = True in verdicts.values() or person.id in rules.users or bool(rules.roles & set(person.roles))
    here = place.guild in rules.guilds or (not place.private and bool({place.chat, place.thread} & rules.chats))
    return Role.GUEST if let_in or here else Role.STRANGER


def pairing_code_in(text: str, *, private: bool = True) -> str:
    """The code in `/pair 4ktx-92wq`, `/start 4KTX92WQ` or, in private, `4KTX-92WQ`; empty when the text is anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    after, alone = AFTER_COMMAND.fullmatch(plain), ALONE.fullmatch(plain) if private else None
    code = after[1] if after else alone[0] if alone else ""
    return code if is_mixed(code) else ""


class AccessControl:
    """Decides who may ask, and lets people in and out."""

    def __init__(self, settings: Settings, *, people: AccessList, pairing: Pairing, tallies: Tallies) -> None:
        self.people = people
        self._settings = settings
        self._pairing = pairing
        self._tallies = tallies
        self._known: dict[tuple[str, tuple[tuple[Kind, str], ...]], tuple[Verdicts, int, float]] = {}
        """What the list said, how often it had been changed by then, and until when that is good."""

    async def standing(self, person: Person, place: Place) -> Role:
        verdicts = await self._verdicts(person.platform, ids_of(person, place))
        return standing(person, place, rules_of(self._settings, person.platform), verdicts)

    async def _verdicts(self, platform: str, ids: tuple[tuple[Kind, str], ...]) -> Verdicts:
        changes, now = self.people.changes, time.monotonic()
        known = self._known.get((platform, ids))
        if known and known[1] == changes and known[2] > now:
            return known[0]
        verdicts = await self.people.verdicts(platform, ids)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[platform, ids] = (verdicts, changes, now + KNOWN_S)
        return verdicts

    async def decide(self, person: Person, place: Place) -> Decision:
        """For questions, commands and buttons alike. A stranger's line is counted when it is given out here."""
        found = await self.standing(person, place)
        if found in (Role.ADMIN, Role.GUEST):
            return Decision(allowed=True, admin=found is Role.ADMIN)
        if found is Role.BARRED or not await self._may_be_told("told", person.key, place):
            return Decision(allowed=False)
        if place.private:
            return Decision(allowed=False, line=say("stranger", person.language, id=person.id))
        return Decision(allowed=False, line=say("stranger_here", person.language, chat=place.chat))

    def is_owner(self, platform: str, id_: str) -> bool:
        """An admin by the settings, whom no command keeps out."""
        return id_ in rules_of(self._settings, platform).admins

    async def role_of(self, platform: str, kind: Kind, id_: str) -> Role:
        """What an id is by itself, wherever it is met: a person with what else is known of them, or everybody in a place."""
        if kind == "user":
            return await self.standing(Person(platform=platform, id=id_), Place(platform=platform, chat=id_))
        listed = (await self.people.verdicts(platform, [(kind, id_)])).get((kind, id_))
        return {True: Role.GUEST, False: Role.BARRED, None: Role.STRANGER}[listed]

    async def is_admin(self, person: Person, place: Place) -> bool:
        return await self.standing(person, place) is Role.ADMIN

    async def refuse(self, question: Question) -> Refusal | None:
        """The same decision about a question."""
        decision = await self.decide(question.person, question.place)
        return None if decision.allowed else Refusal(line=decision.line, patient=True)

    async def pair(self, person: Person, place: Place, code: str) -> str:
        """Try a pairing code; return the line to say, or silence. In a group everybody could read it: it is not looked at."""
        if not place.private:
            decision = await self.decide(person, place)
            return say("not_paired", person.language) if decision.allowed else decision.line
        if await self.standing(person, place) is Role.BARRED:
            return ""
        paired = await self._pairing.use(code, person)
        self._known.clear()
        if paired is Paired.YES:
            admin = await self.is_admin(person, place)
            return say("paired_admin" if admin else "paired_user", person.language)
        name = "pairing_locked" if paired is Paired.LOCKED else "not_paired"
        return say(name, person.language) if await self._may_be_told(f"pairing {paired}", person.key, place) else ""

    async def moved(self, old: Place, new: Place) -> None:
        """A chat that the settings let in under its old id stays in under its new one."""
        self._known.clear()
        if old.chat in rules_of(self._settings, old.platform).chats:
            await self.people.allow(old.platform, "chat", new.chat, by="moved")

    async def _may_be_told(self, what: str, who: str, place: Place) -> bool:
        """A person hears a line of a kind once a day, wherever they are; and so does a group, whoever speaks there."""
        day, end = day_and_end(datetime.now(UTC))
        for one in (who,) if place.private else (place.key, who):
            if await self._tallies.count(what, one, day, until=end) > self._settings.access.strangers_per_day:
                return False
        return True
