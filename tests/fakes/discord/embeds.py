"""Embeds go in; their faults come out (discord-api-docs, "Message Resource", embed limits)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.discord.refusals import Faults, Path

FIELDS = "title type description url timestamp color footer image thumbnail video provider author fields flags".split()
MOST, MOST_FIELDS, MOST_TOGETHER = 10, 25, 6000


def check_embeds(value: object, faults: Faults) -> list[dict[str, Any]]:
    """The embeds, their faults noted."""
    embeds = faults.items(value, ("embeds",), most=MOST)
    for number, embed in enumerate(embeds):
        if not isinstance(embed, dict):
            faults.add(("embeds", number), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return []
        _check(embed, ("embeds", number), faults)
    if sum(map(length, embeds)) > MOST_TOGETHER:
        faults.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_TOGETHER}")
    return embeds


def length(embed: Mapping[str, Any]) -> int:
    """The characters that count towards the 6,000 of all embeds together."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    texts += [text for one in embed.get("fields") or () for text in (one.get("name"), one.get("value"))]
    return sum(len(text) for text in texts if isinstance(text, str))


def _check(embed: Mapping[str, Any], path: Path, faults: Faults) -> None:
    faults.unknown(embed, FIELDS, path)
    faults.text(embed.get("title"), (*path, "title"), most=256)
    faults.text(embed.get("description"), (*path, "description"), most=4096)
    faults.number(embed.get("color"), (*path, "color"), least=0, most=0xFFFFFF)
    for number, one in enumerate(faults.items(embed.get("fields"), (*path, "fields"), most=MOST_FIELDS)):
        faults.text(one.get("name"), (*path, "fields", number, "name"), least=1, most=256)
        faults.text(one.get("value"), (*path, "fields", number, "value"), least=1, most=1024)
    if embed.get("footer"):
        faults.text(embed["footer"].get("text"), (*path, "footer", "text"), least=1, most=2048)
    if embed.get("author"):
        faults.text(embed["author"].get("name"), (*path, "author", "name"), least=1, most=256)
    _check_links(embed, path, faults)
    if not length(embed) and not embed.get("image") and not embed.get("thumbnail"):
        faults.required((*path, "description"))


def _check_links(embed: Mapping[str, Any], path: Path, faults: Faults) -> None:
    links: list[tuple[tuple[str, ...], Any]] = [(("url",), embed.get("url"))]
    links += [((name, "url"), (embed.get(name) or {}).get("url")) for name in ("image", "thumbnail", "author")]
    for where, url in links:
        schemes = ("http://", "https://") if where[0] in ("url", "author") else ("http://", "https://", "attachment://")
        if url and not str(url).startswith(schemes):
            faults.add(
                (*path, *where), "URL_TYPE_INVALID_SCHEME", f'Scheme "{url}" is not supported. Scheme must be one of {schemes}.'
            )
