"""A note as card extractors see it: blocks, tables, topics, places in the file, and finished cards."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.quiz.cards.card import Card, CardKind, CardSource, id_of
from bot.quiz.cards.rendered_text import RenderedText, bare, gives_away, read
from bot.types import Language, language_of
from knowledge.passages.markdown import Block, blocks_of, line_starts
from knowledge.passages.markdown import BlockKind as BlockKind
from knowledge.types import Note, Passage, Span

NUMBERING = re.compile(
    r"^\s*(?:\d+(?:\.\d+)*[.、)）:：]?\s+|\d+(?:\.\d+)*[.、)）]\s*|[(（]?[一二三四五六七八九十\d]+[)）、.]\s*"
    r"|第[一二三四五六七八九十\d]+[章节讲课步部分篇]+[：:、\s]*|【[^】]*】|[^\w\s《“\"'(（「]+\s*)"
)
TAGS = re.compile(r"(?:^|\s)#[^\s#]+")
TRAILING = re.compile(r"[\s:：。,，、]+$")
UNTELLING = frozenset(
    "思考 名词 其它 其他 案例 示例 例子 例证 最新进展 进展 原因 结论 总结 小结 介绍 简介 背景 概述"
    " 概览 概念 定义 分类 方法 解决方案 方案 资料 参考"
    " 参考资料 参考文献 附录 备注 问题 优点 缺点 优缺点 特点 步骤 流程 原理 应用 实现 代码 效果 分析"
    " 评价 评论 说明 注意 注意事项 对比 比较"
    " 意义 历史 发展 现状 现状分析 挑战 局限 局限性 未来 展望 观点 核心观点 要点 重点 内容 目录 前言"
    " 引言 正文 正方 反方 公式 直觉 练习 复习"
    " 复习卡片 卡片 术语 术语表 笔记 待办 更多 相关 链接 数据 模型 训练 实验 结果 讨论 工具 补充 使用"
    " 架构 算法 技术 趋势 理论 结构 论文 洞见"
    " introduction overview background summary conclusion conclusions example examples note notes definition definitions method"
    " methods result results discussion references appendix misc other faq todo cards flashcards usage details motivation"
    " problem problems solution solutions pros cons limitations future history concepts terms content contents glossary".split()
)
SILENT = frozenset(
    "复习 复习卡片 卡片 总结 小结 笔记 待办 更多 其它 其他 补充 cards flashcards notes note todo misc other summary".split()
)
"""Headings that add nothing even below one that says something."""
PICTURED = re.compile(r"[\U0001f000-\U0001ffff\u2600-\u27bf\ufe0f]")
MACHINE_NAME = re.compile(r"(?=.*\d)[0-9a-zA-Z_\-.]+$")
LONGEST = 40
"""Characters; a longer heading is a sentence, and is cut at its first stop."""
READ = 500
"""Characters of it that are looked at."""
PARTS = 2


def topic_of(headings: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The innermost heading that says something, with the one above it; outermost first.

    A heading such as "Advantages" says nothing alone and is kept only below one that does.
    """
    named = [name for name in map(clean, (title, *headings)) if name and not MACHINE_NAME.match(name)]
    named = list(dict.fromkeys(named))
    telling = [at for at, name in enumerate(named) if not is_untelling(name)]
    if not telling:
        return ()
    first = telling[-1]
    above = [at for at in telling if at < first][-(PARTS - 1) :]
    below = tuple(name for name in named[first + 1 : first + 2] if name.casefold() not in SILENT)
    return (*(named[at] for at in above), named[first], *below)


def clean(heading: str) -> str:
    """The heading without numbers, tags and pictures."""
    words = PICTURED.sub("", TAGS.sub("", heading[:READ])).strip()
    while (shorter := NUMBERING.sub("", words, count=1)) not in (words, ""):
        words = shorter
    words = TRAILING.sub("", words)
    return words if len(words) <= LONGEST else TRAILING.sub("", re.split(r"[。？！?!，,；;：:（(]", words)[0])[:LONGEST]


def is_untelling(name: str) -> bool:
    """A heading that could stand in any note."""
    return name.casefold() in UNTELLING or len(name) < 2


CELL_EDGE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells by row; the first row is the head. Every cell knows its place in the file."""

    head: tuple[RenderedText, ...]
    rows: tuple[tuple[RenderedText, ...], ...]
    blocks: tuple[Block, ...]
    """One for each row, the head's first."""


def tables_of(page: NoteDocument) -> Iterator[Table]:
    """The page's tables in order."""
    found: list[list[Block]] = []
    for block in page.blocks:
        if block.kind is not BlockKind.ROW:
            continue
        if block.leads or not found:
            found.append([])
        found[-1].append(block)
    for blocks in found:
        head, *rows = (tuple(_cells(page, block)) for block in blocks)
        yield Table(head=head, rows=tuple(rows), blocks=tuple(blocks))


