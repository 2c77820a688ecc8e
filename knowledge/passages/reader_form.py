"""A piece of a note as a person would read it: Markdown that every platform can draw, without the marks of the program it was
written in (Obsidian, Logseq, Hexo, Hugo, d2l, HTML).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.foreign_text import unescaped
from knowledge.passages.plain_text import FILE_NAME, IMAGE, RULE_ROW, TAG, code_spans

EMBED = re.compile(r"!\[\[([^\[\]\n]+)\]\]")
WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]+?)(?:\\?\|([^\[\]\n]+))?\]\]")
ROLE = re.compile(r"(?:[,，]? ?(?:\bsee|\bcf\.?|详见|参见|见|如) ?)?:[a-z_]{2,16}:`[^`\n]*`")
"""A role of Sphinx or d2l: `:numref:`fig_loss``."""
BLOCK_ID = re.compile(r"(?:^|(?<=\s))\^(?=\d*[A-Za-z])[\w-]+[ \t]*$", re.MULTILINE)
ATTRIBUTES = re.compile(r"\{:?[ \t]*[#.][A-Za-z][^{}\n]{0,80}\}")
SHORTCODE = re.compile(r"\{%[^{}\n]{0,200}%\}|\{\{[<%][^{}\n]{0,200}[>%]\}\}")
CLOZE = re.compile(r"\{\{c\d+::([^{}\n:]+)(?:::[^{}\n]*)?\}\}")
BLOCK_REFERENCE = re.compile(r"\(\([0-9a-fA-F-]{8,40}\)\)|\{\{(?:embed|renderer|query|video)[^{}\n]{0,200}\}\}")
REMARK = re.compile(r"<!--[^>]*(?:-->)?|%%[^%\n]*%%")
FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]|\[@[^\]\n]{1,80}\]")
HIGHLIGHT = re.compile(r"==(?=\S)([^=\n]+)==")
RAISED = re.compile(r"<(su[pb])>([^<>\n]{1,40})</\1>", re.IGNORECASE)
DUNDER = re.compile(r"(?<![\w*`])__([a-z]+(?:_[a-z]+)*)__(?![\w*`])")
CELLS = re.compile(r"</t[dh]>\s*+<t[dh]\b[^<>]*+>", re.IGNORECASE)
LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/summary|/h[1-6])\b[^<>]*+>", re.IGNORECASE)
TRAILING_TAGS = re.compile(r"(?:(?:^|[ \t])#(?!\d+(?:\s|$))[\w/-]+)+[ \t]*$", re.MULTILINE)
KEYS = (
    r"id|uid|uuid|collapsed|updated-at|created-at|created|updated|modified|date|alias|aliases|type|tag|tags|title|icon|public"
    r"|template|heading|background-color|status|up|upstream|down|related|parent|source|links?|author|category|categories"
    r"|layout|permalink|draft|publish|cover|mathjax|toc|cssclass|cssclasses|标签|别名|状态|创建|更新|作者|来源|分类"
)
PROPERTY = re.compile(
    rf"^[ \t]*(?:[-*][ \t]+)?(?:(?:{KEYS}|card-[\w-]+|query-[\w-]+|logseq\.[\w.-]+|hl-\w+|ls-type|file(?:-path)?)::[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
INLINE_FIELD = re.compile(r"[\[(]([\w -]{1,30}):: ?([^\[\]()\n]{1,80})[\])]")
DIRECTIVE = re.compile(r"^[ \t]*(?::{3,}[^\n]*|:[a-z]+_[a-z]+:|\[toc\]|\{:[^}\n]*\})[ \t]*$", re.MULTILINE | re.IGNORECASE)
QUOTE_MARK = re.compile(r"^[ \t]*(?:>[ \t]?)+(?:\[!\w+\][+-]?[ \t]*)?", re.MULTILINE)
OPEN_TASK, DONE_TASK = re.compile(r"^([ \t]*[-*+] )\[ \] ", re.MULTILINE), re.compile(r"^([ \t]*[-*+] )\[[xX]\] ", re.MULTILINE)
HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+([^\n]*?)[ \t]*#*$", re.MULTILINE)
FENCED = re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE)
KEPT = "\ue001"
KEPT_MARK = re.compile(f"{KEPT}(\\d+){KEPT}")
UP = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
DOWN = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def readable(markdown: str, embeds: Mapping[str, str] | None = None) -> str:
    """`markdown` in the reader's form; `embeds` are the texts of what is embedded, by target."""
    if FENCED.match(markdown):
        return markdown
    kept: list[str] = []

    text = _without_code(ROLE.sub("", markdown.lstrip("\ufeff")), kept)
    text = _without_links(text, embeds or {})
    text = _without_programs(text)
    text = _without_html(text) if "<" in text or "&" in text else text
    text = DUNDER.sub(r"`__\1__`", text) if "__" in text else text
    text = KEPT_MARK.sub(lambda mark: kept[int(mark[1])] if int(mark[1]) < len(kept) else mark[0], text)
    return "\n".join(_tidied(line) for line in text.splitlines() if line.strip() and not RULE_ROW.fullmatch(line))


