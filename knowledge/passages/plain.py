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
    r"<(script|style|svg)\b[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|%%.*?%%|\{%.*?%\}|^\{:[^}\n]*\}$",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
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
BLANKS = re.compile(r"[ \t\u00a0\u3000]+")


def plain(markdown: str) -> str:
    """The visible words of `markdown`: no markers, tags or addresses; lines stay lines, table cells are parted by blanks."""
    text = UNREAD.sub(" ", markdown) if "<" in markdown or "%" in markdown or "{:" in markdown else markdown
    text = _without_links(text)
    if "<" in text:
        text = TAG.sub("", BREAK.sub(" ", text))
    text = RULE_ROW.sub("", FENCE.sub("", text))
    text = MARKER.sub("", text)
    text = EMPHASIS.sub("", text.replace("|", " "))
    text = ESCAPE.sub(r"\1", text) if "\\" in text else text
    text = html.unescape(text) if "&" in text else text
    lines = (BLANKS.sub(" ", line).strip() for line in text.replace("\ufeff", "").replace("\0", " ").splitlines())
    return "\n".join(line for line in lines if line)


def _without_links(text: str) -> str:
    if "[" in text:
        text = IMAGE.sub(_caption, text)
        text = LINK.sub(r"\1", WIKI_LINK.sub(lambda m: m[2] or m[1], text))
    return ADDRESS.sub(" ", text) if "://" in text else text


def _caption(image: re.Match[str]) -> str:
    """An image's description, unless it is only the name of its file."""
    words = (image[1] or "").strip()
    return "" if FILE_NAME.search(words) else words
