"""Aliases that notes give one thing: `RAG`（检索增强生成）, 思维链 (chain of thought)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from knowledge.foreign_text import YamlProblem, parse_yaml
from knowledge.text import HAN, fold
from knowledge.types import ALIAS_FILE, Alias, Note

LONGEST = 60
"""Characters; a longer name is a sentence."""
MOST_WORDS = 6
"""Of a name in Latin letters."""
MOST_NAMES = 12
"""Of one thing, in the owner's file or in a row of a glossary: each is paired with every other."""
MOST_GROUPS = 3000

WORD = r"[A-Za-z0-9_.+#'’/&-]{0,59}+"
LATIN = rf"(?<![A-Za-z0-9])[A-Za-z]{WORD}(?: [A-Za-z0-9]{WORD}){{0,7}}"
CHINESE = rf"[{HAN}][{HAN}A-Za-z0-9·-]{{0,59}}"
NAME = rf"(?:{LATIN}|{CHINESE})"
MARK = r"[*_`“”\"「」『』《》]{0,3}"
BEFORE = re.compile(rf"(?P<left>{NAME}){MARK}[，,]? ?\Z")
"""The name at the end of what stands before a joint."""
REACH = 8 * 60
"""Characters in which it begins; a name is looked for from the joint, so that no word is read once for each of its letters."""
BRACKET = re.compile(
    rf"[（(]{MARK}(?:即|简称|又称|也称|也叫|又叫|英文|全称|缩写|aka |i\.e\. ?)?[:：]? ?"
    rf"(?P<right>{NAME}){MARK}(?:[,，、;；/] ?{MARK}(?P<third>{LATIN}){MARK})?[)）]"
)
CALLED = re.compile(
    r"(?:简称为?|又称为?|也称为?|也叫做?|又叫做?|俗称|全称是?|缩写[为是]?|英文[名是]{0,2}"
    rf"|also known as|or simply|abbreviated(?: as)?) ?{MARK}(?P<right>{NAME}){MARK}"
)
WHOLE = re.compile(rf"(?P<left>[{HAN}]{{2,8}}) ?(?P<right>[A-Z][A-Za-z0-9-]{{1,30}}(?: [A-Za-z0-9-]+){{0,4}})")
"""A heading, a bold span, or the head of a bullet that is a Chinese name and its Latin one: `思维链 CoT`."""
SPAN = re.compile(
    r"^#{1,6} +(?:[\d.、]+ ?)?(?P<heading>.+)$|\*\*(?P<bold>[^*\n]{2,60})\*\*|^[ \t]*[-*+] +(?P<item>[^：:\n]{2,60})[：:]"
)
LEADING = re.compile(
    "^.*(?:这种|那种|一种|一个|一些|称为|叫做|所谓|通过|使用|采用|利用|基于|以及|或者|包括|例如|比如|其中|当前|就是|还是|属于"
    rf"|[的是和与或了即叫]|^在)(?=[{HAN}]{{2}})"
)
"""What stands before a Chinese name in its sentence: everything up to the last function word. Those that are often part of
a name (`对` in 对齐, `向` in 面向) are none."""
GENERIC = frozenset(
    "方法 方式 做法 工作 能力 问题 系统 理论 技术 模型 任务 研究 论文 机制 策略 框架 过程 结果 情况 世界 部分 单元 序列 缓存 单层"
    " 人工".split()
)
"""What a name ends with; alone it names nothing."""
NO_NAME = re.compile(r"(?:^|\W)(?:19|20)\d\d(?:\W|$)|et\.? al|\b\d+(?:\.\d+)?[BMKT]\b|\d{3}")
"""Citations, years and sizes stand in brackets too."""
TABLE = re.compile(r"^[ \t]*\|(?P<cells>.+)\|[ \t]*$")
NAMES_OF_COLUMNS = re.compile(
    r"^(?:术语|名称|名词|概念|英文名?|中文名?|缩写|简称|全称|译名|别名|英文全称|term|name|english|chinese|abbreviation|acronym|"
    r"full name|alias(?:es)?|translation)$",
    re.IGNORECASE,
)
FENCE = re.compile(r"^[ \t]{0,3}(```|~~~)")
STRIPPED = " \t*_`“”\"'「」『』《》[]"


