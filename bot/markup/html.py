"""HTML inside Markdown: the words stay, the tags of real HTML go, and `vector<int>` was never a tag."""

from __future__ import annotations

import html
import re

from bot.markup.styled_text import TextStyle

NAMES = frozenset(
    "a abbr address article aside audio b bdi bdo big blockquote body br button caption center cite code col colgroup "
    "data dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 "
    "head header hr html i iframe img input ins kbd label legend li link main map mark meta nav noscript object ol "
    "option p picture pre progress q rp rt ruby s samp script section select small source span strike strong style "
    "sub summary sup table tbody td template textarea tfoot th thead"
    "time title tr track tt u ul var video wbr".split()
)
BREAKS = frozenset("br p div li tr h1 h2 h3 h4 h5 h6 hr ul ol table blockquote pre details summary section article dd dt".split())
MARKS = {
    **dict.fromkeys(("b", "strong"), TextStyle.BOLD),
    **dict.fromkeys(("i", "em"), TextStyle.ITALIC),
    **dict.fromkeys(("u", "ins"), TextStyle.UNDERLINE),
    **dict.fromkeys(("s", "del", "strike"), TextStyle.STRIKE),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), TextStyle.CODE),
}
TAG = re.compile(r"<!--(?:(?!<!--)[\s\S])*?-->|</?([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?)/?>")
ATTRIBUTE = re.compile(r"""\b(src|alt|href)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)


def words_of(block: str) -> str:
    """The words of an HTML blob, with line breaks where its elements would break lines."""
    text = TAG.sub(lambda found: _replaced(found[0], (found[1] or "").lower()), block)
    return re.sub(r"[ \t]*\n[ \t]*(\n\s*)?", lambda found: "\n\n" if found[1] is not None else "\n", html.unescape(text)).strip()


def _replaced(tag: str, name: str) -> str:
    if tag.startswith("<!--"):
        return ""
    if name == "img":
        alt, source = picture(tag)
        return f"{alt} ({source})" if source else alt
    if name == "br":
        return "\n"
    if name in BREAKS:
        return "\n" if not tag.startswith("</") or name == "p" else ""
    return "" if name in NAMES else tag


def picture(tag: str) -> tuple[str, str]:
    """The words and the address of an `<img>`."""
    found = {name.lower(): html.unescape(a or b or c) for name, a, b, c in ATTRIBUTE.findall(tag)}
    return found.get("alt", ""), found.get("src", "")


def name_of(tag: str) -> str:
    """The name of a real HTML tag in lower case, `!` for a comment, nothing for what only looks like one (`<int>`)."""
    if tag.startswith("<!--"):
        return "!"
    found = TAG.fullmatch(tag)
    name = found[1].lower() if found and found[1] else ""
    return name if name in NAMES else ""
