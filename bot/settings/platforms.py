"""The settings of the chat platforms, and of what stands between them and the assistant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from bot.settings.proxy import ProxyUrl
from bot.settings.section import Ids, SettingsSection

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """Whom the settings of one platform let in."""

    admins: frozenset[str] = frozenset()
    admin_roles: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    chats: frozenset[str] = frozenset()
    guilds: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    everybody: bool = False
    """The terminal: whoever sits there has the notes and the settings anyway."""


class PlatformSettings(SettingsSection):
    """What the section of every chat platform has; without a token the platform is left out."""

    platform: ClassVar[str]
    """The section's name, which stands in `Person.platform` and `Place.platform` too."""
    module: ClassVar[str] = ""
    """The package, where that is not `bot.platforms.<platform>`."""

    token: SecretStr | None = None
    """From the environment only."""
    token_file: Path | None = None
    """A file that holds the token and nothing else."""
    admins: Ids = ()
    """User ids; admins are let in everywhere, let others in, and are not limited."""
    allowed_users: Ids = ()

    @property
    def package(self) -> str:
        """Where its `connect` and its `health` are."""
        return self.module or f"bot.platforms.{self.platform}"

    @property
    def rules(self) -> AccessRules:
        """Whom the section lets in."""
        return AccessRules(admins=frozenset(self.admins), users=frozenset(self.allowed_users))


class WebhookSettings(SettingsSection):
    """Where Telegram delivers updates; without a URL they are fetched by long polling, which needs no open port."""

    url: str = ""
    """The address that Telegram calls, https."""
    listen: str = "127.0.0.1"
    port: Port = 8443
    secret_file: Path | None = None
    """A file with the secret that Telegram sends along; made up at each start when not set."""

    @model_validator(mode="after")
    def _is_secure(self) -> Self:
        if self.url and not self.url.startswith("https://"):
            raise ValueError("url must begin with https:// (Telegram calls nothing else)")
        return self


class TelegramSettings(PlatformSettings):
    """Telegram."""

    platform = "telegram"

    allowed_chats: Ids = ()
    """Everybody in these groups is let in there."""
    answer_all_in: Ids = ()
    """Groups in which every question-like message is answered, not only those addressed to the bot."""
    webhook: WebhookSettings = WebhookSettings()
    drafts: bool = True
    """In private chats answers grow as drafts where the server has them; without, as in groups, by edits of a message."""
    edit_seconds: Seconds = 1.0
    """The shortest time between two edits of an answer in a private chat."""
    group_edit_seconds: Seconds = 3.0
    """The same in a group: Telegram takes 20 messages a minute there (https://core.telegram.org/bots/faq)."""
    api_url: str = ""
    """A Bot API server of one's own."""
    proxy: ProxyUrl = ""
    """`http://host:port` or `socks5://host:port`; that of the environment (HTTPS_PROXY, ALL_PROXY) when empty."""

    @property
    def rules(self) -> AccessRules:
        return replace(super().rules, chats=frozenset(self.allowed_chats))


class ThreadSettings(SettingsSection):
    """When a long exchange on Discord moves into a thread."""

    after: Annotated[int, Field(ge=0)] = 3
    """Questions in a row in one channel; 0 never."""
    except_in: Ids = ()
    """Channels in which it never does."""
    archive_minutes: Literal[60, 1440, 4320, 10080] = 1440
    """Minutes of silence until Discord hides the thread."""


class DiscordSettings(PlatformSettings):
    """Discord."""

    platform = "discord"

    admin_roles: Ids = ()
    allowed_guilds: Ids = ()
    """Everybody on these servers is let in there."""
    allowed_channels: Ids = ()
    allowed_roles: Ids = ()
    message_content: bool = False
    """The bot may read messages that do not name it; the intent must be switched on in Discord's developer portal too."""
    shards: Annotated[int, Field(ge=0)] = 0
    """Connections to the gateway; 0 as many as Discord recommends."""
    threads: ThreadSettings = ThreadSettings()
    api_url: str = ""
    """Another address than Discord's own."""
    proxy: ProxyUrl = ""
    """As `telegram.proxy`."""

    @property
    def rules(self) -> AccessRules:
        return replace(
            super().rules,
            admin_roles=frozenset(self.admin_roles),
            chats=frozenset(self.allowed_channels),
            guilds=frozenset(self.allowed_guilds),
            roles=frozenset(self.allowed_roles),
        )


class PlatformSections(BaseModel):
    """A line for each platform, which is all that the rest of the program has to be told of it."""

    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()

    @property
    def platforms(self) -> dict[str, PlatformSettings]:
        """The sections of all platforms, by their names."""
        values = [getattr(self, name) for name in type(self).model_fields]
        return {one.platform: one for one in values if isinstance(one, PlatformSettings)}


class LimitSettings(SettingsSection):
    """How much is asked; admins are not limited."""

    person_per_minute: Count = 6
    person_per_day: Count = 200
    place_per_minute: Count = 20
    queue: Count = 10
    """Questions of one place that wait for their turn."""
    places: Count = 500
    """Places in which something is being answered or waits at the same time."""


class AccessSettings(SettingsSection):
    """Who is let in, and what is answered late."""

    backlog_minutes: Annotated[float, Field(gt=0)] = 60
    """What was asked longer ago than this while the bot was away gets one apology per chat."""
    strangers_per_day: Annotated[int, Field(ge=0)] = 1
    """Lines that somebody who is not let in gets in a day."""


class RunSettings(SettingsSection):
    """`notesbot run`."""

    grace_s: Annotated[float, Field(ge=0)] = 20.0
    """Seconds that answers which have begun get to end when the program is asked to stop."""