class AliasFileBroken(ValueError):
    """The owner's file of aliases cannot be used; the message names the place and the remedy."""


def aliases_in(note: Note) -> Iterator[Alias]:
    """The pairs that `note` gives, in order; those of its header first."""
    for alias in note.front.aliases:
        yield from _pair(note.title, alias, note.path, 1)
    header: list[int] = []
    for number, line in _prose(note):
        cells = _cells(line)
        if cells:
            yield from _of_row(cells, header, note.path, number)
            header = header or _named_columns(cells)
            continue
        header = []
        for one, other in _of_line(line):
            yield from _pair(one, other, note.path, number)


def parse_alias_file(text: str) -> tuple[Alias, ...]:
    """The owner's own pairs: `add` and `ban` are lists of lists of names that are, or are not, one thing.

    Raises:
        AliasFileBroken: it is no such file.
    """
    try:
        values = parse_yaml(text) or {}
    except YamlProblem as error:
        raise AliasFileBroken(f"{ALIAS_FILE}: {error}") from error
    if not isinstance(values, Mapping) or not set(values) <= {"add", "ban"}:
        raise AliasFileBroken(f"{ALIAS_FILE}: may hold `add` and `ban` only, each a list such as `- [思维链, CoT]`")
    return tuple(alias for kind in ("add", "ban") for alias in _owned(values.get(kind) or [], text, banned=kind == "ban"))


