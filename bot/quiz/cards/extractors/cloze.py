"""Cloze cards: sentences with a quantity, a date or a term left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.quiz.cards.card import GAP, CardKind
from bot.quiz.cards.document import CardDraft
from bot.quiz.cards.extractors.quality import ends_in_noun, is_term, words_of
from bot.quiz.cards.extractors.sentences import NAMES, Clip, Sentence, clip_around
from bot.quiz.cards.rendered_text import MarkedSpan, bare
from knowledge.types import Span

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
UNIT = (
    r"%|％|‰|°C|℃|°|[kKMGTP]i?B\b|[KMBTk](?![A-Za-z])|GHz|MHz|km²?|kg|cm|mm|ms|m²?(?![A-Za-z])|nm|eV|W\b|V\b|"
    r"(?:万亿|百万|千万|亿|万|千|百|多|余)*\s?(?:美元|美分|人民币|元|欧元|英镑|日元|港元|港币|参数"
    r"|token|tokens|Tokens|字节|词元|词|字|瓦|公里|千米|公尺|米|厘米|毫米|公分|英里|英尺|呎|平方公里"
    r"|平方千米|平方米|公顷|吨|公斤|千克|克|"
    r"磅|升|毫升|秒|毫秒|分钟|小时|天|周|星期|个月|月|年|岁|世纪|倍|人|名|位|层|维|台|辆|艘|架|座|所"
    r"|间|家|届|集|期|章|卷|册|首|张|枚|颗|条|只|头|匹|棵|株|轮|次|步|分|票|场|局|赛季|代|号|级|度"
    r"|个百分点|个数量级|个神经元|个连结|页|行|字符|个|种|款|项|篇|万|亿|千|百)"
)
QUANTITY = re.compile(
    rf"(?P<date>(?:公元前?)?(?<!\d)\d{{3,4}}\s?年(?:\s?\d{{1,2}}\s?月(?:\s?\d{{1,2}}\s?日|份?[初末底]?)?"
    rf"|[初末底])?(?![代级前后来间度份初末底])|(?<!\d)\d{{1,2}}\s?月\s?\d{{1,2}}\s?日)"
    rf"|(?P<amount>(?<![A-Za-z0-9.,\-–~/:+])(?<![A-Za-z]\s){NUMBER}(?:\s?(?:{UNIT})?\s?[-–－~～至到]\s?{NUMBER})?\s?(?:{UNIT})(?![A-Za-z]"
    rf"|\s?[-–－~～至到]\s?\d))"
    r"|(?P<year>\b(?:in|since|by|from|until)\s+(?P<bare>(?:1[5-9]|20)\d\d)\b)"
)
DAY_ONLY = re.compile(r"\d{1,2}\s?[月日号]")
SMALL = re.compile(r"^[约近超逾]?[1-9]\s?(?:个|种|项|条|点|步|次|款|层|位|名|人|级|类)$")
MOST_NUMBERS = 2
FEWEST_LETTERS = 5
FEW_LETTERS = 12
ASIDE_AFTER = re.compile(r"[前后内]|\s?\d|\s?(?:[-–－~～至到和与、/]|以及|还是)\s?\d|\s?版")
ASIDE_BEFORE = re.compile(r"\d\s?\S{0,3}?(?:以?及|和|与|、|至|到)\s?$|(?:未来|过去|近|最近|今后)\s?$|第$|前\s?$")
SIZE_OF_NAME = re.compile(r"[KMBT]\s?(?:模型|的?\s?[A-Za-z])")
BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
MOST_QUANTITIES = 3
MOST_MARKS = 5
FEWEST_AROUND = 20
"""Characters of the sentence around a term's gap."""
SET_OFF = ("**", "`", "==", "__")
NAMES_IT = re.compile(
    r"(?:称为|称作|称之为|叫做|叫作|叫|名为|所谓的?|即|也就是|又称|简称|定义为|归结为|本质上?是|核心是"
    r"|目标是|\b(?:called|known as|named))\s*[“「\"]?$"
)
NAMED_IN_QUOTES = re.compile(r"(?:称为|称作|称之为|叫做|叫作|名为|所谓的?)\s*[“「]([^“”「」]{2,16})[”」]")
DEFINES = re.compile(
    r"[”」\"]?\s*(?:[（(][^（）()]{2,40}[)）])?\s*(?:是|指|通过|可以|能够|用于|旨在|则|假设|方法|负责|利用|让|把|将)"
)


def numbers(statement: Sentence) -> Iterator[CardDraft]:
    """Quantities with their units, and dates: up to two cards a sentence, each of no more of it than it needs."""
    if statement.words.odd or not any(character.isdigit() for character in statement.text):
        return
    ends = {word.end for word in words_of(statement.text)}
    spans = [_inner(match) for match in QUANTITY.finditer(statement.text)]
    good = [span for span in spans if span[1] in ends and _is_telling(statement.text, span)]
    clips = [clip for span in good if (clip := clip_around(statement, span)) and _is_clear(clip)]
    for clip in clips[:MOST_NUMBERS]:
        yield gap_draft(clip, CardKind.NUMBER, f"number/{_unit(clip.answer)}")


