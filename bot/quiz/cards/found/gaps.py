"""Sentences go in; the same sentences with a quantity, a date or a term left out come out as cards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.quiz.cards.found.soundness import ends_in_noun, is_term, stands_alone
from bot.quiz.cards.found.statements import Statement
from bot.quiz.cards.normal import bare
from bot.quiz.cards.page import Draft
from bot.quiz.cards.values import GAP, Kind
from bot.quiz.cards.visible import Mark
from bot.quiz.cards.words import words_of
from knowledge.types import Span

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
UNIT = (
    r"%|％|‰|°C|℃|°|[kKMGTP]i?B\b|[KMBTk](?![A-Za-z])|GHz|MHz|km²?|kg|cm|mm|ms|m²?(?![A-Za-z])|nm|eV|W\b|V\b|"
    r"(?:万亿|百万|千万|亿|万|千|百|多|余)*\s?(?:美元|美分|人民币|元|欧元|英镑|日元|港元|港币|参数|token|tokens|Tokens|字节|词元|个词|词|字|瓦|公里|千米|公尺|米|厘米|毫米|公分|英里|英尺|呎|平方公里|平方千米|平方米|公顷|吨|公斤|千克|克|"
    r"磅|升|毫升|秒|毫秒|分钟|小时|天|周|星期|个月|月|年|岁|世纪|倍|人|名|位|层|维|台|辆|艘|架|座|所|间|家|届|集|期|章|卷|册|首|张|枚|颗|条|只|头|匹|棵|株|轮|次|步|分|票|场|局|赛季|代|号|级|度|个百分点|个数量级|个神经元|个连结|个|种|款|项|篇|万|亿|千|百)"
)
QUANTITY = re.compile(
    rf"(?P<date>(?:公元前?)?(?<!\d)\d{{3,4}}\s?年(?:\s?\d{{1,2}}\s?月(?:\s?\d{{1,2}}\s?日|份?[初末底]?)?|[初末底])?(?![代级前后来间度份初末底])|(?<!\d)\d{{1,2}}\s?月\s?\d{{1,2}}\s?日)"
    rf"|(?P<amount>(?<![A-Za-z0-9.,\-–~/:+])(?<![A-Za-z]\s){NUMBER}(?:\s?(?:{UNIT})?\s?[-–~～至到]\s?{NUMBER})?\s?(?:{UNIT})(?![A-Za-z]|\s?[-–~～至到]\s?\d))"
    r"|(?P<year>\b(?:in|since|by|from|until)\s+(?P<bare>(?:1[5-9]|20)\d\d)\b)",
)
SMALL = re.compile(r"^[约近超逾]?[1-9]\s?(?:个|种|项|条|点|步|次|款|层|位|名|人|级|类)$")
LONGEST = 90
SHORT_ENOUGH = 50
"""Characters of a sentence that is asked about whole; a longer one is clipped where it can be."""
MOST_NUMBERS = 2
ASIDE_AFTER = re.compile(r"[前后内]|\s?(?:[-–~～至到和与、/]|以及|还是)\s?\d|\s?(?:模型|版|[A-Za-z])")
CLAUSE_END = re.compile(r"[，；]|[,;](?=\s)")
UNFINISHED = re.compile(
    r"(?:发现|预测|认为|表明|指出|显示|证明|来说|来看|而言|说|称|表示|[中上下里内]|时|时候|后|前|期间|以来|之一|为|是|的|如|例如|比如|包括|模型)$|[:：]\s*(?:尽管|虽然|如果|由于|因为|为了|除了|随着)"
)
BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
MOST_QUANTITIES = 3
MOST_MARKS = 5
FEWEST_AROUND = 20
"""Characters of the sentence around a term's gap."""
SET_OFF = ("**", "`", "==", "__")
NAMES_IT = re.compile(r"(?:称为|称作|称之为|叫做|叫作|叫|名为|所谓的?|即|也就是|又称|简称|定义为|归结为|本质上?是|核心是|目标是|\b(?:called|known as|named))\s*[“「\"]?$")
NAMED_IN_QUOTES = re.compile(r"(?:称为|称作|称之为|叫做|叫作|名为|所谓的?)\s*[“「]([^“”「」]{2,16})[”」]")
DEFINES = re.compile(r"[”」\"]?\s*(?:[（(][^（）()]{2,40}[)）])?\s*(?:是|指|通过|可以|能够|用于|旨在|则|假设|方法|负责|利用|让|把|将)")


def numbers(statement: Statement) -> Iterator[Draft]:
    """Quantities with their units, and dates: up to two cards a sentence, each of no more of it than it needs."""
    text = statement.text
    if statement.words.odd or not any(character.isdigit() for character in text):
        return
    ends = {word.end for word in words_of(text)}
    spans = [_inner(match) for match in QUANTITY.finditer(text)]
    made = 0
    for span in spans:
        part = clip(statement, span)
        if part is None or span[1] not in ends or SMALL.match(text[slice(*span)]) or _is_aside(text, span):
            continue
        answer, rest = text[slice(*span)], part.text[: span[0]] + " " + part.text[span[1] :]
        inside = sum(1 for other in spans if other[1] <= len(part.text))
        if inside <= MOST_QUANTITIES and bare(answer) not in bare(rest) and not _is_too_little(rest) and made < MOST_NUMBERS:
            made += 1
            yield _draft(part, span, Kind.NUMBER, f"number/{_unit(answer)}")


