"""List cards: all items of a short list, one item of a longer one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import prompts
from bot.quiz.cards.card import GAP, LONGEST, CardKind
from bot.quiz.cards.document import NUMBERING, CardDraft, NoteDocument
from bot.quiz.cards.extractors.quality import HOLLOW_ZH, JOINING_ZH, JUNK, ends_in_noun, is_closed, is_term, leans, words_of
from bot.quiz.cards.extractors.sentences import Sentence
from bot.quiz.cards.rendered_text import RenderedText, bare
from bot.types import language_of
from knowledge.passages.markdown import Block
from knowledge.passages.markdown import BlockKind as BlockKind
from knowledge.passages.sentences import LEAD
from knowledge.types import Span

NUMERAL = r"[两二三四五六七八九十]|\d{1,2}"
THINGS = (
    "方向|类型|类别|种类|步骤|阶段|方面|部分|层次|要素|原则|模式|特征|特点|优点|缺点|优势|不足|方法"
    "|方式|原因|条件|能力|问题|挑战|组件|模块|指标|任务|路径|路线|机制|策略|技术"
    "|观点|结论|趋势|因素|目标|缺陷|障碍|用途|作用|场景|规则|标准|派别|流派|成分|形式|来源|维度|环节|关键词"
)
COUNTED = re.compile(
    rf"(?<!第)(?<![\d.])(?P<zh>{NUMERAL})\s?(?:大|个|种|类|点|项|条|步|层|款|支|派)|\b(?P<en>two|three"
    rf"|four|five|six|seven|eight|nine|ten|[2-9])\s+[a-z]",
    re.IGNORECASE,
)
COLLECTS = re.compile(
    rf"(?:{THINGS})(?:有|是|为|包括|如下|分别是|分别为)?$|(?:分为|分成|包括|包含|可分为|组成)$|\b(?:types"
    rf"|kinds|steps|stages|parts|reasons|ways|methods|phases|components|principles)$"
)
ENDING = re.compile(r"(?:(?:主要)?(?:有|是|为|包括|包含|如下|分别是|分别为|可以分为|分为|分成)(?:以下|如下)?|如下)?[:：\s]*$")
ASKS = re.compile(r"(?:什么|哪些|哪几[个种类点])[?？]?$")
INLINE = re.compile(
    r"^(?P<what>[^，。；：:]{4,40})(?:[:：]|，\s*(?:分别)?(?:是|为|包括)[:：]?)\s*(?P<items>[^。：:]{4,110}?)(?=$"
    r"|，(?:其中|每|并|而|以|但))"
)
DIVIDED = re.compile(
    r"^(?P<what>[^，。；：:、]{2,24}?)(?:主要|可以|一般|通常|又|可)*(?P<verb>分为|分成|包括|包含|涵盖"
    r"|由(?=[^，。]{4,60}(?:组成|构成)$))，?(?P<items>[^，。；：:]{4,80}?)(?:组成|构成)?(?=$|，(?:其中"
    r"|每|并|而|以|但))"
)
PARTING = re.compile(r"、|，|,\s|；|;|和|与|以及|及|\s\+\s|\s?\+\s?|\band\b")
NUMBERS = dict(zip("两二三四五六七八九十", (2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True)) | {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10
}  # fmt: skip
FEWEST, MOST = 2, 7
SHORTEST_LEAD, LONGEST_LEAD = 6, 60
SHORT_ITEM = 24
"""Characters; a list that does not say how long it is must be of short items."""
HEAD = re.compile(r"^([^，。；：:,;]{2,30}?)(?:\s*[（(][^（）()]{1,60}[)）])?\s*(?:[:：]|$)")


def lists(page: NoteDocument) -> Iterator[CardDraft]:
    """`X 的三种类型：` or such a heading, with its bullets."""
    for at, lead in enumerate(page.blocks):
        if lead.kind in (BlockKind.TEXT, BlockKind.HEADING) and len(lead.words) <= LONGEST_LEAD + 20:
            items = _items_after(page.blocks, at)
            if not items or not _announces(lead):
                continue
            if FEWEST <= len(items) <= MOST and _count(lead.words) in (0, len(items)):
                yield from _all_of(page, lead, items) or _one_of(page, lead, items)


def inline_lists(statement: Sentence) -> Iterator[CardDraft]:
    """`X 的六个方向：A、B、…` and `X 分为 A、B 和 C` in one sentence."""
    text = statement.text
    match = INLINE.match(text)
    counted = _count(match["what"]) if match else 0
    if not match or not counted:
        match = DIVIDED.match(text)
        counted = 0
    if statement.words.odd or not match or leans(text) or JUNK.search(text) or not is_closed(text):
        return
    stop = match.end("items")
    if "、" in match["items"] and "，" in match["items"][match["items"].rindex("、") :]:
        stop = match.start("items") + match["items"].index("，", match["items"].rindex("、"))
    listed = text[match.start("items") : stop].rstrip()
    items = [item.strip(" “”「」") for item in PARTING.split(listed)]
    if counted and counted != len(items):
        items = [item.strip(" “”「」") for item in re.split(r"、|，|；", listed)]
    what = _what(match["what"])
    if not FEWEST <= len(items) <= MOST or (counted and counted != len(items)) or not all(2 <= len(item) <= 24 for item in items):
        return
    verb = match.groupdict().get("verb", "")
    name = {"由": "list_made_of", "分为": "list_divided", "分成": "list_divided", "": "list"}.get(verb, "list_includes")
    if JOINING_ZH.match(what) or (len(what) < SHORTEST_LEAD and not verb) or listed.endswith("等"):
        return
    if "、" not in listed and any(word.tag in ("d", "ul", "r") for item in items for word in words_of(item)):
        return
    if verb and (len(items) < 3 or not _is_topic_like(what)):
        return
    yield CardDraft(
        kind=CardKind.LIST,
        question=prompts.load("cards").say(name, language_of(what), what=what, count=len(items)),
        answer=statement.words.span(match.start("items"), match.start("items") + len(listed)),
        around=statement.span,
        topic=statement.topic,
        thing="list",
    )


def _is_topic_like(what: str) -> bool:
    words = [word for word in words_of(what) if word.text.strip()]
    return (
        bool(words)
        and (words[0].tag[0] in "nabjl" or words[0].tag in ("vn", "eng"))
        and ends_in_noun(what)
        and what not in HOLLOW_ZH
    )


def _announces(lead: Block) -> bool:
    words = _what(lead.words.split("\n")[-1])
    if (
        not SHORTEST_LEAD <= len(words) <= LONGEST_LEAD
        or JOINING_ZH.match(words)
        or leans(words)
        or JUNK.search(words)
        or not is_closed(words)
        or "。" in words
    ):
        return False
    colon = lead.words.rstrip("* ").endswith((":", "："))
    counted = bool(COUNTED.search(words)) and (colon or lead.kind is BlockKind.HEADING or lead.depth > 0)
    return counted or bool(COLLECTS.search(words) and (colon or lead.depth > 0)) or bool(ASKS.search(words))


def _what(lead: str) -> str:
    words = re.sub(r"^【[^】]*】\s*", "", NUMBERING.sub("", lead.strip()))
    return ENDING.sub("", words).strip("* ，,")


def _items_after(blocks: Sequence[Block], at: int) -> list[Block]:
    """The bullets of the first level under the block at `at`."""
    lead = blocks[at]
    depth = 0 if lead.kind is BlockKind.HEADING else lead.depth
    items: list[Block] = []
    for block in (blocks[after] for after in range(at + 1, len(blocks))):
        if block.kind is not BlockKind.TEXT or block.depth <= depth:
            break
        if block.depth == depth + 1:
            items.append(block)
    return items


def _all_of(page: NoteDocument, lead: Block, items: list[Block]) -> list[CardDraft]:
    """The whole list, where the lead says how many there are and nothing but the items stands between the first and the last."""
    texts = [page.read(item.start, item.end) for item in items]
    between = sum(item.end - item.start for item in items) + 8 * len(items)
    sound = all(
        text.text and not text.odd and not JUNK.search(text.text) and not leans(text.text) and is_closed(text.text)
        for text in texts
    )
    if (
        not (_count(lead.words) or max(len(text.text) for text in texts) <= SHORT_ITEM)
        or not sound
        or items[-1].end - items[0].start > between
        or sum(len(text.text) for text in texts) > LONGEST
    ):
        return []
    what = _what(lead.words.split("\n")[-1])
    name = "list_asks" if ASKS.search(what) else "list"
    question = prompts.load("cards").say(name, language_of(what), what=what.rstrip("?？"), count=len(items))
    return [_draft(page, lead, (items[0].start, items[-1].end), question, CardKind.LIST, ())]


def _one_of(page: NoteDocument, lead: Block, items: list[Block]) -> list[CardDraft]:
    """One item left out of the list of the items' names, where every item begins with its name."""
    heads = [_head(page.read(_behind_marker(page.note.text, item.start), item.end)) for item in items]
    names = [text.text[start:end] for text, start, end in heads]
    if len(items) < 3 or not _count(lead.words) or not all(names) or len(set(map(bare, names))) < len(names):
        return []
    what = _what(lead.words.split("\n")[-1])
    drafts = []
    for at in (len(names) - 1, 0):
        text, start, end = heads[at]
        shown = "、".join(GAP if other == at else name for other, name in enumerate(names))
        if not any(bare(names[at]) in bare(other) for other in [what, *names[:at], *names[at + 1 :]]):
            others = (*names[:at], *names[at + 1 :])
            drafts.append(_draft(page, lead, text.span(start, end), f"{what}：{shown}", CardKind.TERM, others))
    return drafts[:1]


def _behind_marker(text: str, start: int) -> int:
    lead = LEAD.match(text, start)
    return lead.end() if lead else start


def _head(text: RenderedText) -> tuple[RenderedText, int, int]:
    """The name that a bullet begins with: before its colon, or all of it."""
    match = HEAD.match(text.text)
    name = match[1].strip() if match else ""
    if not match or text.odd or not is_term(name, marked=True):
        return text, 0, 0
    start = text.text.index(name)
    return text, start, start + len(name)


def _draft(page: NoteDocument, lead: Block, span: Span, question: str, kind: CardKind, siblings: tuple[str, ...]) -> CardDraft:
    thing = f"item/{'/'.join(lead.heading)}/{lead.words[:40]}" if kind is CardKind.TERM else "list"
    return CardDraft(
        kind=kind,
        question=question,
        answer=span,
        around=(lead.start, span[1]),
        topic=page.topic(lead),
        thing=thing,
        siblings=siblings,
    )


def _count(words: str) -> int:
    """How many the line says there are; 0 when it does not."""
    found = COUNTED.search(words)
    if not found:
        return 0
    said = (found["zh"] or found["en"]).casefold()
    return int(said) if said.isdigit() else NUMBERS.get(said, 0)
