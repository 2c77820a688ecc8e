"""Grading of typed answers: lenient rules (but not about numbers), synonyms from the notes, and a model's second opinion."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

import prompts
from bot.llm import ChatModel, ModelUnavailable
from bot.llm.completion import without_thoughts, words_of_model
from bot.quiz.cards.card import Card, CardKind
from bot.quiz.cards.extractors.quality import words_of
from bot.quiz.cards.rendered_text import bare
from bot.types import language_of
from knowledge.passages import plain
from knowledge.text import fillers, fold, terms


class Synonyms:
    """Names in pairs. A pair says nothing about a third name: what notes call by one name somewhere is not always the same."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._others: dict[str, set[str]] = defaultdict(set)
        for one, other in pairs:
            first, second = _folded(one), _folded(other)
            if first and second and first != second:
                self._others[first].add(second)
                self._others[second].add(first)

    def of(self, name: str) -> frozenset[str]:
        """The other names of what is called `name`, in lower case."""
        return frozenset(self._others.get(_folded(name), ()))

    def reworded(self, said: str, wanted: str, *, asked: str = "") -> str:
        """`said` with the names that `wanted` uses in the place of others that mean the same.

        A name that stands in the question that was `asked` is no answer to it, and stays as it is.
        """
        words, right, question = _folded(said), _folded(wanted), _folded(asked)
        wanted_names: dict[str, str] = {}
        for name in self._others:
            if _holds(words, name) and not _holds(right, name) and name not in question:
                others = [other for other in self._others[name] if _holds(right, other)]
                if others:
                    wanted_names[name] = max(others, key=len)
        if not wanted_names:
            return said
        longest_first = sorted(wanted_names, key=len, reverse=True)
        return re.sub("|".join(map(_whole, longest_first)), lambda match: wanted_names[match[0]], words)


NONE = Synonyms()


def _folded(name: str) -> str:
    return fold(name).casefold().strip()


def _holds(text: str, name: str) -> bool:
    return name in text and bool(re.search(_whole(name), text))


def _whole(word: str) -> str:
    """Latin words are matched whole: `rm` is not in `transformer`."""
    before = r"(?<![a-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + re.escape(word) + after


RIGHT_FROM = 0.7
PARTLY_FROM = 0.35
"""Share of the answer's terms that the typed answer holds."""
ITEM_FROM = 0.6
"""The same for one item of a list."""
SHORT = 6
"""Characters; an answer up to this long is a name, and is known or not."""
LONGEST_TALK = 8
"""Times as long as a short answer that a typed one may be and still be right for holding it."""
TYPING_ERROR = 5
"""Letters a Latin word must have to be right with one of them wrong."""

QUANTITY = re.compile(
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\s*(?P<scale>[万亿千百]*)\s*"
    r"(?P<unit>%|‰|°c|℃|[a-zμ²³]+(?:/[a-z]+)?|[\u4e00-\u9fff])?"
)
SCALES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
LETTER_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
MEASURES = frozenset("元米克吨秒分时天周度倍瓦升斤里尺寸呎磅顿步代岁页")
"""Chinese characters that begin a unit that counts; 个, 名, 条 and the like go without saying."""
NEGATIONS = re.compile(r"不|没|无|非|未|\bnot?\b|\bnever\b|n't\b", re.IGNORECASE)
ITEMS = re.compile(r"\n|、|；|;|，|,|\s\+\s|(?<=[\u4e00-\u9fff”’`*])(?:和|与|以及|及)(?=[\u4e00-\u9fff“‘`*])|\band\b")
MARKER = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)、])*[ \t]*(?:\d+[.)、])?[ \t]*")


class Verdict(StrEnum):
    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """`score` is from 0 to 1; `missing` are the words or items of the answer that were not said."""

    verdict: Verdict
    score: float
    missing: tuple[str, ...] = ()
    by_number: bool = False
    """A number decided, about which there is nothing to be lenient."""


def judge(card: Card, typed: str, *, synonyms: Synonyms = NONE) -> Grade:
    """Compare with every right answer of the card; the best comparison counts."""
    is_list = card.kind is CardKind.LIST
    answers = [plain(answer) for answer in (card.answer, *card.also)]
    found = [_against(answer, synonyms.reworded(typed, answer, asked=card.prompt), is_list=is_list) for answer in answers]
    return max(found, key=lambda judgement: judgement.score)


def agreement(answer: str, other: str) -> float:
    """How much of `answer` the `other` holds, from 0 to 1; 0 where a number differs."""
    return _against(plain(answer), other, is_list=False).score


