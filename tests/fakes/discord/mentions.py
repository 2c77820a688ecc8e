"""A text and `allowed_mentions` go in; whom it names, and whom it would really ping, comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.discord.permissions import May, permissions
from tests.fakes.discord.refusals import Faults
from tests.fakes.discord.values import CODE, Channel, Message, User, every_component

USER = re.compile(r"<@!?(\d{15,20})>")
ROLE = re.compile(r"<@&(\d{15,20})>")
EVERYONE = re.compile(r"@(?:everyone|here)")
EVERYTHING: Mapping[str, Any] = {"parse": ["users", "roles", "everyone"], "replied_user": True}
"""What holds when a message does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whom a text names."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


def named(text: str, *, in_code: bool = False) -> Named:
    """Whom a text names; what stands in code counts only `in_code`."""
    read = text if in_code else CODE.sub(" ", text)
    return Named(
        users=tuple(dict.fromkeys(int(found) for found in USER.findall(read))),
        roles=tuple(dict.fromkeys(int(found) for found in ROLE.findall(read))),
        everyone=bool(EVERYONE.search(read)),
    )


def check_allowed(allowed: object, faults: Faults) -> None:
    """Refuse an `allowed_mentions` that Discord would refuse."""
    if allowed is None:
        return
    if not isinstance(allowed, dict):
        faults.add(("allowed_mentions",), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return
    faults.unknown(allowed, ("parse", "users", "roles", "replied_user"), ("allowed_mentions",))
    parse = allowed.get("parse") or []
    for number, word in enumerate(parse):
        if word not in ("users", "roles", "everyone"):
            faults.choice(("allowed_mentions", "parse", number), ("users", "roles", "everyone"))
    for kind in ("users", "roles"):
        faults.items(allowed.get(kind), ("allowed_mentions", kind), most=100)
        if kind in parse and allowed.get(kind):
            faults.add(
                ("allowed_mentions", "parse"),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind} exclude each other',
            )


def mention_people(
    message: Message, people: Mapping[int, User], allowed: Mapping[str, Any] | None, replied_to: Message | None
) -> None:
    """Fill in whom the message mentions and whom it would ping.

    Stricter than Discord for a bot's messages: a mention in code counts, and so does one that an edit brings in, since
    one slip in the Markdown makes them real.
    """
    rules = EVERYTHING if allowed is None else allowed
    text = "\n".join([message.content, *displayed(message.components)])
    names = named(text, in_code=message.author.bot)
    users = [people[one] for one in names.users if one in people and _lets(rules, "users", one)]
    roles = [one for one in names.roles if _role_pings(message.channel, message.author, one) and _lets(rules, "roles", one)]
    everyone = names.everyone and "everyone" in (rules.get("parse") or ()) and _may_ping_all(message.channel, message.author)
    message.mentions, message.mention_roles, message.mention_everyone = users, roles, everyone
    message.live |= {f"user:{one.id}" for one in users} | {f"role:{one}" for one in roles} | ({"everyone"} if everyone else set())
    if replied_to and rules.get("replied_user", False):
        if replied_to.author not in users:
            message.mentions = [*users, replied_to.author]
        message.live.add(f"reply:{replied_to.author.id}")


def displayed(components: list[dict[str, Any]]) -> list[str]:
    """The texts of text displays: they ping as the content does; embeds never do."""
    return [one["content"] for one in every_component(components) if one["type"] == 10]


def _lets(rules: Mapping[str, Any], kind: str, one: int) -> bool:
    return kind in (rules.get("parse") or ()) or str(one) in [str(other) for other in rules.get(kind) or ()]


def _role_pings(channel: Channel, author: User, role: int) -> bool:
    guild = channel.guild
    if guild is None or role not in guild.roles:
        return False
    return guild.roles[role].mentionable or _may_ping_all(channel, author)


def _may_ping_all(channel: Channel, author: User) -> bool:
    return channel.guild is not None and bool(permissions(channel.guild, author.id, channel) & May.MENTION_EVERYONE)