def clip(statement: Statement, span: Span) -> Statement | None:
    """The beginning of the sentence, up to the end of the clause that holds `span`; None when it cannot be understood alone."""
    text = statement.text
    stops = [match.start() for match in CLAUSE_END.finditer(text) if match.start() >= span[1]]
    candidates = [len(text)] if len(text) <= SHORT_ENOUGH else []
    for stop in (*candidates, *stops, len(text)):
        part = replace(statement, words=statement.words.within(0, stop))
        whole = stop == len(text) or (not UNFINISHED.search(part.text) and _says_something(part.text))
        if stop <= LONGEST and whole and stands_alone(part.text) and _has_subject(part) and not part.text.endswith((":", "：")):
            return part
    return None


def _says_something(text: str) -> bool:
    """It has a verb that is not its last word."""
    words = [word for word in words_of(text) if word.text.strip()]
    return any(word.tag == "v" for word in words[1:-1])


def terms(statement: Statement, key_terms: frozenset[str]) -> Iterator[Draft]:
    """A term that the author set off, in a sentence that names it or says what it does, or that the note keeps coming back to."""
    if statement.words.odd:
        return
    marks = [mark for mark in (*statement.words.marks, *_quoted_names(statement.text)) if mark.sign in SET_OFF]
    good = []
    for mark in marks:
        part = clip(statement, (mark.start, mark.end))
        if part and _is_worth_a_gap(part, mark, key_terms):
            good.append((mark.end - mark.start, mark, part))
    if good and len(marks) <= MOST_MARKS:
        _, mark, part = max(good, key=lambda found: found[0])
        yield _draft(part, (mark.start, mark.end), Kind.TERM, "term")


def _quoted_names(text: str) -> Iterator[Mark]:
    """称为“…”: the quotation marks set the name off."""
    for match in NAMED_IN_QUOTES.finditer(text):
        yield Mark(sign="**", start=match.start(1), end=match.end(1))


def key_terms_of(statements: Sequence[Statement]) -> frozenset[str]:
    """What the note sets off more than once, or makes a heading of."""
    counted = Counter(
        bare(statement.text[mark.start : mark.end]) for statement in statements for mark in statement.words.marks if mark.sign in SET_OFF
    )
    headings = {bare(part) for statement in statements for part in statement.topic}
    return frozenset({term for term, count in counted.items() if count > 1} | headings)


def _is_aside(text: str, span: tuple[int, int]) -> bool:
    """It stands in brackets together with other words, or counts from today."""
    before, after = text[: span[0]], text[span[1] :]
    inside = before.count("（") + before.count("(") > before.count("）") + before.count(")")
    return (inside and not (before.rstrip().endswith(("（", "(")) and after.lstrip().startswith(("）", ")")))) or bool(ASIDE_AFTER.match(after))


def _is_worth_a_gap(statement: Statement, mark: Mark, key_terms: frozenset[str]) -> bool:
    text = statement.text
    answer, before, after = text[mark.start : mark.end], text[: mark.start], text[mark.end :]
    rest = f"{before} {after}"
    if not is_term(answer) or not ends_in_noun(answer) or bare(answer) in bare(rest) or len(rest) < FEWEST_AROUND:
        return False
    if not any(word.tag.startswith("v") for word in words_of(BRACKETS.sub("", rest))):
        return False
    if NAMES_IT.search(before):
        return True
    if not before.strip("“「\""):
        return bool(DEFINES.match(after))
    telling = len(words_of(answer)) > 1 or answer.isascii()
    return bare(answer) in key_terms and telling and len(before) >= len(rest) // 2


def _draft(statement: Statement, span: tuple[int, int], kind: Kind, thing: str) -> Draft:
    text = statement.text
    return Draft(
        kind=kind,
        question=text[: span[0]] + GAP + text[span[1] :],
        answer=statement.words.span(*span),
        around=statement.span,
        topic=statement.topic,
        thing=thing,
    )


def _inner(match: re.Match[str]) -> tuple[int, int]:
    return match.span("bare") if match["bare"] else match.span()


def _unit(answer: str) -> str:
    return re.sub(r"[\d.,\s约近超逾~～–-]+", "", answer) or "year"


def _has_subject(statement: Statement) -> bool:
    """Its first words name something: a noun before the first verb, and some proper or technical term anywhere in it."""
    words = [word for word in words_of(statement.text) if word.text.strip()]
    before = []
    for word in words:
        if word.tag.startswith("v") and before:
            break
        before.append(word)
    named = any(word.tag[0] == "n" or word.tag in ("eng", "j", "l", "i") for word in before)
    proper = any(word.tag in ("eng", "nz", "nr", "ns", "nt", "nrt", "nrfg") for word in words) or bool(statement.words.marks) or bool(statement.topic)
    return named and proper


def _is_too_little(rest: str) -> bool:
    """What is left of the sentence does not say what is measured."""
    return len(re.sub(r"[\W\d]", "", rest)) < 5