def _against(wanted: str, said: str, *, is_list: bool) -> Grade:
    if not bare(said):
        return Grade(verdict=Verdict.WRONG, score=0.0, missing=_words(wanted))
    if bare(said) == bare(wanted):
        return Grade(verdict=Verdict.RIGHT, score=1.0)
    if is_list:
        return _list(wanted, said)
    numbers = _numbers(wanted, said)
    return replace(numbers, by_number=True) if numbers else _words_against(wanted, said)


# Numbers


def _numbers(wanted: str, said: str) -> Grade | None:
    """A verdict where numbers decide: one that differs is wrong, a unit that lacks is half right."""
    asked, given = _quantities(wanted), _quantities(said)
    if not asked:
        return None
    missing = [quantity for quantity in asked if quantity[0] not in [value for value, _ in given]]
    if missing:
        return Grade(verdict=Verdict.WRONG, score=0.0, missing=tuple(_shown(quantity) for quantity in missing))
    if not _is_quantity(wanted):
        return None
    if len(given) > len(asked):
        return Grade(verdict=Verdict.WRONG, score=0.0, missing=tuple(map(_shown, asked)))
    lacking = [(value, unit) for value, unit in asked if unit and unit not in [other for mine, other in given if mine == value]]
    if not lacking:
        return Grade(verdict=Verdict.RIGHT, score=1.0)
    silent = all(not unit for _, unit in given)
    verdict, score = (Verdict.PARTLY, 0.5) if silent else (Verdict.WRONG, 0.0)
    return Grade(verdict=verdict, score=score, missing=tuple(unit for _, unit in lacking))


def _quantities(text: str) -> list[tuple[Decimal, str]]:
    """Numbers in one size (1750 亿 is 175,000,000,000, and so is 175B) with their units."""
    found = []
    for match in QUANTITY.finditer(fold(text).casefold()):
        value = Decimal(match["number"].replace(",", ""))
        for scale in match["scale"]:
            value *= SCALES[scale]
        unit = match["unit"] or ""
        if unit >= "\u3400" and unit not in MEASURES:
            unit = ""
        if unit in LETTER_SCALES:
            value, unit = value * LETTER_SCALES[unit], ""
        found.append((value.normalize(), unit))
    return found


def _is_quantity(text: str) -> bool:
    """Nothing but numbers and units, as far as it matters."""
    rest = QUANTITY.sub("", fold(text).casefold())
    return len(re.findall(r"[^\W\d_]", rest)) <= 4


def _shown(quantity: tuple[Decimal, str]) -> str:
    return f"{quantity[0]:f}{quantity[1]}"


# Words


def _words_against(wanted: str, said: str) -> Grade:
    inner, outer = bare(wanted), bare(said)
    denies = len(NEGATIONS.findall(said)) % 2 != len(NEGATIONS.findall(wanted)) % 2
    if inner in outer and len(outer) <= LONGEST_TALK * max(len(inner), 3) and not denies:
        return Grade(verdict=Verdict.RIGHT, score=1.0)
    score = max(_share(wanted, said), _share_of_words(wanted, said))
    if len(inner) <= SHORT and score < 1.0 and not _is_latin(wanted):
        score = min(score, RIGHT_FROM - 0.01)
    if denies:
        score = min(score, RIGHT_FROM - 0.01)
    missing = () if score >= RIGHT_FROM else _missing(wanted, said)
    return Grade(verdict=_verdict(score), score=score, missing=missing)


def _share(wanted: str, said: str) -> float:
    """The share of the telling terms of `wanted` that `said` holds."""
    asked = list(dict.fromkeys(_telling(wanted)))
    given = set(_telling(said))
    return sum(_mentions(given, term) for term in asked) / len(asked) if asked else 0.0


def _share_of_words(answer: str, said: str) -> float:
    """The share of the answer's telling words that were said, the longer ones counting more."""
    words, given = _words(answer), bare(said)
    size = sum(map(len, words))
    return sum(len(word) for word in words if bare(word) in given) / size if len(words) > 1 else 0.0


def _telling(text: str) -> list[str]:
    """Pairs of Chinese characters, stems of Latin words and numbers; fillers only where there is nothing else."""
    found = [term for term in terms(text) if len(term) > 1 or term < "\u3400"]
    return [term for term in found if term not in fillers()] or found or terms(text)


def _mentions(given: set[str], term: str) -> bool:
    if term in given:
        return True
    return term.isascii() and term.isalpha() and len(term) >= TYPING_ERROR and any(_is_one_off(term, other) for other in given)


