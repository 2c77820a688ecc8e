"""Term cards: a term's name in the other language, or what an abbreviation stands for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import prompts
from bot.quiz.cards.card import CardKind
from bot.quiz.cards.document import CardDraft
from bot.quiz.cards.extractors.quality import Word, is_term, words_of
from bot.quiz.cards.extractors.sentences import Sentence
from bot.quiz.cards.rendered_text import bare

LATIN = r"[A-Za-z][A-Za-z0-9 .+/'’&-]{0,58}[A-Za-z0-9+.]"
BRACKETED = re.compile(rf"\s*[（(]\s*(?P<first>{LATIN}|[\u4e00-\u9fff]{{2,12}})(?:\s*[,，;；]\s*(?P<second>{LATIN}))?\s*[)）]")
ABBREVIATION = re.compile(r"(?:[A-Z][a-z]?){2,6}\d?$|[A-Z][A-Za-z]*[A-Z]$|[A-Z]{2,6}$")
NAME_WORDS = 6
LATIN_BEFORE = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*[ -]?){1,6}$")
LONGEST_CHINESE = 12
LIGHT = frozenset(
    "或 如 原名 有关 例如 如同 是 叫 称 称为 叫做 叫作 引入 采用 提出 使用 基于 通过 利用 包括 包含"
    " 进行 涉及 有 用 做 成为 作为 属于 名为 又称 又名 简称 俗称 亦称 即".split()
)


@dataclass(frozen=True, slots=True)
class Term:
    """Where a term stands in its sentence; `sure` when its author set it off, so that what is in the bracket is about it."""

    start: int
    end: int
    sure: bool


def names(statement: Sentence, known: Counter[str]) -> Iterator[CardDraft]:
    """`中文（English）`, `中文（English, ABBR）`, `ABBR（long form）`, `English（中文）`.

    `known` counts the runs of words of the whole note: it tells where an unmarked term begins.
    """
    if statement.words.odd:
        return
    for match in BRACKETED.finditer(statement.text):
        term = _term_before(statement, match, known)
        if term:
            yield from _of_pair(statement, term, match)


def _of_pair(statement: Sentence, term: Term, match: re.Match[str]) -> Iterator[CardDraft]:
    text = statement.text[term.start : term.end]
    if match["second"] and ABBREVIATION.match(match["first"]) and ABBREVIATION.match(match["second"]):
        return  # examples of it, side by side: 标准化测试（SAT，LSAT）
    for group in ("first", "second"):
        name = match[group]
        if not name or _is_doubtful(name) or bare(name) in bare(text) or bare(text) in bare(name):
            continue
        if group == "second" and not _stands_for(name, match["first"]):
            continue
        asked = _asked(text, name, sure=term.sure or group == "second")
        if asked:
            yield CardDraft(
                kind=CardKind.NAME,
                question=prompts.load("cards").say(asked, "zh", term=text),
                answer=statement.words.span(*match.span(group)),
                around=statement.span,
                thing=asked,
            )


def _asked(term: str, name: str, *, sure: bool) -> str:
    """Which question `name` answers; empty when it is not certain to be a name of `term`."""
    if _is_chinese(name):
        clear = sure or (len(re.split(r"[ -]", term)) > 1 and len(name) > 3)
        return "name_chinese" if clear and term.isascii() and not ABBREVIATION.match(term) and is_term(name) else ""
    if ABBREVIATION.match(name):
        if term.isascii():
            return "name_short" if _stands_for(name, term) else ""
        return "name_abbreviation" if sure or _has_letters_of(term, name) else ""
    if term.isascii():
        return "name_long" if _stands_for(term, name) else ""
    return "name_english" if len(re.split(r"[\s-]+", name)) <= min(NAME_WORDS, len(term)) else ""


def _has_letters_of(term: str, short: str) -> bool:
    """As many letters as the Chinese term has words, or half as many as it has characters."""
    letters = sum(letter.isupper() for letter in short)
    return letters >= 3 and (len(words_of(term)) == letters or len(term) == 2 * letters)


def _stands_for(short: str, long: str) -> bool:
    """The letters of `short` begin words of `long`, in order."""
    initials = "".join(part[0] for part in re.findall(r"[A-Za-z]+", long)).casefold()
    letters = re.sub(r"[^a-z]", "", short.casefold())
    return len(letters) >= 2 and (
        letters == initials or (len(letters) >= 3 and initials.startswith(letters[:2]) and _is_within(letters, long))
    )


def _is_within(letters: str, long: str) -> bool:
    rest = iter(long.casefold())
    return all(letter in rest for letter in letters)


def _is_doubtful(name: str) -> bool:
    numbered = re.search(r"\d", name) and not re.match(r"[A-Za-z]+\d[A-Za-z]+$", name)
    return (
        bool(numbered or re.search(r"et al|\bvs\b|[.]{2}", name))
        or (name.isascii() and len(name) < 2)
        or name.casefold() in ("google", "openai", "meta")
    )


def _is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def _term_before(statement: Sentence, match: re.Match[str], known: Counter[str]) -> Term | None:
    """The term that ends where the bracket begins, when its beginning is certain."""
    text, end = statement.text, match.start()
    if re.search(r"[、和与及]\W{0,3}$", text[: _marked_start(statement, match)]):
        return None  # what is in the bracket may be about the whole row
    for mark in statement.words.marks:
        if mark.sign != "[" and mark.end in (end, match.end()) and mark.start < end:
            return Term(mark.start, end, True) if is_term(text[mark.start : end], marked=True) else None
        if mark.start < end < mark.end and mark.sign != "[":
            return None
    quoted = re.search(r"[“「\"]([^“”「」\"]{2,16})[”」\"]$", text[:end])
    if quoted:
        return Term(quoted.start(1), quoted.end(1), True) if is_term(quoted[1], marked=True) else None
    latin = LATIN_BEFORE.search(text, max(0, end - 60), end)
    if latin and latin.end() == end:
        return _latin_term(statement, latin)
    return _chinese_term(statement, match, known)


def _marked_start(statement: Sentence, match: re.Match[str]) -> int:
    """Where the marked or quoted words before the bracket begin; 0 when there are none."""
    ends = (match.start(), match.end())
    starts = [mark.start for mark in statement.words.marks if mark.end in ends and mark.start < match.start()]
    return starts[0] if starts else 0


def _latin_term(statement: Sentence, latin: re.Match[str]) -> Term | None:
    """An abbreviation just before the bracket, or a run of Latin words that begins a clause."""
    last = re.search(r"[A-Za-z][A-Za-z0-9-]*$", latin[0])
    if last and ABBREVIATION.match(last[0]):
        return Term(latin.start() + last.start(), latin.end(), False)
    before = statement.text[: latin.start()]
    return Term(latin.start(), latin.end(), False) if not before or before[-1] in '，。、：；“"（( 的和与或及' else None


def _chinese_term(statement: Sentence, match: re.Match[str], known: Counter[str]) -> Term | None:
    """The run of nouns before the bracket, back to the start of the clause, or as the note uses it elsewhere."""
    text, end = statement.text, match.start()
    run: list[Word] = []
    before: Word | None = None
    for word in reversed([word for word in words_of(text) if word.end <= end]):
        if not _can_be_part(word) or end - word.start > LONGEST_CHINESE:
            before = word
            break
        run.insert(0, word)
    used = next((word for word in run[:-1] if known[text[word.start : end]] > 1), None)
    if used is not None:
        before = next((word for word in reversed(words_of(text)) if word.end <= used.start), None)
        if (before is not None and before.tag in ("uj", "eng", "m", "q")) or (before is not None and before.text == "·"):
            return None
    if used is None and (not run or not _begins_clean(before) or any(word.tag in ("v", "zg", "f") for word in run[:-1])):
        return None
    start = used.start if used else run[0].start
    alone = start == 0 and bool(re.match(r"\s*(?:[:：]|是|指|$)", text[match.end() :]))
    verb_first = run[0].tag == "v" and used is None and not alone
    if run[-1].tag == "f":
        return None
    return None if verb_first or not is_term(text[start:end], marked=known[text[start:end]] > 1) else Term(start, end, alone)


def _can_be_part(word: Word) -> bool:
    return word.tag[0] in "nvabjlizf" and word.text not in LIGHT and _is_chinese(word.text)


def _begins_clean(before: Word | None) -> bool:
    """What stands before the term cannot be part of it."""
    return before is None or (before.tag in ("x", "c", "p", "t") and before.text != "·") or before.text in LIGHT


def runs_of(texts: Iterator[str]) -> Counter[str]:
    """How often each run of one to five words occurs; no run reaches over a comma."""
    counted: Counter[str] = Counter()
    for text in texts:
        open_runs: list[int] = []
        for word in words_of(text):
            if word.tag == "x" and not word.text.isspace() and word.text not in "-·":
                open_runs = []
                continue
            open_runs = [*open_runs[-4:], word.start]
            counted.update(text[start : word.end] for start in open_runs)
    return counted
