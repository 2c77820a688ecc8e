"""Definition cards: from sentences that define a term, and from bullets and paragraphs of the form "term: meaning"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import prompts
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft
from bot.quiz.cards.extractors.quality import JUNK, ends_in_noun, is_closed, is_term, leans, words_of
from bot.quiz.cards.extractors.sentences import Sentence, with_lead
from bot.quiz.cards.rendered_text import bare
from bot.types import language_of

GLOSS = 12
"""Characters; a shorter explanation fits more than one term."""
LISTED_GLOSS = 10
"""The same for a term in a list of terms with their explanations, which the topic names."""
FEWEST_LISTED = 3
COLON = re.compile(
    r"^(?P<term>[^，。；：:,;!?！？（）()]{2,40}?)(?P<alias>\s*[（(][^（）()]{1,60}[)）])?\s*(?:[:：]"
    r"|\s[-–—]{1,2}\s|——)\s*(?:(?:这种|该)(?:方法|技术|策略|做法))?(?P<rest>.+)$",
    re.DOTALL,
)
NO_ACTIONS = frozenset(
    "包括 包含 类似 例如 见 参见 出自 来自 属于 介绍 提出 发现 建议 推荐 适合 支持 是 有 没有 会 要"
    " 应该 需要 可能 可以 认为 表示 指出 基于".split()
)
ACTIONS = frozenset("逐步 直接 先 通过 利用 使用 将 把 让 用 以 借助 根据 按 采用 为 对 给 在 从 由 指".split())


def glosses(statement: Sentence, known: Counter[str], listed: frozenset[int]) -> Iterator[CardDraft]:
    """**X**：通过…: which term is explained like this? `listed` are the places of bullets that stand in a list of such terms."""
    match = COLON.match(statement.text)
    if statement.words.odd or not match or not statement.first:
        return
    in_list = statement.block.start in listed
    if not (in_list or _is_set_off(statement, match, known)) or not _explains(match["rest"]):
        return
    shortest = LISTED_GLOSS if in_list else GLOSS
    end = end_of(statement, match, shortest if statement.language == "zh" else 2 * GLOSS)
    if end:
        topic = with_lead(statement.topic, statement.block)
        yield from which_term(statement, match, statement.text[match.start("rest") : end], topic)


def listed_terms(statements: Sequence[Sentence]) -> frozenset[int]:
    """Where the bullets stand that explain a term each, side by side with others that do."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for statement in statements:
        block = statement.block
        match = COLON.match(statement.text) if statement.first and block.depth else None
        if match and is_term(match["term"].strip(), marked=True) and ends_in_noun(match["term"].strip()):
            groups.setdefault((block.heading, block.parents[:-1], block.depth), []).append(block.start)
    return frozenset(start for group in groups.values() if len(group) >= FEWEST_LISTED for start in group)


def _is_set_off(statement: Sentence, match: re.Match[str], known: Counter[str]) -> bool:
    term = match["term"].strip()
    if is_marked(statement, *match.span("term")):
        return is_term(term, marked=True)
    return is_term(term) and ends_in_noun(term) and known[term] >= WELL_KNOWN and statement.block.depth > 0


def _explains(rest: str) -> bool:
    """What follows the colon says what the term is or does, and is no statement about something else."""
    words = [word for word in words_of(rest) if word.text.strip()]
    if not words or words[0].tag == "eng" or rest[0].isascii():
        return bool(re.match(r"[a-z]", rest)) and rest.isascii()
    if words[0].tag.startswith("v") or words[0].text in ACTIONS:
        return words[0].text not in NO_ACTIONS
    first = re.split(r"[，；。]", rest)[0]
    adverbs = any(word.tag in ("d", "ad", "r") for word in words_of(first))
    return bool(ESSENCE.search(rest) or re.match(r"一[种个类项]", rest)) and ends_in_noun(first) and not adverbs


SHORTEST = 8
LONGEST = 90
"""Characters of a definition; a longer one is cut after a clause."""
UNIQUE = 24
"""Characters; a shorter definition of a term without a mark fits others as well."""
WELL_KNOWN = 3
"""Times that a term without any mark must occur in the note."""
CLAUSE = 14
"""Characters; a clause this long can be a definition without the clauses after it."""

