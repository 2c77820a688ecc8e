"""`parse_mode=MarkdownV2` and `Markdown`: markup in, text and entities out, or the server's complaint (TDLib's parsers)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.fakes.telegram.html import Unparsable, meaning_of_link
from tests.fakes.telegram.links import asked_of
from tests.fakes.telegram.texts import Entity, sorted_entities, units

RESERVED = b"_*[]()~`>#+-=|{}.!\n"
SPACE = b" \t\r\n\0\v"
NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "pre_code": "PreCode",
    "link": "TextUrl",
    "emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}
ENDS = {
    "bold": b"*",
    "italic": b"_",
    "underline": b"__",
    "strikethrough": b"~",
    "spoiler": b"||",
    "code": b"`",
    "pre": b"```",
    "pre_code": b"```",
    "link": b"]",
    "emoji": b"]",
    "blockquote": b"\0",
}


@dataclass(slots=True, kw_only=True)
class Open:
    kind: str
    language: str
    offset: int
    byte: int
    start: int


@dataclass(slots=True, kw_only=True)
class Parser:
    """Reads bytes, since complaints count in bytes; three zero bytes end them."""

    markup: bytes
    at: int = 0
    text: list[str] = field(default_factory=list)
    offset: int = 0
    entities: list[Entity] = field(default_factory=list)
    nested: list[Open] = field(default_factory=list)
    quoting: bool = False

    @property
    def size(self) -> int:
        return len(self.markup) - 3

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < self.size:
            self.step()
        if self.quoting:
            self.end_quote()
        if self.nested:
            raise self.unended()
        return "".join(self.text), sorted_entities(self.entities)

    def step(self) -> None:
        now, following = self.markup[self.at], self.markup[self.at + 1]
        if now == ord("\\") and 0 < following <= 126:
            self.at += 1
            self.say()
        elif now not in (b"`" if self.nested and self.nested[-1].kind in ("code", "pre", "pre_code") else RESERVED):
            self.say()
        elif self.quoting and now == ord("\n") and not self.starts(b"\n>"):
            self.say()
            self.end_quote(newline=True)
        elif self.is_end():
            self.close()
        else:
            self.open()

    def starts(self, sign: bytes) -> bool:
        return self.markup.startswith(sign, self.at)

    def say(self) -> None:
        end = self.at + 1
        while self.markup[end] & 0xC0 == 0x80:
            end += 1
        character, self.at = self.markup[self.at : end].decode(), end
        self.text.append(character)
        self.offset += units(character)

    def is_end(self) -> bool:
        if not self.nested:
            return False
        kind = self.nested[-1].kind
        return self.starts(ENDS[kind]) and not (kind == "italic" and self.starts(b"__"))

    def unended(self) -> Unparsable:
        last = self.nested[-1]
        return Unparsable(f"Can't find end of {NAMES[last.kind]} entity at byte offset {last.byte}")

    def reserved(self) -> Unparsable:
        sign = chr(self.markup[self.at])
        return Unparsable(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")

    def begin(self, kind: str, length: int, *, byte: int, language: str = "") -> None:
        self.at += length
        self.nested.append(Open(kind=kind, language=language, offset=self.offset, byte=byte, start=len(self.text)))

    def open(self) -> None:
        signs = {
            b"__": "underline",
            b"_": "italic",
            b"*": "bold",
            b"~": "strikethrough",
            b"||": "spoiler",
            b"![": "emoji",
            b"[": "link",
        }
        if self.starts(b"\n"):
            return self.line()
        if self.starts(b">"):
            return self.quote()
        if self.starts(b"```"):
            return self.block()
        if self.starts(b"`"):
            return self.begin("code", 1, byte=self.at)
        for sign, kind in signs.items():
            if self.starts(sign):
                return self.begin(kind, len(sign), byte=self.at)
        raise self.reserved()

    def line(self) -> None:
        self.say()
        if self.starts(b">"):
            self.quote()

    def quote(self) -> None:
        if self.text and self.text[-1] not in "\n\r":
            raise self.reserved()
        if self.quoting:
            self.at += 1
        else:
            self.quoting = True
            self.begin("blockquote", 1, byte=self.at)

    def end_quote(self, *, newline: bool = False) -> None:
        """`||` right at the end of a quote makes it expandable, anything else that is open is an error."""
        last, expandable = self.nested[-1], False
        if last.kind == "spoiler" and not "".join(self.text[last.start :]).strip("\r\n"):
            self.nested.pop()
            expandable = True
        if self.nested[-1].kind != "blockquote":
            if newline or expandable:
                raise self.unended()
            return
        quote = self.nested.pop()
        self.quoting = False
        if self.offset > quote.offset:
            kind = "expandable_blockquote" if expandable else "blockquote"
            self.entities.append(Entity(type=kind, offset=quote.offset, length=self.offset - quote.offset))

    def block(self) -> None:
        byte = self.at
        at = byte + 3
        end = at
        while self.markup[end] not in SPACE and self.markup[end] != ord("`"):
            end += 1
        language = ""
        if at != end and end < self.size and self.markup[end] != ord("`"):
            language, at = self.markup[at:end].decode(), end
        pair = self.markup[at : at + 2]
        if pair[:1] in (b"\n", b"\r"):
            at += 2 if pair in (b"\r\n", b"\n\r") else 1
        self.begin("pre_code" if language else "pre", at - byte, byte=byte, language=language)

    def close(self) -> None:
        last = self.nested[-1]
        self.at += len(ENDS[last.kind])
        kind, more = self.meaning(last)
        self.nested.pop()
        if kind and self.offset > last.offset:
            self.entities.append(Entity(type=kind, offset=last.offset, length=self.offset - last.offset, more=more))

    def meaning(self, last: Open) -> tuple[str, dict[str, object]]:
        if last.kind == "pre_code":
            return "pre", {"language": last.language}
        if last.kind == "link":
            return meaning_of_link(self.address("a URL") if self.starts(b"(") else "".join(self.text[last.start :]))
        if last.kind == "emoji":
            if not self.starts(b"("):
                raise Unparsable("Custom emoji entity must contain a tg://emoji URL")
            return meaning_of_emoji(self.address("a custom emoji URL"))
        return last.kind, {}

    def address(self, what: str) -> str:
        self.at += 1
        begin = self.at
        address = bytearray()
        while self.at < self.size and self.markup[self.at] != ord(")"):
            if self.markup[self.at] == ord("\\") and 0 < self.markup[self.at + 1] <= 126:
                self.at += 1
            address.append(self.markup[self.at])
            self.at += 1
        if self.markup[self.at] != ord(")"):
            raise Unparsable(f"Can't find end of {what} at byte offset {begin}")
        self.at += 1
        return address.decode()


def parse_markdown_v2(markup: str) -> tuple[str, list[Entity]]:
    return Parser(markup=markup.encode() + b"\0\0\0").parse()


def meaning_of_emoji(link: str) -> tuple[str, dict[str, object]]:
    if not re.match(r"tg:", link, re.IGNORECASE):
        raise Unparsable("Custom emoji URL must have scheme tg")
    moment = asked_of(link, "time")
    if moment is not None and moment.get("unix", "").isdigit():
        return "date_time", {"unix_time": int(moment["unix"]), "date_time_format": moment.get("format", "")}
    asked = asked_of(link, "emoji")
    if asked is None:
        raise Unparsable('Custom emoji URL must have host "emoji"')
    if "id" not in asked:
        raise Unparsable("Custom emoji URL must have an emoji identifier")
    if not re.fullmatch(r"[1-9]\d*", asked["id"]):
        raise Unparsable("Invalid custom emoji identifier specified")
    return "custom_emoji", {"custom_emoji_id": asked["id"]}


LEGACY = re.compile(rb"\\(?P<escaped>[_*`\[])|(?P<sign>```|[_*`\[])")


def parse_markdown(markup: str) -> tuple[str, list[Entity]]:
    """The old Markdown, where nothing nests."""
    raw, at, text, entities = markup.encode(), 0, "", []
    while match := LEGACY.search(raw, at):
        text += raw[at : match.start()].decode()
        if match["escaped"]:
            text, at = text + match["escaped"].decode(), match.end()
            continue
        sign = match["sign"].decode()
        end = raw.find(b"]" if sign == "[" else match["sign"], match.end())
        if end < 0:
            raise Unparsable(f"Can't find end of the entity starting at byte offset {match.start()}")
        inside, at = raw[match.end() : end].decode(), end + len(sign)
        kind, more = {"_": "italic", "*": "bold", "`": "code", "```": "pre", "[": ""}[sign], {}
        if sign == "```" and (block := re.match(r"([^\s`]+)?(?:\r\n|\n\r|\n|\r)?", inside)):
            more = {"language": block[1]} if block[1] and block.end() < len(inside) else {}
            inside = inside[block.end() :] if more or not block[1] else inside
        if sign == "[":
            address = re.match(rb"\(([^)]*)\)?", raw[at:])
            kind, more = meaning_of_link(address[1].decode() if address else inside)
            at += address.end() if address else 0
        if inside and kind:
            entities.append(Entity(type=kind, offset=units(text), length=units(inside), more=more))
        text += inside
    return text + raw[at:].decode(), entities
