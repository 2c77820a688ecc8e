"""Hypothesis strategies: made-up Markdown notes of which it is known what a person reads, and plain chaos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

WORDS = (
    "注意力 机制 缓存 显存 词元 上下文 检索 重排 幻觉 提示词 梯度 微调 量化 蒸馏 对齐 涌现 attention cache token retrieval prompt"
    " gradient alignment café naïve Transformer GPT-4 KV 3.5 e\u0301tude 👩\u200d🔬 👍🏽 ❤\ufe0f x\u00a0y a\0b"
).split(" ")
ENDS = ("。", "！", "？", "。”", "！）")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a note."""

    markdown: str
    parts: tuple[str, ...]
    """What a person reads of it, each part once in the whole note and never to be split while it is under the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A note and what a person reads in it."""

    text: str
    parts: tuple[str, ...]


def sentences_of(number: int, chance: Random) -> tuple[str, ...]:
    """Some sentences that stand nowhere else in the note."""
    return tuple(f"第{number}之{at}句：{' '.join(words(chance))}{chance.choice(ENDS)}" for at in range(chance.randint(1, 3)))


def words(chance: Random) -> list[str]:
    return chance.choices(WORDS, k=chance.randint(1, 8))


Shape = Callable[[tuple[str, ...], int], Piece]


def paragraph(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="".join(parts), parts=parts)


def heading(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="#" * (number % 6 + 1) + " " + parts[0], parts=parts[:1])


def underlined_heading(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown=parts[0] + "\n====", parts=parts[:1])


def nested_bullets(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="\n".join("  " * depth + "- " + part for depth, part in enumerate(parts)), parts=parts)


def numbered_list(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="\n".join(f"{at}. {part}" for at, part in enumerate(parts, 1)), parts=parts)


def tasks(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="\n".join(f"- [{'x' if at % 2 else ' '}] {part}" for at, part in enumerate(parts)), parts=parts)


def table(parts: tuple[str, ...], number: int) -> Piece:
    rows = tuple(f"| {part} | 值{number} |" for part in parts)
    return Piece(markdown="\n".join([f"| 名称{number} | 值 |", "|:--|--:|", *rows]), parts=rows)


def code(parts: tuple[str, ...], number: int) -> Piece:
    lines = "\n".join(f"print('{part}')  # {number}" for part in parts)
    return Piece(markdown=f"```python\n{lines}\n```", parts=(lines,))


def indented_code(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="\n".join(f"    {part}" for part in parts), parts=parts)


def quote(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="\n".join(f"> {part}" for part in parts), parts=parts)


def callout(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="\n".join(["> [!note] 提示", *(f"> {part}" for part in parts)]), parts=parts)


def formula(parts: tuple[str, ...], number: int) -> Piece:
    body = rf"\mathrm{{softmax}}_{{{number}}}(QK^T / \sqrt{{d_k}})"
    return Piece(markdown=f"$$\n{body}\n$$", parts=(body,))


def html(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown="<div>\n" + "<br>\n".join(parts) + "\n</div>", parts=parts)


def link(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown=f'见 [{parts[0]}](https://example.org/{number}_(x).html "标题")', parts=parts[:1])


def image(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown=f"![图 {number}](pictures/{number}.png)\n\n{parts[0]}", parts=parts[:1])


def rule(parts: tuple[str, ...], number: int) -> Piece:
    return Piece(markdown=f"***\n\n{parts[0]}", parts=parts[:1])


SHAPES: tuple[Shape, ...] = (
    paragraph,
    heading,
    underlined_heading,
    nested_bullets,
    numbered_list,
    tasks,
    table,
    code,
    indented_code,
    quote,
    callout,
    formula,
    html,
    link,
    image,
    rule,
)
HEADERS = ("", "---\ntitle: 标题\ntags: [a, b]\n---\n", "---\nlayout: post\n---\n\n", "\ufeff", "\ufeff---\ntitle: x\n---\n")


def written(pieces: list[Piece], header: str, line_end: str) -> Written:
    text = header + "\n\n".join(piece.markdown for piece in pieces) + "\n"
    parts = [part for piece in pieces for part in piece.parts]
    return Written(text=text.replace("\n", line_end), parts=tuple(part.replace("\n", line_end) for part in parts))


def pieces(chosen: list[tuple[Shape, int]]) -> list[Piece]:
    return [shape(sentences_of(number, Random(seed)), number) for number, (shape, seed) in enumerate(chosen)]


shapes = st.lists(st.tuples(st.sampled_from(SHAPES), st.integers(0, 2**16)), min_size=1, max_size=12)
notes = st.builds(written, shapes.map(pieces), st.sampled_from(HEADERS), st.sampled_from(["\n", "\r\n"]))
"""Notes of every kind of block, with or without a header, with either kind of line end."""

BLANKS = ("\n", "\n\n", "\r\n", "\r", " ", "    ", "\t", "\u00a0", "\u3000", "\0", "\ufeff", "\u200b", "\u2028", "\x0c")
MARKS = (
    "# ·## ·- ·  - ·    - ·* ·1. ·> ·>> ·```·~~~·$$·$·`·|·| a | b |\n|---|---|\n·---\n·***\n·===\n·**·__·==·~~·\\·[·](·)·[[·]]·!["
    "·[^1]: ·<div>·</div>·<!--·-->·<br>·<script>·</script>·<·>·&amp;·&#0;·%%·{%·%}·{: .x}·mxgraph·https://example.org/a?b=c#d"
).split("·")
LETTERS = "字 注意力机制 word Ünïcode e\u0301 👩\u200d🔬 👍🏽 ❤\ufe0f \U00020000 1 23 : ： 。 ！ ？” . ； ，".split(" ")
chaos = st.lists(st.sampled_from([*BLANKS, *MARKS, *LETTERS]), max_size=60).map("".join)
"""Anything that could stand in a file."""

LONG = ("x", "注意力", "👩\u200d🔬", "👍🏽", "e\u0301", "字。", "ab ", "字，")
long_lines = st.builds(lambda unit, count: unit * count, st.sampled_from(LONG), st.integers(100, 2000))
"""One line, longer than any passage may be."""