def _cells(page: NoteDocument, block: Block) -> Iterator[RenderedText]:
    text = page.note.text[block.start : block.end]
    edges = [match.start() for match in CELL_EDGE.finditer(text)]
    starts = [-1, *edges] if not text.startswith("|") else edges
    ends = [*starts[1:], len(text)] if not text.endswith("|") else starts[1:]
    for start, end in zip(starts, ends, strict=False):
        piece = text[start + 1 : end]
        blank = len(piece) - len(piece.lstrip())
        inner = block.start + start + 1 + blank
        yield page.read(inner, inner + len(piece.strip()))


SIGNS_BEFORE = re.compile(r"(?:\*\*|==|`)+$")
SIGNS_AFTER = re.compile(r"(?:\*\*|==|`)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """A card before it is placed: what is asked, and where in the file the answer stands."""

    kind: CardKind
    question: str
    answer: Span
    around: Span
    """The stretch of the file that the card is made of; its lines are the card's."""
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    hint: str = ""
    thing: str = ""
    siblings: tuple[str, ...] = ()


class NoteDocument:
    """One note. `passages` are the notebook's, in any order."""

    def __init__(self, note: Note, passages: Sequence[Passage]) -> None:
        self.note = note
        self.blocks: tuple[Block, ...] = blocks_of(note)
        self._begins = [block.start for block in self.blocks]
        self._passages = sorted(passages, key=lambda passage: passage.start)
        self._starts = [passage.start for passage in self._passages]
        self._lines = line_starts(note.text)

    def read(self, start: int, end: int) -> RenderedText:
        return read(self.note.text, start, end)

    def topic(self, block: Block) -> tuple[str, ...]:
        """What the block is about, outermost first; empty when nothing above it says so."""
        return topic_of(block.heading, self.note.front.title)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """In their order."""
        return tuple(self._passages)

    def block_at(self, start: int) -> Block | None:
        """The block that begins at or before `start`."""
        at = bisect_right(self._begins, start) - 1
        return self.blocks[at] if at >= 0 else None

    def topic_at(self, start: int) -> tuple[str, ...]:
        block = self.block_at(start)
        return self.topic(block) if block else ()

    def lines(self, span: Span) -> tuple[int, int]:
        """First and last line, counted from 1."""
        last = len(self._lines) - 1
        return bisect_right(self._lines, span[0], hi=last), bisect_right(self._lines, max(span[0], span[1] - 1), hi=last)

    def passage(self, span: Span) -> Passage | None:
        """The passage that holds the whole span; for one cut in two, the passage where it begins."""
        at = bisect_right(self._starts, span[0]) - 1
        return self._passages[at] if at >= 0 else None

    def holds(self, span: Span) -> bool:
        """One passage holds the whole span."""
        passage = self.passage(span)
        return passage is not None and passage.start <= span[0] and span[1] <= passage.end

    def balanced(self, span: Span) -> Span | None:
        """The span with the signs around it that its own unpaired ones belong to; None when they do not pair."""
        inside = self.note.text[slice(*span)]
        before, after = (
            SIGNS_BEFORE.search(self.note.text, max(0, span[0] - 3), span[0]),
            SIGNS_AFTER.match(self.note.text, span[1]),
        )
        if before and after and before[0] == after[0] and before[0] in inside:
            return before.start(), after.end()
        if _is_balanced(inside):
            return span
        for start in {span[0], before.start() if before else span[0]}:
            for end in {span[1], after.end() if after else span[1]}:
                if _is_balanced(self.note.text[start:end]):
                    return start, end
        return None

    def card(self, draft: CardDraft, source: CardSource, *, language: Language | None = None) -> Card:
        """The finished card; its place is that of the answer."""
        start, end = draft.answer
        answer = self.note.text[start:end]
        spoken = language or language_of(f"{draft.question} {answer}")
        topic = _fitting_topic(draft, answer)
        passage = self.passage(draft.answer)
        return Card(
            id=id_of(draft.kind, draft.question, answer),
            source=source,
            kind=draft.kind,
            prompt=_prompt(topic, draft.question, spoken),
            question=draft.question,
            topic=topic,
            answer=answer,
            path=self.note.path,
            title=self.note.title,
            lines=self.lines((min(start, draft.around[0]), max(end, draft.around[1]))),
            heading=passage.heading if passage else (),
            passage=passage.id if passage else "",
            passage_digest=passage.digest if passage else "",
            start=start,
            end=end,
            language=spoken,
            tags=draft.tags,
            hint=draft.hint,
            thing=draft.thing,
            siblings=draft.siblings,
        )


def _is_balanced(text: str) -> bool:
    return all(text.count(sign) % 2 == 0 for sign in ("`", "**", "=="))


def _prompt(topic: str, question: str, language: Language) -> str:
    if not topic:
        return question
    return f"【{topic}】{question}" if language == "zh" else f"[{topic}] {question}"


def _fitting_topic(draft: CardDraft, answer: str) -> str:
    """The topic without the parts that the question names anyway or that would give the answer away."""
    asked = bare(draft.question)
    parts = [part for part in draft.topic if bare(part) not in asked and not gives_away(part, answer)]
    return " › ".join(parts) if not all(map(is_untelling, parts)) else ""
