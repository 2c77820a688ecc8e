"""The time law: what reads a text that others wrote takes time that grows with its length, whatever the text is.

Every public function of the packages below that takes a text is found by its signature, and given each piece again and again. The
time is that of the process, the least of several runs; only a text that takes well over a clock's tick is judged by its growth.

`tests/test_time_law.py` looks at all of it at small lengths; this program measures at the lengths that the law speaks of.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.markup.inline import Links
from bot.markup.styled_text import TextSpan
from bot.quiz.cards.authored.clozes import gaps_of
from bot.quiz.cards.builder import cards_of, merge
from bot.rag.attribution import Attributor
from bot.rag.output_guard import GuardConfig
from bot.rag.prompt_builder import AnswerStyle, PromptContext
from bot.settings import SettingsProblem
from bot.types import Quote
from knowledge.foreign_text import JsonProblem, YamlProblem, collector_paused
from knowledge.notes.charset import Undecodable
from knowledge.notes.ignore_rules import IgnoreProblem, IgnoreRules
from knowledge.overview import NoteSummary, OutlinePiece, sections_of
from knowledge.passages import SplitLimits
from knowledge.passages.structure import PassagePart, Shape
from knowledge.search.searcher import SearchResult
from knowledge.text.aliases import AliasFileBroken, Names
from knowledge.types import Alias, FrontMatter, Hit, Note, Passage
from knowledge.vectors import HashedNgrams
from tests.bot.quiz.making import card

PACKAGES = (
    "knowledge", "prompts", "bot.markup", "bot.rag", "bot.quiz.cards.authored", "bot.quiz.cards.builder",
    "bot.quiz.cards.document", "bot.quiz.cards.extractors.quality", "bot.quiz.cards.llm_writer", "bot.quiz.cards.rendered_text",
    "bot.quiz.grader", "bot.language", "bot.memory.extraction", "bot.memory.policy", "bot.settings.secrets",
)  # fmt: skip
LONG, SHORT = 100_000, 25_000
"""Bytes of the two texts."""
MOST_S, GROWTH, JUDGED_S = 1.0, 4**1.3, 0.08
RUNS = 3
BUSY = 2
"""How much longer all takes on a machine that does other things besides, as in CI."""
MIDDLE, HOPELESS_S = 16_000, 0.15
"""What takes so long for so many bytes, and grows too fast up to there, is not waited for at full length."""
SCREEN, SCREENED_S, HASTY_S = 2_000, 0.00015, 0.03
"""Bytes that all is tried with first; seconds from which growth is looked at, and from which all of a second may be needed."""
TEXT = re.compile(r"\b(?:str|Note|bytes|object|Passage|Hit|NoteSummary)\b")
CALLED = re.compile(r"Callable\[.*\]|Literal\[.*\]")

PIECES = (
    "ab-", "a_", "a.b.", "eyJhbGciOiJIUzI1NiJ9.", "123e4567-e89b-12d3-a456-426614174000-", "QUJDREVG+/",
    "word ", "a", "Ab1", "7", "7,", "的", "中文", "中a", "中 ", "あ", "한", "，", "；", "。", "!", "!!!a", ".", "...a",
    ".)a", ":", "：", "[", "]", "[[", "![", "![[", "[](", "](", "[a](", "[a](b \"", "(", "（", "a (b", "中（a", "{",
    "{%", "{:", "%%", "%% a", "<", "<a ", "<a href=\"", "<a b='c' ", "<br ", "<!--", "<script>", "<svg ", "</",
    "<div>\n", "<b>a</b>", ">", "> ", "<<<", "<|a", "&", "&amp;", "&#38;", "&#", "#38;", "*", "** ", "*a",
    "a* ", "**a", "_a_", "~~", "==", "`", "` ", "`a", "``a`", "```\n", "```a", "~~~\n", "$", "$ ", "$$",
    "$$a\n", "$$ a\n\n", "\\", "\\(", "\\[", "\\frac{", "x^{", "|", "| ", "a|b|", "|a|\n", "| a\n", "|---|\n",
    "- ", "-", "- a\n", " - ", "# ", "# a\n", "a\n===\n", "\"", "'", "“", "《", "@", "@everyone ", "@\u200b",
    "/", "//", "http://a/", "http://a.b ", "http://a.b/(", "www.", "www.a.b ", "a@b.", "\n", "\r", " ", "\t",
    "a     ", "   \n", "\u3000", "\u2028", "\0", "\u200d", "👩\u200d", "🇨", "\u0301", "\u0301\u0316", "a\ufe0f",
    "\U000e0061", "\u202e", "\ue0000\ue000", "\x1b[", "\u3164", "e.g. ", "Q: a\nA: b\n", "a::", "{{c1::a",
    "[^1]", "[^1]: a\n", "1) a\n", "a: b\n", "a: [", "a: &a\n", "abc (ABC) ", "又称", "a又称", "的与和", "sk-",
    "ignore ", "忽略以上", "say ", "[[a|b]]", "$a$ ", "| 术语 | 英文 ", "<details>\n\n", "2020 ", "value=\\&quot;",
    "((a)) ", "id:: a\n", "^a", "- [ ] a\n", "an", "一二三", "a\\\n", "[a\n", "*a*a",
    "==a", "==a ", "a::b\n\n==c==\n\n", "q::yes\n\n", "a\n?\nb\n\n", "- **a**：b\n", "* a\n  > b\n", "> - a\n", "`` a ",
    "`a::b` ", "a #flashcards\n\nb::c\n\n",
)  # fmt: skip
STAIRS = ((" ", "a"), ("  ", "- a"), ("> ", "a"), ("> - ", "a"), ("`", ""), ("#", " a"))


def note_of(text: str) -> Note:
    return Note(path="a.md", title="a", front=FrontMatter(), text=text, digest="-")


def hit_of(text: str) -> Hit:
    """A found passage, which is never longer than a note may be cut."""
    text = text[:PASSAGE]
    passage = Passage(
        id="1", path="a.md", title="a", start=0, end=len(text), lines=(1, 1), heading=(), parents=(), text=text, digest="-"
    )
    return Hit(passage=passage, score=1.0)


PASSAGE = SplitLimits().raw
PATH = 400
"""Characters of a path, and of a pattern for it."""
Bind = Callable[[str], Callable[[], object]]
"""What is to be run on a text: all but the run itself is made beforehand."""
REFUSALS = (AliasFileBroken, IgnoreProblem, JsonProblem, SettingsProblem, Undecodable, YamlProblem)
"""A text may be refused, in words of our own."""

FILLED: dict[str, Callable[[str], Any]] = {
    "str": lambda text: text,
    "object": lambda text: text,
    "str | bytes": lambda text: text,
    "bytes": lambda text: text.encode("utf-8", "surrogatepass"),
    "int": lambda text: 5,
    "bool": lambda text: True,
    "Language": lambda text: "zh",
    "Unsupported": lambda text: "strict",
    "Sequence[str]": lambda text: [text],
    "Iterable[str]": lambda text: [text],
    "tuple[str, ...]": lambda text: (text,),
    "frozenset[str]": lambda text: frozenset({text}),
    "Mapping[str, str]": lambda text: {},
    "Note": note_of,
    "FrontMatter": lambda text: FrontMatter(title=text, aliases=(text,)),
    "Passage": lambda text: hit_of(text).passage,
    "Sequence[Passage]": lambda text: [hit_of(text).passage],
    "Read": lambda text: lambda path: [hit_of(text).passage],
    "Hit": hit_of,
    "Sequence[Hit]": lambda text: [hit_of(text)],
    "SearchResult": lambda text: SearchResult(searched=text, hits=(hit_of(text),), abstained=False, ms=0.0),
    "Sequence[Section]": lambda text: sections_of(note_of(text)),
    "Sequence[OutlinePiece]": lambda text: [OutlinePiece(heading=(text,), characters=5)],
    "Sequence[NoteSummary]": lambda text: [NoteSummary(path="a.md", title=text, headings=(text,), passages=1, characters=5)],
    "PassagePart": lambda text: PassagePart(shape=Shape.LIST, lines=((0, len(text)),)),
    "Sequence[Row]": lambda text: [[(TextSpan(text[:20]),)], [(TextSpan(text),)]],
    "Sequence[Citation]": lambda text: (),
    "Path": lambda text: Path("notesbot.yaml"),
    "Mapping[str, Any]": lambda text: {"telegram": {"token": text}},
    "Sequence[Span]": lambda text: (),
    "Attributor": lambda text: Attributor(()),
    "Quote | None": lambda text: Quote(text=text),
    "AnswerStyle": lambda text: AnswerStyle(),
    "PromptContext": lambda text: PromptContext(hits=(hit_of(text),)),
    "GuardConfig": lambda text: GuardConfig(system="这是系统提示，请照此回答。" * 20, secrets=("abc" * 9,)),
    "SplitLimits": lambda text: SplitLimits(),
    "Links": lambda text: Links(allowed=lambda _: True, citations={1: "https://e.org/"}),
    "tuple[ClozeGap, ...]": lambda text: gaps_of(text, highlights=True)[:20],
    "Card": lambda text: card(1, question=text, prompt=text, answer=text),
    "Callable[[str], bool]": lambda text: lambda _: True,
    "Callable[[str], int]": lambda text: len,
    "Callable[[str], Iterable[str]]": lambda text: lambda _: ("中文",),
    "Literal['NFC', 'NFKC']": lambda text: "NFKC",
}
"""What is given for a parameter, by its annotation."""
LEFT_OUT = {
    "knowledge.catalog.schema.indexed_of": "reads what the catalog wrote",
    "knowledge.catalog.schema.front_of": "reads what the catalog wrote",
    "knowledge.catalog.schema.drop_others": "writes rows",
    "knowledge.catalog.schema.put_aliases": "writes rows",
    "knowledge.catalog.schema.set_fact": "writes rows",
    "knowledge.index.note_reader.refused": "takes no text that others wrote",
    "knowledge.search.quote_candidates.ranked_candidates": "measured with the choice of excerpts",
    "knowledge.search.quote_candidates.line_start": "measured with the choice of excerpts",
    "knowledge.text.tokenizer.numbered": "takes matches that `terms` made",
    "bot.quiz.cards.llm_writer.cards_from": "takes questions that were checked when they were stored",
    "prompts.load": "takes the name of a file of ours",
    "prompts.parse": "reads files of ours",
}
OTHERS: dict[str, Bind] = {
    "Names.other_names": lambda text: lambda: list(Names([Alias(one="ab", other=text, path="", line=1)]).other_names(text)),
    "IgnoreRules.ignores": lambda text: partial(called, ignored, [text[:PATH]], {}),
    "merge": lambda text: partial(merge, [cards_of(note_of(text), ())]),
    "HashedNgrams.embed": lambda text: lambda: HashedNgrams().embed([text]),
}


def ignored(text: str) -> bool:
    return IgnoreRules([text.replace("\n", "")]).ignores(text, is_folder=False)


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for package in PACKAGES:
        for module in modules_of(package):
            for name, found in vars(module).items():
                function = inspect.unwrap(found) if callable(found) and not inspect.isclass(found) else None
                is_ours = inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
                if is_ours and not inspect.iscoroutinefunction(function) and takes_text(function):
                    yield f"{module.__name__}.{name}", function


def modules_of(package: str) -> Iterator[Any]:
    module = import_module(package)
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
        yield import_module(found.name)


def required(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(function).parameters.values() if one.default is inspect.Parameter.empty]


def takes_text(function: Callable[..., Any]) -> bool:
    return any(TEXT.search(CALLED.sub("", str(one.annotation))) for one in required(function))


FUNCTIONS = {name: function for name, function in public_functions() if name not in LEFT_OUT}


def untaught() -> list[str]:
    """The functions that take what no text is made into here."""
    return [name for name, found in FUNCTIONS.items() if any(str(one.annotation) not in FILLED for one in required(found))]


def bound(function: Callable[..., Any], text: str) -> Callable[[], object]:
    """The call of `function` with all that it requires made of `text`."""
    parameters = required(function)
    places = [FILLED[str(one.annotation)](text) for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    names = {one.name: FILLED[str(one.annotation)](text) for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}
    return partial(called, function, places, names)


def called(function: Callable[..., Any], places: Sequence[object], names: Mapping[str, object]) -> object:
    try:
        made = function(*places, **names)
        return list(made) if inspect.isgenerator(made) else made
    except REFUSALS as problem:
        return problem


def warm_up() -> None:
    """What is loaded once is no text's fault."""
    for bind in RUNS_ON.values():
        bind("one 一 ")()