def _without_code(text: str, kept: list[str]) -> str:
    """The text with a mark in the place of each code span, which is put into `kept`."""
    parts, last = [], 0
    for start, end in code_spans(text) if "`" in text else ():
        parts += [text[last:start], f"{KEPT}{len(kept)}{KEPT}"]
        kept.append(text[start:end])
        last = end
    return "".join([*parts, text[last:]])


def cells_of(row: str) -> list[str]:
    """The cells of a table's row in the reader's form; an escaped pipe parts none."""
    inner = readable(row).strip().strip("|")
    return [cell.strip().replace("\ue002", "|") for cell in inner.replace("\\|", "\ue002").split("|")]


def _without_links(text: str, embeds: Mapping[str, str]) -> str:
    if "[" not in text:
        return text
    text = EMBED.sub(lambda embed: embeds.get(embed[1].strip(), "") or _label(embed[1]), text)
    text = IMAGE.sub(lambda image: "" if FILE_NAME.search((image[1] or "").strip()) else f"[{image[1]}]", text)
    return WIKI_LINK.sub(lambda link: link[2] or _label(link[1]), text)


def _label(target: str) -> str:
    """What a link to a note shows: its name, or the heading in it that is meant; of a picture nothing."""
    name, _, part = target.partition("|")[0].partition("#")
    if FILE_NAME.search(name):
        return ""
    return part.strip() if part and not part.startswith("^") else name.rpartition("/")[2].strip()


def _without_programs(text: str) -> str:
    text = PROPERTY.sub("", DIRECTIVE.sub("", text)) if ":" in text else text
    text = INLINE_FIELD.sub(r"\2", text) if "::" in text else text
    if "{" in text:
        text = ATTRIBUTES.sub("", SHORTCODE.sub("", CLOZE.sub(r"\1", text)))
    text = BLOCK_REFERENCE.sub("", text)
    text = REMARK.sub("", FOOTNOTE.sub("", text))
    text = HIGHLIGHT.sub(r"\1", text) if "==" in text else text
    text = BLOCK_ID.sub("", text) if "^" in text else text
    text = HEADING.sub(r"**\1**", TRAILING_TAGS.sub("", text)) if "#" in text else text
    text = QUOTE_MARK.sub("", text) if ">" in text else text
    return DONE_TASK.sub(r"\1☑ ", OPEN_TASK.sub(r"\1☐ ", text))


def _without_html(text: str) -> str:
    text = RAISED.sub(_raised, text)
    return unescaped(TAG.sub("", LINE_BREAK.sub("\n", CELLS.sub(" | ", text))))


def _raised(found: re.Match[str]) -> str:
    """Small figures have characters of their own; other words keep a sign of standing higher or lower."""
    up = found[1].lower() == "sup"
    moved = found[2].translate(UP if up else DOWN)
    plain = moved.isascii() or any(character.isalpha() and character != "ⁿ" for character in moved)
    return f"{'^' if up else '_'}{found[2]}" if plain else moved


def _tidied(line: str) -> str:
    return re.sub(r"(?<=\S)[ \t]{2,}", " ", line.expandtabs(4)).rstrip()