def _is_telling(text: str, span: Span) -> bool:
    answer = text[slice(*span)]
    return not (DAY_ONLY.match(answer) or SMALL.match(answer) or _is_aside(text, span))


def _is_clear(clip: Clip) -> bool:
    """Few quantities beside it, none of them the same, and words that say what is measured."""
    quantities = len(list(QUANTITY.finditer(clip.text)))
    return (
        quantities <= MOST_QUANTITIES
        and bare(clip.answer) not in bare(clip.rest)
        and len(re.sub(r"[\W\d]", "", clip.rest)) >= FEWEST_LETTERS
        and not _owns_nothing(clip)
    )


def _owns_nothing(clip: Clip) -> bool:
    """So few words, none of them a name, that `理想的尺寸小于____` may be said of anything."""
    letters = re.sub(r"[\W\d]", "", clip.rest)
    named = any(word.tag in NAMES and word.tag != "nz" for word in words_of(clip.rest))
    return len(letters) < FEW_LETTERS and not named and "的" in clip.rest


def terms(statement: Sentence, key_terms: frozenset[str]) -> Iterator[CardDraft]:
    """A term that the author set off, in a sentence that names it or says what it does, or that the note keeps coming back to."""
    if statement.words.odd:
        return
    marks = [mark for mark in (*statement.words.marks, *_quoted_names(statement.text)) if mark.sign in SET_OFF]
    if len(marks) > MOST_MARKS:
        return
    clips = [
        clip for mark in marks if (clip := clip_around(statement, (mark.start, mark.end))) and _is_worth_a_gap(clip, key_terms)
    ]
    if clips:
        yield gap_draft(max(clips, key=lambda clip: len(clip.answer)), CardKind.TERM, "term")


def _quoted_names(text: str) -> Iterator[MarkedSpan]:
    """称为“…”: the quotation marks set the name off."""
    for match in NAMED_IN_QUOTES.finditer(text):
        yield MarkedSpan(sign="**", start=match.start(1), end=match.end(1))


def key_terms_of(statements: Sequence[Sentence]) -> frozenset[str]:
    """What the note sets off more than once, or makes a heading of."""
    counted = Counter(
        bare(statement.text[mark.start : mark.end])
        for statement in statements
        for mark in statement.words.marks
        if mark.sign in SET_OFF
    )
    headings = {bare(part) for statement in statements for part in statement.topic}
    return frozenset({term for term, count in counted.items() if count > 1} | headings)


def _is_aside(text: str, span: tuple[int, int]) -> bool:
    """It stands in brackets together with other words, or counts from today."""
    before, after = text[: span[0]], text[span[1] :]
    inside = before.count("（") + before.count("(") > before.count("）") + before.count(")")
    if before.count("《") > before.count("》") or ASIDE_BEFORE.search(before):
        return True
    return (inside and not (before.rstrip().endswith(("（", "(")) and after.lstrip().startswith(("）", ")")))) or bool(
        ASIDE_AFTER.match(after) or SIZE_OF_NAME.match(text, span[1] - 1)
    )


def _is_worth_a_gap(clip: Clip, key_terms: frozenset[str]) -> bool:
    answer, rest = clip.answer, clip.rest
    before, after = clip.text[: clip.span[0]], clip.text[clip.span[1] :]
    if not is_term(answer) or not ends_in_noun(answer) or bare(answer) in bare(rest) or len(rest) < FEWEST_AROUND:
        return False
    if not any(word.tag.startswith("v") for word in words_of(BRACKETS.sub("", rest))):
        return False
    if NAMES_IT.search(before):
        return True
    if not before.strip('“「"'):
        return bool(DEFINES.match(after))
    telling = len(words_of(answer)) > 1 or answer.isascii()
    return bare(answer) in key_terms and telling and len(before) >= len(rest) // 2


def gap_draft(clip: Clip, kind: CardKind, thing: str) -> CardDraft:
    """The clip with a gap in the place of its answer."""
    return CardDraft(
        kind=kind,
        question=clip.text[: clip.span[0]] + GAP + clip.text[clip.span[1] :],
        answer=clip.statement.words.span(*clip.span),
        around=clip.statement.span,
        topic=clip.statement.topic,
        thing=thing,
    )


def _inner(match: re.Match[str]) -> tuple[int, int]:
    return match.span("bare") if match["bare"] else match.span()


def _unit(answer: str) -> str:
    return re.sub(r"[\d.,\s约近超逾~～–-]+", "", answer) or "year"