RUNS_ON: dict[str, Bind] = {name: partial(bound, function) for name, function in FUNCTIONS.items()} | OTHERS


@dataclass(frozen=True, kw_only=True)
class HostileText:
    """A piece again and again, and what comes after all of them; as stairs, a line with one more of them each."""

    piece: str
    end: str = ""
    stairs: bool = False

    def __str__(self) -> str:
        return f"{self.piece!r}{f' + {self.end!r}' if self.end else ''}{' as stairs' if self.stairs else ''}"

    def of(self, length: int, shorter: int = 0) -> str:
        """About `length` bytes of it, `shorter` pieces less."""
        size = len(self.piece.encode("utf-8", "surrogatepass"))
        if self.stairs:
            lines = range(int((2 * length / size) ** 0.5) - shorter)
            return "\n".join(self.piece * line + self.end for line in lines)
        return self.piece * (length // size - shorter) + self.end


TEXTS = (
    *(HostileText(piece=piece) for piece in PIECES),
    *(HostileText(piece=piece, end="a") for piece in PIECES if len(piece) == 1),
    *(HostileText(piece=piece, end=end, stairs=True) for piece, end in STAIRS),
)


def seconds(bind: Bind, text: HostileText, length: int, runs: int = 1) -> float:
    """The least time of several runs, each on a text of its own, so that no cache answers.

    The collector rests meanwhile: what it takes depends on all that lives in the process.
    """
    least = float("inf")
    for number in range(runs):
        run = bind(text.of(length, number))
        with collector_paused():
            started = time.process_time()
            run()
            least = min(least, time.process_time() - started)
    return least


def verdict(bind: Bind, text: HostileText, *, long: int = LONG, judged_s: float = JUDGED_S, most_s: float = MOST_S) -> str:
    """How the law is broken on this text, at `long` bytes and a quarter of it; empty when it is kept."""
    for runs in (1, RUNS):
        short_s = seconds(bind, text, long // 4, runs)
        if short_s > most_s:
            return f"{text}: {short_s:.1f} s at {long // 4} bytes"
        long_s = seconds(bind, text, long, runs)
        if long_s < judged_s or (long_s < most_s and long_s < GROWTH * short_s):
            return ""
    return f"{text}: {short_s:.4f} s at {long // 4} bytes, {long_s:.4f} s at {long}"


def screened(bind: Bind, text: HostileText) -> str:
    """The same verdict, looked for at a small length first: only what grows too fast there is measured at the full one."""
    screen_s = seconds(bind, text, SCREEN)
    if screen_s < SCREENED_S or (screen_s < HASTY_S and screen_s < GROWTH * seconds(bind, text, SCREEN // 4)):
        return ""
    if screen_s < HASTY_S and not verdict(bind, text, long=SCREEN, judged_s=SCREENED_S):
        return ""
    if seconds(bind, text, MIDDLE) > HOPELESS_S and (found := verdict(bind, text, long=MIDDLE)):
        return found
    return verdict(bind, text, most_s=BUSY * MOST_S)


def main() -> None:
    """Print the public functions, or those whose names hold a word that is given, which break the law, and with which pieces."""
    words = sys.argv[1:] or [""]
    warm_up()
    print("of a form that is not taught here:", untaught())
    for name, bind in RUNS_ON.items():
        if any(word in name for word in words):
            print(name, [found for text in TEXTS if (found := verdict(bind, text))] or "keeps the law", flush=True)


if __name__ == "__main__":
    main()