def _is_one_off(one: str, other: str) -> bool:
    """One letter wrong, too many, missing, or two swapped."""
    if abs(len(one) - len(other)) > 1 or not other.isascii():
        return False
    if len(one) == len(other):
        wrong = [at for at, (mine, its) in enumerate(zip(one, other, strict=True)) if mine != its]
        swapped = (
            len(wrong) == 2 and wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
        )
        return len(wrong) == 1 or swapped
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _is_latin(text: str) -> bool:
    return not re.search(r"[\u3400-\u9fff]", text)


def _missing(answer: str, said: str) -> tuple[str, ...]:
    """The telling words of the answer that were not said, in their order."""
    given = bare(said)
    return tuple(word for word in _words(answer) if bare(word) not in given)


def _words(answer: str) -> tuple[str, ...]:
    telling = (word.text for word in words_of(answer) if word.tag[0] in "nvaljbi" or word.tag == "eng" or word.text.isdigit())
    return tuple(dict.fromkeys(word for word in telling if len(word) > 1 or word.isdigit()))


def _verdict(score: float) -> Verdict:
    return Verdict.RIGHT if score >= RIGHT_FROM else Verdict.PARTLY if score >= PARTLY_FROM else Verdict.WRONG


# Lists


def _list(wanted: str, said: str) -> Grade:
    """Any order; the score is the share of the items that were named."""
    items = items_of(wanted)
    missing = tuple(item for item in items if bare(item) not in bare(said) and _share(item, said) < ITEM_FROM)
    score = 1 - len(missing) / len(items)
    verdict = Verdict.RIGHT if not missing else Verdict.PARTLY if score > 0 else Verdict.WRONG
    return Grade(verdict=verdict, score=score, missing=missing)


def items_of(answer: str) -> list[str]:
    """The items of a list, one a line or in one line."""
    lines = [MARKER.sub("", line).strip() for line in answer.split("\n") if line.strip()]
    parts = lines if len(lines) > 1 else [part.strip(' “”"`*。') for part in ITEMS.split(answer)]
    return [part.rstrip("。；;") for part in parts if bare(part)] or [answer]


log = logging.getLogger(__name__)

PATIENCE_S = 8.0
"""Seconds; a person waits for the verdict."""
LONGEST_REPLY = 4000
"""Characters, thoughts included; what goes on has lost its way."""
LONGEST_ANSWER = 600
"""Characters of a typed answer that the model is shown."""
VERDICTS = {"RIGHT": Verdict.RIGHT, "PARTLY": Verdict.PARTLY, "WRONG": Verdict.WRONG}
SCORES = {Verdict.RIGHT: 1.0, Verdict.PARTLY: (PARTLY_FROM + RIGHT_FROM) / 2, Verdict.WRONG: 0.0}


class SecondOpinion:
    """The model's judgement of typed answers. It has no say where the comparison is content or where a number decided."""

    def __init__(self, model: ChatModel, *, seconds: float = PATIENCE_S) -> None:
        self._model = model
        self._seconds = seconds

    async def __call__(self, card: Card, typed: str, first: Grade) -> Grade:
        """The better judgement; the `first` when the model is away, slow, or says anything but one of the three words."""
        if first.verdict is Verdict.RIGHT or first.by_number or not typed.strip():
            return first
        verdict = await self._verdict(card, typed)
        if verdict is None or verdict is first.verdict:
            return first
        missing = () if verdict is Verdict.RIGHT else first.missing
        return replace(first, verdict=verdict, score=SCORES[verdict], missing=missing)

    async def _verdict(self, card: Card, typed: str) -> Verdict | None:
        words, language = prompts.load("cards"), language_of(f"{card.prompt} {card.answer}")
        answer = " / ".join(map(plain, (card.answer, *card.also)))
        typed = " ".join(typed.replace("<<<", "").replace(">>>", "").split())[:LONGEST_ANSWER]
        told = words.say("judge_told", language, question=card.prompt, answer=answer, typed=typed)
        try:
            async with asyncio.timeout(self._seconds):
                reply = await words_of_model(self._model, words.say("judge_system", language), told, longest=LONGEST_REPLY)
        except TimeoutError:
            log.info("an answer is judged without %s, which took longer than %s s", self._model.name, self._seconds)
            return None
        except ModelUnavailable as problem:
            log.info("an answer is judged without the model: %s", problem)
            return None
        return verdict_in(reply)


def verdict_in(reply: str) -> Verdict | None:
    """The verdict that a reply is, signs around it aside; None when it is anything more or anything else."""
    return VERDICTS.get(without_thoughts(reply).strip(" \t\r\n.。!！*`\"'“”").upper())
