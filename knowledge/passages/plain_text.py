"""A piece of Markdown goes in; the words a person reads come out. Nothing here keeps offsets."""

from __future__ import annotations

import html
import re

# HTML's own elements: `<span style=..>` is markup, while `vector<int>` and `<think>` in a note are its words.
ELEMENTS = (
    "a|abbr|article|aside|audio|b|blockquote|body|br|button|caption|center|cite|code|col|colgroup|dd|del|details|dfn|div"
    "|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li"
    "|link|main|mark|meta|nav|object|ol|option|p|param|picture|pre|q|ruby|rp|rt|s|samp|script|section|select|small"
    "|source|span|strike|strong|style|sub|summary|sup|svg|path|table|tbody|td|textarea|tfoot|th|thead|tr|track|tt|u|ul"
    "|var|video|wbr"
)
ATTRIBUTES = r"""(?:\s(?:[^'">]|"[^"]*"|'[^']*')*+)?"""

UNREAD = re.compile(
    r"<(script|style|svg)\b[^>]*>.*?</\1\s*>|<!--.*?-->|%%.*?%%|\{%.*?%\}|^\{:[^}\n]*\}$",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")
TAG = re.compile(rf"</?(?:{ELEMENTS}){ATTRIBUTES}/?>", re.IGNORECASE)
BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/td|/th|/tr|/h[1-6])\b[^>]*>", re.IGNORECASE)
IMAGE = re.compile(r"!\[([^\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\)|!\[\[[^\]]*\]\]")
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\)")
WIKI_LINK = re.compile(r"\[\[([^\]|\n]+)(?:\|([^\]\n]+))?\]\]")
FILE_NAME = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp)$|^(?:image|img|图片|截图)?[\s\d_-]*$", re.IGNORECASE)
ADDRESS = re.compile(r"<?(?:https?|ftp)://[^\s<>()\[\]（）「」，。；、]+>?", re.IGNORECASE)
MARKER = re.compile(
    r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:#{1,6}[ \t]+)?", re.MULTILINE
)
FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$|^[ \t]*(?:={3,}|-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
RULE_ROW = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
EMPHASIS = re.compile(r"\*{1,3}|~~|==|`+|\$\$?")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
KEPT = "\ue000"
KEPT_MARK = re.compile(f"{KEPT}(\\d+){KEPT}")
BLANKS = re.compile(r"[ \t\u00a0\u3000]+")


def plain(markdown: str) -> str:
    """The visible words of `markdown`: no markers, tags or addresses; lines stay lines, table cells are parted by blanks."""
    kept: list[str] = []

    def keep(words: str) -> str:
        """Put a mark in the place of words that are read as they stand."""
        kept.append(words)
        return f"{KEPT}{len(kept) - 1}{KEPT}"

    text = CODE_SPAN.sub(lambda span: keep(span[2]), markdown) if "`" in markdown else markdown
    text = ESCAPE.sub(lambda escaped: keep(escaped[1]), text) if "\\" in text else text
    text = _without_markers(_without_tags(_without_links(text)))
    text = html.unescape(text) if "&" in text else text
    if kept:
        text = KEPT_MARK.sub(lambda mark: kept[int(mark[1])] if int(mark[1]) < len(kept) else mark[0], text)
    lines = (BLANKS.sub(" ", line).strip() for line in text.replace("\ufeff", "").replace("\0", " ").splitlines())
    return "\n".join(line for line in lines if line)


def unread(markdown: str) -> list[tuple[int, int]]:
    """Places of what nobody reads: scripts, styles, drawings, comments."""
    code = [span.span() for span in CODE_SPAN.finditer(markdown)]
    found = (match.span() for match in UNREAD.finditer(markdown))
    return [span for span in found if not any(start <= span[0] < end for start, end in code)]


def _without_tags(text: str) -> str:
    if "<" in text or "%" in text or "{:" in text:
        text = UNREAD.sub(" ", text)
    return TAG.sub("", BREAK.sub(" ", text)) if "<" in text else text


def _without_markers(text: str) -> str:
    text = RULE_ROW.sub("", FENCE.sub("", text))
    return EMPHASIS.sub("", MARKER.sub("", text).replace("|", " "))


def _without_links(text: str) -> str:
    if "[" in text:
        text = IMAGE.sub(_caption, text)
        text = LINK.sub(r"\1", WIKI_LINK.sub(lambda m: m[2] or m[1], text))
    return ADDRESS.sub(" ", text) if "://" in text else text


def _caption(image: re.Match[str]) -> str:
    """An image's description, unless it is only the name of its file."""
    words = (image[1] or "").strip()
    return "" if FILE_NAME.search(words) else words