TERM = (
    r"^(?P<lead>(?:所谓|什么是)?[‘“\"「]?)(?P<term>[^，。；：:,;!?！？（）()“”「」‘’]{2,40}?)"
    r"[”’\"」]?(?P<alias>\s*[（(][^（）()]{1,60}[)）])?\s*"
)
MEASURES = "种个类项款套门颗位部家所座条支场本张片组份名只届段级枚艘架间幅首台系"
SAYS_ZH = re.compile(
    TERM
    + r"(?P<verb>是指|指的是|特指|泛指|指(?!出|导|向|令|标|数|示|定|明|望|责|控|派)|意味着|就是|是(?=一["
    + MEASURES
    + r"])|即(?=一["
    + MEASURES
    + r"])"
    r"|(?<!作)为(?=一["
    + MEASURES
    + r"])|是(?=[^，；。]{6,60}的[^，；。的]{1,10}(?:$|[，；。]))|的?定义[为是])[:：]?\s*(?P<rest>.+)$",
    re.DOTALL,
)
SAYS_EN = re.compile(
    r"^(?:an? |the )?(?P<term>[A-Za-z][\w+#./-]*(?: [\w+#./-]+){0,4}?)(?P<alias>\s*\([^()]{1,60}\))?,? "
    r"(?P<verb>is an?|are(?= \w+ (?:that|which|of|for|used))|is the|refers to|means|denotes|stands for)\s+(?P<rest>.+)$",
    re.DOTALL,
)
OPEN_END = re.compile(
    r"(?:[和与或及在对于从向把将被由为是的了地得以使如即]|例如|比如|包括|主要|可以|能够|通过|不仅|分为"
    r"|其中|时|后|前|下|\b(?:and|or|of|the|to|in|a|an|for|with|by|that|which))$"
)
OPEN_START = re.compile(r"^(?:随着|当|在|因|由于|如果|若|除|根据|按照?|对于?|虽|为了|从|一旦|不仅)")
GOES_ON = re.compile(r"[，；]\s*(?:如|例如|比如|等|而不是|但|或|以及|和|包括|其中|并非|即|也就是)")
WORTHLESS = re.compile(
    r"^(?:[“「‘]|[一二两三四五六七八九十\d]+[个种类](?:$|[，：])|如下|这|那|以下|一[种个项]?(?:非常"
    r"|很|最|十分|了不起|伟大|极其)|非常|很|最|更|比较|十分|相当|关键|核心|重要|可以|不|没|否|好|对"
    r"|错|真|假|大家|我|由|在|因|通常|要|必须|应该)"
    r"|(?:问题|关键|重点|核心|之一|挑战|方向|趋势|未来|必要的?|重要的?|可能的?|正确的?|错误的?|不同的?"
    r"|原因|绊脚石|事情|东西|做法|证据|例子|一部分|基础设施|典型)$|非常重要|[:：]$"
)
MUCH = 60
"""Characters; a definition up to this long is not cut."""
ESSENCE = re.compile(
    r"^[^，；。]{6,60}的(?:过程|方法|能力|技术|函数|算法|学科|概念|现象|系统|框架|机制|策略|模型|单位"
    r"|指标|集合|总称|统称)(?:$|[，；。])"
)


def definitions(statement: Sentence, known: Counter[str]) -> Iterator[CardDraft]:
    """X 是一种…, X 指…, X is a …: what is X?"""
    pattern = SAYS_ZH if statement.language == "zh" else SAYS_EN
    match = pattern.match(statement.text)
    if statement.words.odd or not match or not _is_named(statement, match, known):
        return
    end = end_of(statement, match, SHORTEST)
    if not end or WORTHLESS.search(statement.text[match.start("rest") : end]):
        return
    asked = prompts.load("cards").say("definition", statement.language, term=match["term"].strip())
    span = statement.words.span(match.start("rest"), end)
    thing = f"definition/{'/'.join(statement.block.heading)}"
    yield CardDraft(
        kind=CardKind.DEFINITION, question=asked, answer=span, around=statement.span, topic=statement.topic, thing=thing
    )
    unique = match["alias"] and end - match.start("rest") >= UNIQUE
    if is_marked(statement, *match.span("term"), wholly=True) or unique:
        yield from which_term(statement, match, statement.text[match.start("rest") : end], statement.topic)


