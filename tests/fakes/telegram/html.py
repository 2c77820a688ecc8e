"""`parse_mode=HTML`: markup goes in, text and entities come out, or the server's own complaint (`parse_html` of TDLib)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.fakes.telegram.links import link_or_none, user_of
from tests.fakes.telegram.texts import Entity, sorted_entities, units

STYLES = {
    "i": "italic",
    "em": "italic",
    "b": "bold",
    "strong": "bold",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAGS = {*STYLES, "a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
CHARACTERS = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
SPACE = frozenset(b" \t\r\n\0\v")
END = 0


class Unparsable(Exception):
    """What follows "can't parse entities: "."""


@dataclass(slots=True, kw_only=True)
class Open:
    """A tag that waits for its end."""

    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


@dataclass(slots=True, kw_only=True)
class Parser:
    """Reads bytes, since complaints count in bytes; a zero byte ends them."""

    markup: bytes
    at: int = 0
    text: list[str] = field(default_factory=list)
    offset: int = 0
    entities: list[Entity] = field(default_factory=list)
    nested: list[Open] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.markup) - 1:
            if self.markup[self.at] != ord("<"):
                self.say(self.character())
            elif self.markup[self.at + 1] == ord("/"):
                self.close()
            else:
                self.open()
        if self.nested:
            raise Unparsable(f'Can\'t find end tag corresponding to start tag "{self.nested[-1].tag}"')
        text = "".join(self.text)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise Unparsable(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
            )
        return text, sorted_entities(self.entities)

    def say(self, character: str) -> None:
        self.text.append(character)
        self.offset += units(character)

    def character(self) -> str:
        """The next character, `&lt;` and its like being one."""
        match = REFERENCE.match(self.markup, self.at)
        decoded = _decoded(match) if match else None
        if match and decoded:
            self.at = match.end()
            return decoded
        end = self.at + 1
        while self.markup[end] & 0xC0 == 0x80:
            end += 1
        character, self.at = self.markup[self.at : end].decode(), end
        return character

    def skip(self, *, space: bool, until: bytes = b"") -> bytes:
        """What was passed over: spaces, or everything up to a space or one of these signs."""
        begin = self.at
        while self.markup[self.at] != END and (self.markup[self.at] in SPACE) == space and self.markup[self.at] not in until:
            self.at += 1
        return self.markup[begin : self.at]

    def open(self) -> None:
        begin = self.at
        self.at += 1
        tag = self.skip(space=False, until=b">").decode().lower()
        if self.markup[self.at] == END:
            raise Unparsable(f"Unclosed start tag at byte offset {begin}")
        if tag not in TAGS:
            raise Unparsable(f'Unsupported start tag "{tag}" at byte offset {begin}')
        attributes = self.attributes(tag, begin)
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise Unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.nested.append(Open(tag=tag, attributes=attributes, offset=self.offset, start=len(self.text)))

    def attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self.skip(space=True)
            if self.markup[self.at] == ord(">"):
                return attributes
            if self.markup[self.at] == END:
                raise Unparsable(f'Unclosed start tag "{tag}" at byte offset {begin}')
            name = self.skip(space=False, until=b"=>").decode()
            if not name:
                raise Unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self.skip(space=True)
            attributes[name.lower()] = self.value(tag, begin) if self.markup[self.at] == ord("=") else ""

    def value(self, tag: str, begin: int) -> str:
        self.at += 1
        self.skip(space=True)
        quote = self.markup[self.at]
        if quote == END:
            raise Unparsable(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self.quoted() if quote in b"\"'" else self.token()
        if self.markup[self.at] == END:
            raise Unparsable(f"Unclosed start tag at byte offset {begin}")
        return value

    def quoted(self) -> str:
        quote = self.markup[self.at]
        self.at += 1
        characters = []
        while self.markup[self.at] not in (quote, END):
            characters.append(self.character())
        if self.markup[self.at] == quote:
            self.at += 1
        return "".join(characters)

    def token(self) -> str:
        begin = self.at
        match = re.compile(rb"[a-zA-Z0-9.-]*").match(self.markup, self.at)
        self.at = match.end() if match else self.at
        if self.markup[self.at] not in SPACE and self.markup[self.at] != ord(">"):
            raise Unparsable(f"Unexpected end of name token at byte offset {begin}")
        return self.markup[begin : self.at].decode().lower()

    def close(self) -> None:
        begin = self.at
        if not self.nested:
            raise Unparsable(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        tag = self.skip(space=False, until=b">").decode().lower()
        self.skip(space=True)
        if self.markup[self.at] != ord(">"):
            raise Unparsable(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.nested.pop()
        if tag and tag != opened.tag:
            raise Unparsable(f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{tag}>"')
        if self.offset > opened.offset:
            self.add(opened)

    def add(self, opened: Open) -> None:
        kind, more = self.meaning(opened)
        if kind:
            length = self.offset - opened.offset
            self.entities.append(Entity(type=kind, offset=opened.offset, length=length, more=more))

    def meaning(self, opened: Open) -> tuple[str, dict[str, object]]:
        tag, attributes = opened.tag, opened.attributes
        if tag in STYLES:
            return STYLES[tag], {}
        if tag == "blockquote":
            return ("expandable_blockquote" if "expandable" in attributes else "blockquote"), {}
        if tag == "tg-emoji":
            return "custom_emoji", {"custom_emoji_id": _emoji(attributes.get("emoji-id", ""))}
        if tag == "tg-time":
            return "date_time", _moment(attributes)
        if tag == "a":
            return meaning_of_link(attributes.get("href") or "".join(self.text[opened.start :]))
        return self.code(opened)

    def code(self, opened: Open) -> tuple[str, dict[str, object]]:
        """`pre` around `code` with a language, or the other way round, is one block of that language."""
        language = opened.attributes.get("class", "").removeprefix("language-") if opened.tag == "code" else ""
        if not opened.attributes.get("class", "").startswith("language-"):
            language = ""
        last = self.entities[-1] if self.entities else None
        if last and (last.offset, last.length) == (opened.offset, self.offset - opened.offset):
            inner = str(last.more.get("language", ""))
            if opened.tag == "pre" and last.type == "code" and inner:
                self.entities.pop()
                return "pre", {"language": inner}
            if opened.tag == "code" and last.type == "pre" and language:
                self.entities.pop()
                return "pre", {"language": language}
        return opened.tag, {"language": language} if language else {}


def parse_html(markup: str) -> tuple[str, list[Entity]]:
    """Text and entities, sorted; `Unparsable` in the server's words."""
    text, entities = Parser(markup=markup.encode() + b"\0").parse()
    bare = [
        Entity(type=entity.type, offset=entity.offset, length=entity.length) if entity.type == "code" else entity
        for entity in entities
    ]
    return text, bare


def meaning_of_link(link: str) -> tuple[str, dict[str, object]]:
    """A link, a mention of a person, or nothing when the address is none."""
    if (person := user_of(link)) is not None:
        return "text_mention", {"user": {"id": person, "is_bot": False, "first_name": str(person)}}
    checked = link_or_none(link)
    return ("text_link", {"url": checked}) if checked else ("", {})


def _emoji(number: str) -> str:
    if not re.fullmatch(r"[1-9]\d*", number):
        raise Unparsable("Invalid custom emoji identifier specified")
    return number


def _moment(attributes: dict[str, str]) -> dict[str, object]:
    if not re.fullmatch(r"\d{1,10}", attributes.get("unix", "")):
        raise Unparsable("Invalid date specified")
    return {"unix_time": int(attributes["unix"]), "date_time_format": attributes.get("format", "")}


def _decoded(match: re.Match[bytes]) -> str | None:
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return CHARACTERS.get(name)
    number = int(hexadecimal, 16) if hexadecimal is not None else int(decimal)
    return chr(number) if 0 < number < 0x10FFFF and len(match[0].rstrip(b";")) < 10 else None