def in_force(aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """Each pair once, by the place that gives it first, without those that the owner banned."""
    known: dict[frozenset[str], Alias] = {}
    banned = set()
    for alias in aliases:
        if alias.banned:
            banned.add(alias.pair)
        else:
            known.setdefault(alias.pair, alias)
    return tuple(alias for pair, alias in known.items() if pair not in banned)


class Names:
    """Looks up in a question the names that have other names."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        self._others: dict[str, dict[str, None]] = defaultdict(dict)
        for alias in aliases:
            self._others[_folded(alias.one)][alias.other] = None
            self._others[_folded(alias.other)][alias.one] = None
        self._lengths: dict[str, list[int]] = defaultdict(list)
        """Of the names that begin with two characters, the longest first."""
        for name in sorted((name for name in self._others if len(name) <= LONGEST), key=len, reverse=True):
            lengths = self._lengths[name[:2]]
            if lengths[-1:] != [len(name)]:
                lengths.append(len(name))
        self.latin = frozenset(word for name in self._others for word in re.findall(r"[a-z0-9]+", name))

    def other_names(self, question: str) -> Iterator[tuple[str, ...]]:
        """For each name in `question` that has others, these others; of names within one another the longest counts."""
        folded, at = _folded(question), 0
        while at < len(folded) - 1:
            here = (folded[at : at + length] for length in self._lengths.get(folded[at : at + 2], ()))
            name = next((name for name in here if name in self._others and _stands_at(folded, at, name)), "")
            if name:
                yield tuple(self._others[name])
            at += max(1, len(name))


def _folded(text: str) -> str:
    return fold(text).lower()


def _stands_at(text: str, at: int, name: str) -> bool:
    """A Latin name ends where its word ends, but for the plural."""
    before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 2]
    begins = not (name[0].isascii() and before.isascii() and before.isalnum())
    return begins and not (name[-1].isascii() and re.match(r"[a-rt-z0-9]|s[a-z0-9]", after))


def _owned(groups: Any, text: str, *, banned: bool) -> Iterator[Alias]:
    if not isinstance(groups, list) or len(groups) > MOST_GROUPS:
        raise AliasFileBroken(f"{ALIAS_FILE}: `add` and `ban` are lists of up to {MOST_GROUPS:,} entries like `- [思维链, CoT]`")
    for group in groups:
        if not isinstance(group, list) or len(group) < 2 or not all(isinstance(name, str) and name.strip() for name in group):
            raise AliasFileBroken(
                f"{ALIAS_FILE}: {str(group)[:LONGEST]}: name at least two words of text, like `- [思维链, CoT]`"
            )
        if len(group) > MOST_NAMES:
            raise AliasFileBroken(f"{ALIAS_FILE}: {group[0][:LONGEST]}: more than {MOST_NAMES} names of one thing")
        line = text[: max(text.find(group[0]), 0)].count("\n") + 1
        for one, other in combinations(group, 2):
            yield Alias(one=one.strip(), other=other.strip(), path=ALIAS_FILE, line=line, banned=banned)


def _prose(note: Note) -> Iterator[tuple[int, str]]:
    """Lines outside of the header and of fenced code, numbered from 1."""
    first = note.text.count("\n", 0, note.front.end)
    fence = ""
    for number, line in enumerate(note.text[note.front.end :].split("\n"), first + 1):
        mark = FENCE.match(line)
        if mark:
            fence = "" if fence == mark[1] else fence or mark[1]
        elif not fence and len(line) < 20_000:
            yield number, line.rstrip("\r")


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    for words, found in _joined(BRACKET, line):
        left = _left(words, found["right"])
        yield left, found["right"]
        if found["third"]:
            yield left, found["third"]
            yield found["right"], found["third"]
    for words, found in _joined(CALLED, line):
        yield _left(words, found["right"]), found["right"]
    for span in SPAN.finditer(line):
        words = (span["heading"] or span["bold"] or span["item"]).strip(STRIPPED)
        if whole := WHOLE.fullmatch(words):
            yield whole["left"], whole["right"]


def _joined(joint: re.Pattern[str], line: str) -> Iterator[tuple[str, re.Match[str]]]:
    """What stands before each joint, up to the right side of the one before it, and the joint."""
    at = 0
    for found in joint.finditer(line):
        before = BEFORE.search(line[max(at, found.start() - REACH) : found.start()])
        if before:
            yield before["left"], found
            at = found.start("right")


def _left(words: str, right: str) -> str:
    """The name at the end of what stands before a bracket."""
    if re.match(f"[{HAN}]", words):
        return LEADING.sub("", words)
    parts = words.split(" ")
    if re.fullmatch(r"[A-Z][A-Za-z]*[A-Z]s?", right):
        letters = sum(letter.isupper() for letter in right)
        initials = re.sub(r"-", " ", words).split(" ")
        return " ".join(initials[-letters:]) if len(initials) > letters else words
    return parts[-1] if _is_short_name(parts[-1]) else " ".join(parts[-MOST_WORDS:])


def _is_short_name(word: str) -> bool:
    return sum(letter.isupper() for letter in word) > 1


def _cells(line: str) -> list[str]:
    found = TABLE.match(line)
    return [cell.strip(STRIPPED) for cell in found["cells"].split("|")] if found else []


def _named_columns(cells: list[str]) -> list[int]:
    """The columns of a glossary that hold names; none when the table is no glossary."""
    columns = [at for at, cell in enumerate(cells) if NAMES_OF_COLUMNS.match(cell)]
    return columns[:MOST_NAMES] if len(columns) > 1 else [-1]


def _of_row(cells: list[str], columns: list[int], path: str, line: int) -> Iterator[Alias]:
    names = [cells[at] for at in columns if 0 <= at < len(cells) and not set(cells[at]) <= set("-: ")]
    for one, other in combinations(names, 2):
        yield from _pair(one, other, path, line)


def _pair(one: str, other: str, path: str, line: int) -> Iterator[Alias]:
    one, other = one.strip(STRIPPED), other.strip(STRIPPED)
    if _is_name(one) and _is_name(other) and one.lower() != other.lower() and _belong(one, other):
        yield Alias(one=one, other=other, path=path, line=line)


def _is_name(words: str) -> bool:
    if not words or len(words) > LONGEST:
        return False
    if NO_NAME.search(words) or words in GENERIC:
        return False
    if re.search(f"[{HAN}]", words):
        return 2 <= len(words) <= 12
    return len(words) > 1 and len(words.split(" ")) <= 8


def _belong(one: str, other: str) -> bool:
    """Two names in one script are a pair only as an abbreviation and what it stands for."""
    if bool(re.search(f"[{HAN}]", one)) != bool(re.search(f"[{HAN}]", other)):
        return True
    short, long = sorted((one, other), key=len)
    if re.search(f"[{HAN}]", one):
        return len(short) < len(long) and all(character in long for character in short)
    initials = "".join(word[0] for word in re.split(r"[ /-]", long) if word).lower()
    letters = re.sub(r"[^a-z]", "", short.lower())
    return len(letters) > 1 and (letters == initials or letters.rstrip("s") == initials)
