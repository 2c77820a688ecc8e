"""The things of Discord's world: people, guilds, channels, messages. They change only through `World`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.permissions import ORDINARY

CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"(?<!<)https?://[^\s<>]+")
TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12
"""Kinds of channels."""
THREADS = (10, PUBLIC_THREAD, PRIVATE_THREAD)

SUPPRESS_EMBEDS, HAS_THREAD, EPHEMERAL, LOADING, SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = (
    1 << 2,
    1 << 5,
    1 << 6,
    1 << 7,
    1 << 12,
    1 << 15,
)
"""Flags of messages."""
DEFAULT, STARTED_A_THREAD, REPLY, COMMAND, STARTER, CONTEXT_COMMAND = 0, 18, 19, 20, 21, 23
"""Types of messages."""


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """An account."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    takes_dms: bool = True
    installed: bool = False
    """Whether they installed the app for themselves, and can use it anywhere."""

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(slots=True, kw_only=True, eq=False)
class Role:
    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False
    position: int = 1

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    user: User
    joined: str
    roles: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Guild:
    id: int
    name: str
    owner: int = 0
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    available: bool = True

    def __post_init__(self) -> None:
        self.roles[self.id] = Role(id=self.id, name="@everyone", permissions=int(ORDINARY), position=0)


@dataclass(slots=True, kw_only=True, eq=False)
class Attachment:
    id: int
    filename: str
    content: bytes
    content_type: str
    url: str
    description: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message as it is now, and the texts it had before."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    made: float = 0.0
    edited: float | None = None
    type: int = DEFAULT
    flags: int = 0
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    live: set[str] = field(default_factory=set)
    """Whom it would really ping: `everyone`, `role:ID`, `user:ID`, and `reply:ID` for the author of what it answers."""
    reference: dict[str, Any] | None = None
    nonce: str | None = None
    tts: bool = False
    app: int | None = None
    """The application, when the message came through an interaction."""
    interaction: dict[str, Any] | None = None
    only_for: int | None = None
    """The only person who sees it, when it is ephemeral."""
    thread: Channel | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    """Its texts before each edit, oldest first."""
    edits: list[float] = field(default_factory=list)
    """When it was edited."""
    deleted: bool = False

    @property
    def loading(self) -> bool:
        """Whether people see "is thinking…"."""
        return bool(self.flags & LOADING)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def texts(self) -> list[str]:
        """Every piece of text that a person reads: the content, text displays, and embeds."""
        shown = [self.content] if self.content else []
        shown += [one["content"] for one in every_component(self.components) if one["type"] == 10]
        for embed in self.embeds:
            fields = [text for one in embed.get("fields", ()) for text in (one["name"], one["value"])]
            shown += [text for text in (embed.get("title"), embed.get("description"), *fields) if text]
        return shown

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def previews(self) -> list[str]:
        """The links that Discord would show a preview of."""
        if self.flags & (SUPPRESS_EMBEDS | COMPONENTS_V2):
            return []
        return LINK.findall(CODE.sub(" ", self.content))

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [one for one in every_component(self.components) if one["type"] == 2]


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A text channel, a direct message, or a thread."""

    id: int
    kind: int = TEXT
    name: str = ""
    guild: Guild | None = None
    position: int = 0
    topic: str | None = None
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Role or user to what is allowed and what is denied."""
    recipient: User | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: bool = False
    # Threads only
    parent: Channel | None = None
    owner: int = 0
    archived: bool = False
    locked: bool = False
    auto_archive: int = 1440
    archive_stamp: str = ""
    made_stamp: str = ""
    thread_members: list[int] = field(default_factory=list)
    slowmode: int = 0

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def last_message(self) -> int | None:
        return next(reversed(self.messages), None)


def every_component(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The components with everything inside them, in reading order."""
    found: list[dict[str, Any]] = []
    for one in components:
        found.append(one)
        inner = [*one.get("components", ()), *(one[name] for name in ("accessory", "component") if one.get(name))]
        found += every_component(inner)
    return found