def which_term(statement: Sentence, match: re.Match[str], gloss: str, topic: tuple[str, ...]) -> Iterator[CardDraft]:
    """The other way round: which term is explained like this?"""
    piece = match["term"]
    start = match.start("term") + len(piece) - len(piece.lstrip())
    yield CardDraft(
        kind=CardKind.WHICH,
        question=prompts.load("cards").say("which", language_of(gloss), gloss=gloss),
        answer=statement.words.span(start, start + len(piece.strip())),
        around=statement.span,
        topic=topic,
        thing=f"term/{'/'.join(statement.block.heading)}",
    )


def end_of(statement: Sentence, match: re.Match[str], shortest: int) -> int:
    """Where it ends: with the sentence when that is short, else with the first clause that is enough; 0 when there is none."""
    text, start = statement.text, match.start("rest")
    stops = [start + stop.start() for stop in re.finditer(r"[，；。,;](?=\s|\D)", text[start:])]
    clauses = [stop for stop in stops if stop - start >= CLAUSE and _is_whole(text, start, stop)]
    ends = [len(text), *clauses] if len(text) - start <= MUCH else [*clauses, len(text)]
    return next((end for end in ends if end - start >= shortest and _is_fit(statement, match, text[start:end])), 0)


def _is_whole(text: str, start: int, stop: int) -> bool:
    """The clause is complete, and what follows does not belong to it."""
    clause = text[start:stop]
    if re.search(r"[，,]\s*(?:如|例如|比如|即)", clause):
        return False
    return not (OPEN_END.search(clause) or OPEN_START.match(clause) or GOES_ON.match(text, stop)) and ends_in_noun(clause)


def _is_fit(statement: Sentence, match: re.Match[str], explanation: str) -> bool:
    """Short enough, whole, about nothing outside itself and not in a circle."""
    circular = bare(match["term"]) in bare(explanation) or bare(explanation) in bare(match["term"])
    if explanation.endswith((":", "：")):
        return False
    alias = (match["alias"] or "").strip(" （()）")
    told = bool(alias) and bare(alias) in bare(explanation)
    open_marks = any(mark.start < match.start("rest") < mark.end for mark in statement.words.marks)
    return (
        len(explanation) <= LONGEST
        and is_closed(explanation)
        and not (
            leans(explanation)
            or circular
            or told
            or open_marks
            or JUNK.search(explanation)
            or re.search(r"[?？!！]", explanation)
        )
    )


def _is_named(statement: Sentence, match: re.Match[str], known: Counter[str]) -> bool:
    """The subject is the name of something: set off by its author, the topic itself, with an alias, or well known in the note."""
    term = match["term"].strip()
    essence = bool(ESSENCE.search(match["rest"]))
    if is_marked(statement, *match.span("term"), wholly=True):
        return is_term(term, marked=True, hollow=True)
    parts = [bare(part) for part in (*statement.topic, *statement.block.heading)]
    if any(bare(term) == part for part in parts) or (match["alias"] and statement.first):
        return is_term(term, marked=True)
    if not is_term(term, hollow=essence) or not ends_in_noun(term):
        return False
    if re.fullmatch(r"[A-Z][A-Za-z0-9-]{3,}", term) or (match["verb"] in ("指", "是指", "指的是") and len(term) >= 3):
        return True
    kin = any(len(part) >= 2 and (part in bare(term) or (bare(term) in part and len(bare(term)) >= 3)) for part in parts)
    return known[term] >= WELL_KNOWN or (kin and len(term) >= 3)


def is_marked(statement: Sentence, start: int, end: int, *, wholly: bool = False) -> bool:
    """Its beginning, all of it, or the term with its alias is bold, code or a highlight."""
    return any(
        mark.sign != "[" and start - 1 <= mark.start <= start and mark.end >= (end - 1 if wholly else min(end - 1, start + 3))
        for mark in statement.words.marks
    )
