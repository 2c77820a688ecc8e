"""Numbers and names in a text, in forms that can be compared: what an answer may not make up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from knowledge.text import HAN, Thesaurus, chunks, fillers, fold, is_coined, stem, terms

DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
SCALES = UNITS | {"百万": 10**6, "千万": 10**7, "万亿": 10**12, "w": 10**4, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
SCALES |= {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
SCALE = r"万亿|[百千]万|[百千万亿]|(?:hundred|thousand|million|billion|trillion)\b|[wkmbt](?![a-z])"
NUMBER = re.compile(rf"(?<![\d.])(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)*)(?:[ \t]?(?P<scale>{SCALE}))?", re.IGNORECASE)
NUMERAL = re.compile(r"(?<=百分之)[零一二两三四五六七八九十百]+|[零〇一二三四五六七八九十百千万亿两]+")
AFTER_ONE_DIGIT = frozenset("年月日号周岁元块倍折名位台辆届天秒时米吨页")
"""After a lone Chinese digit these make a measure of it; `两种` and `三个方面` count what the answer itself lists."""
WORDS = dict(zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True))
WORDS |= dict(zip("thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), range(13, 20), strict=True))
TENS = {word: 10 * at for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
MONTHS = {
    word: at
    for at, month in enumerate("January February March April May June July August September October November December".split(), 1)
    for word in (month, month[:3])
}
MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
MONTH = re.compile(rf"(?<=[\w,(] )(?:{MONTH_NAME})\b|\b(?:{MONTH_NAME})(?=[ .,]{{1,2}}\d)")
"""Not at the beginning of a sentence, where it may be another word, unless a number follows."""
ENGLISH = re.compile(rf"\b(?P<tens>{'|'.join(TENS)})?(?:(?<=[a-z])[- ])?(?P<ones>{'|'.join(WORDS)})?\b", re.IGNORECASE)
PLACE_ENDS = "国省市县区州镇"
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳诸葛司马温康施牛樊葛邢安齐伍庞"
)
PROPER = ("nr", "ns", "nt")
"""Parts of speech of names of people, places and bodies."""
COMPOUND = re.compile(r"(?<![\w/.-])[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*-(?:[A-Z]?\d[\w.]*)(?![\w-])")
"""A name with its number: `GPT-3.5`, `DeepSeek-R1`."""
SENTENCE_START = re.compile(r"^[\W\d_]*")


@dataclass(frozen=True, slots=True)
class Fact:
    """A number or a name as it is written, and the forms under any of which it may stand elsewhere."""

    text: str
    forms: frozenset[str]


class Held:
    """The facts of texts that an answer may rest on."""

    def __init__(self, texts: Iterable[str], thesaurus: Thesaurus) -> None:
        told = "\n".join(map(fold, texts))
        self._folded, self._thesaurus = told.lower(), thesaurus
        self._amounts = frozenset(form for found in (_numbers, _numerals, _words) for fact in found(told) for form in fact.forms)
        self._words = frozenset(terms(told))

    def lacks(self, sentence: str) -> tuple[str, ...]:
        """The numbers and names of `sentence` that stand nowhere in the texts, in no form and by no other name."""
        told = fold(sentence)
        amounts = (fact.text for fact in amounts_in(told) if fact.forms.isdisjoint(self._amounts))
        names = (name for name in _names_in(told, self._thesaurus) if not self._has_name(name))
        return tuple(dict.fromkeys([*amounts, *names]))

    def lacks_what_it_is_about(self, sentence: str) -> bool:
        """True when a sentence is about something that only the question names: `DeepSeek-R1` where there is just DeepSeek."""
        told = fold(sentence)
        names = [name for name in _names_in(told, self._thesaurus) if name.isascii()]
        if any(not self._thesaurus.knows(name) and not self._has_name(name) for name in names):
            return True
        models = (found[0] for found in COMPOUND.finditer(told) if is_coined(found[0]) or found[0][0].isupper())
        return any(not re.search(r"[\W_]*".join(chunks(model.lower())), self._folded) for model in models)

    def _has_name(self, name: str) -> bool:
        *parts, whole = terms(name) or [name]  # a word without an end has no terms
        if whole in self._words or (name.isascii() and parts and self._words.issuperset(parts)) or name.lower() in self._folded:
            return True
        others = [*self._thesaurus.names(name), *self._thesaurus.chinese(stem(name))]
        if not name.isascii() and name[-1] in PLACE_ENDS:
            others.append(name[:-1])
        return any(len(other) > 1 and fold(other).lower() in self._folded for other in others)


def amounts_in(text: str) -> Iterator[Fact]:
    """The amounts that a folded text states: numbers, Chinese numerals that measure something, English number words, months."""
    yield from _numbers(text, alone=True)
    for found in NUMERAL.finditer(text):
        if text.endswith("百分之", 0, found.start()) or _measures(found[0], text[found.end() : found.end() + 1]):
            yield Fact(found[0], frozenset({_plain(_value(found[0]))}))
    yield from _words(text)


def _numbers(text: str, *, alone: bool = False) -> Iterator[Fact]:
    """Each number with its scale worked in; a source's `1024K` also answers for 1024, a claim's 2.35 亿 is nothing less."""
    for found in NUMBER.finditer(text):
        digits, scale = found["digits"].replace(",", ""), (found["scale"] or "").lower()
        if digits.count(".") > 1:
            yield Fact(found[0], frozenset({digits}))
            continue
        number = Decimal(digits)
        forms = {_plain(number * SCALES[scale]) if scale else _plain(number)}
        yield Fact(found[0].strip(), frozenset(forms if alone else forms | {_plain(number)}))


def _numerals(text: str) -> Iterator[Fact]:
    for found in NUMERAL.finditer(text):
        value = _value(found[0])
        tenths = {_plain(value * 10)} if text[found.end() : found.end() + 1] == "成" else set()
        yield Fact(found[0], frozenset({_plain(value), *tenths}))


def _words(text: str) -> Iterator[Fact]:
    for found in ENGLISH.finditer(text):
        value = TENS.get((found["tens"] or "").lower(), 0) + WORDS.get((found["ones"] or "").lower(), 0)
        if value:
            yield Fact(found[0], frozenset({str(value)}))
    for found in MONTH.finditer(text):
        yield Fact(found[0], frozenset({str(MONTHS[found[0]])}))


def _measures(numeral: str, after: str) -> bool:
    """True for a numeral that states an amount: `十二`, `三天`; not for 一些, 万一, 十分, 三四."""
    if len(numeral) == 1:
        return numeral in DIGITS and DIGITS[numeral] > 1 and after in AFTER_ONE_DIGIT
    if not (numeral[0] in DIGITS or numeral[0] == "十"):
        return False
    return any(sign in UNITS for sign in numeral) or len(numeral) > 2


def _value(numeral: str) -> Decimal:
    """`三万二千` is 32000, `二〇二三` is 2023."""
    if all(sign in DIGITS for sign in numeral):
        return Decimal("".join(str(DIGITS[sign]) for sign in numeral))
    total = section = digit = 0
    for sign in numeral:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif UNITS[sign] < 10**4:
            section, digit = section + max(digit, 1) * UNITS[sign], 0
        else:
            total, section, digit = (total + max(section + digit, 1)) * UNITS[sign], 0, 0
    return Decimal(total + section + digit)


def _plain(number: Decimal) -> str:
    """One way to write a number, without an exponent and without zeros that say nothing."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def _names_in(text: str, thesaurus: Thesaurus) -> Iterator[str]:
    """The names in a folded sentence: Latin ones by how they are written, Chinese ones by their part of speech."""
    chinese = bool(re.search(f"[{HAN}]", text))
    first = SENTENCE_START.sub("", text)
    for chunk in chunks(text):
        if chunk[0].isdigit() or len(chunk) < 2 or chunk in MONTHS or stem(chunk) in fillers():
            continue
        if is_coined(chunk) or (chunk[0].isupper() and (chinese or not first.startswith(chunk)) and _is_proper(chunk, thesaurus)):
            yield chunk
    if chinese:
        yield from _chinese_names(text)


def _is_proper(word: str, thesaurus: Thesaurus) -> bool:
    """Many write Titles Like This: a word of the dictionary is a name only if it is one in Chinese too."""
    words = thesaurus.chinese(stem(word))
    surest = max(words.values(), default=0.0)
    return not words or any(_chinese_names(chinese) for chinese, sure in words.items() if sure == surest)


@lru_cache(maxsize=2_000)
def _chinese_names(text: str) -> tuple[str, ...]:
    import rjieba

    return tuple(word for word, tag in rjieba.tag(text) if len(word) > 1 and _is_chinese_name(word, tag))


def _is_chinese_name(word: str, tag: str) -> bool:
    """A word tagged as a person's name that begins with no surname is mostly a common noun (幸存者)."""
    return tag.startswith(PROPER) and (tag != "nr" or word[0] in SURNAMES)
