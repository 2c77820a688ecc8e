"""Words go in; what makes Discord show exactly these words comes out: no formatting, mention or preview by accident."""

from __future__ import annotations

import re

NOTHING = "\u200b"
"""A character without width. Backslashes do not keep Discord from notifying people; this does, and is not seen."""

SPECIAL = re.compile(r"[\\*_~|`]")
MENTION = re.compile(r"@(?=everyone|here)|<(?=[@#/:]|[a-zA-Z]+:)", re.IGNORECASE)
"""`@everyone`, `<@1>`, `<@&1>`, `<#1>`, `</name:1>`, `<t:1>`, `<:name:1>`, `<a:name:1>`, `<id:guide>` all begin like this."""
LIVE = re.compile(r"(https?)(?=://)", re.IGNORECASE)
PLAIN = re.compile(r"[^\x00-\x60\x7b-\x7e]*|[A-Za-z][A-Za-z ,.]*")
"""Words that need no look: nothing in them means anything to Discord."""
PING = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
LINE_START = re.compile(r"(\s*)(-#|#{1,3}(?=\s)|>{1,3}|[-*+](?=\s)|\d+(?=[.)]\s))")
NO_LINK = r"\s<>()\[\]`|\\\"\u2e80-\u9fff\uff00-\uffef“”‘’…"
LINK = re.compile(rf"https?://(?:[^{NO_LINK}]|\([^{NO_LINK}]*\))+", re.IGNORECASE)
LINK_TAIL = re.compile(r"[.,:;!?'*_~]+$")
BALANCED = re.compile(r"(?:[^\[\]]|\[[^\[\]]*\])*")
LONGEST_LINK = 500
"""Longer addresses stay words, so that they can be cut in two."""


def escaped(text: str, *, before: str = "", starts_line: bool = False) -> str:
    """The text so that it is shown as it is; `before` is the character that was sent before it."""
    if PLAIN.fullmatch(text):
        return text
    parts: list[str] = []
    at = 0
    for found in LINK.finditer(text):
        address = LINK_TAIL.sub("", found[0])
        if len(address) > LONGEST_LINK or len(address) < len("https://a"):
            continue
        parts += [_words(text[at : found.start()]), f"<{PING.sub('%40', address)}>"]
        at = found.start() + len(address)
    parts.append(_words(text[at:]))
    joined = "".join(parts)
    if before == "]" and joined.startswith("("):
        joined = f"\\{joined}"
    return _line_start(joined) if starts_line else joined


def _words(text: str) -> str:
    text = SPECIAL.sub(r"\\\g<0>", text)
    text = LIVE.sub(rf"\1{NOTHING}", text)
    return MENTION.sub(rf"\g<0>{NOTHING}", text).replace("](", "]\\(")


def _line_start(text: str) -> str:
    found = LINE_START.match(text)
    if not found:
        return text
    if found[2][0].isdigit():
        return f"{text[: found.end()]}\\{text[found.end() :]}"
    return f"{found[1]}\\{text[found.end(1) :]}"


def code(text: str) -> str:
    """Inline code; backticks in it are kept apart from those around it."""
    if "`" not in text:
        return f"`{text}`"
    apart = re.sub("`(?=`)", f"`{NOTHING}", text)
    return f"`` {apart} ``"


def fenced(text: str) -> str:
    """A line inside a code block, which it cannot end."""
    return re.sub("`(?=`)", f"`{NOTHING}", text) if "```" in text else text


def address(url: str) -> str:
    """The address as it may stand in a masked link."""
    url = PING.sub("%40", url)
    return re.sub(r"[()*~|`\\<>\s]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)


def masked(words: str, url: str) -> str:
    """A link with words of its own, and no preview; where Discord would not take the words, the address follows them."""
    if words in (url, url.removeprefix("https://"), url.removeprefix("http://")):
        return f"<{address(url)}>"
    if not BALANCED.fullmatch(words) or "://" in words:
        return f"{escaped(words)} (<{address(url)}>)"
    return f"[{escaped(words)}](<{address(url)}>)"
