"""The time law: what reads a text that others wrote takes time that grows with its length, whatever the text is.

Every public function of the packages below that takes a text is found by its signature, and given each piece again and again. The
time is that of the process, the least of several runs; only a text that takes well over a clock's tick is judged by its growth.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from bot.markup.inline import Links
from bot.rag.output_guard import GuardConfig
from knowledge.notes.ignore_rules import IgnoreRules
from knowledge.passages import SplitLimits
from knowledge.text.aliases import Names
from knowledge.types import Alias, FrontMatter, Note

PACKAGES = (
    "knowledge.foreign_text", "knowledge.foreign_text", "knowledge.notes", "knowledge.passages", "knowledge.text",
    "knowledge.index", "bot.markup", "bot.rag.output_guard", "bot.rag.code_spans", "bot.rag.citations", "bot.rag.quotations",
)  # fmt: skip
LONG, SHORT = 100_000, 25_000
"""Bytes of the two texts."""
MOST_S, GROWTH, JUDGED_S = 1.0, 4**1.3, 0.08
RUNS = 3
TEXT = re.compile(r"\b(?:str|Note|bytes|object)\b")

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
)  # fmt: skip

FILLED: dict[str, Callable[[str], Any]] = {
    "str": lambda text: text,
    "object": lambda text: text,
    "bytes": lambda text: text.encode("utf-8", "surrogatepass"),
    "Note": lambda text: Note(path="a.md", title="a", front=FrontMatter(), text=text, digest="-"),
    "Sequence[str]": lambda text: [text],
    "Iterable[str]": lambda text: [text],
    "int": lambda text: 5,
    "bool": lambda text: True,
    "Sequence[Citation]": lambda text: (),
    "Sequence[Span]": lambda text: (),
    "GuardConfig": lambda text: GuardConfig(system="这是系统提示，请照此回答。" * 20, secrets=("abc" * 9,)),
    "SplitLimits": lambda text: SplitLimits(),
    "Links": lambda text: Links(allowed=lambda _: True, citations={1: "https://e.org/"}),
    "Callable[[str], bool]": lambda text: lambda _: True,
    "Literal['NFC', 'NFKC']": lambda text: "NFKC",
    "Language": lambda text: "zh",
}
"""What is given for a parameter, by its annotation."""
LEFT_OUT = {
    "bot.markup.tables.draw": "takes rows that the parser made",
    "knowledge.text.tokenizer.numbered": "takes matches that `terms` made",
    "knowledge.index.note_reader.refused": "takes no text that others wrote",
}
OTHERS: dict[str, Callable[[str], object]] = {
    "Names.other_names": lambda text: list(Names([Alias(one="ab", other=text[:50], path="", line=1)]).other_names(text)),
    "IgnoreRules.ignores": lambda text: IgnoreRules([text[:400].replace("\n", "") or "a"]).ignores(text[:400], is_folder=False),
}


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for package in PACKAGES:
        for module in modules_of(package):
            for name, found in vars(module).items():
                function = inspect.unwrap(found) if callable(found) and not inspect.isclass(found) else None
                is_ours = inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
                if is_ours and takes_text(function):
                    yield f"{module.__name__}.{name}", function


def modules_of(package: str) -> Iterator[Any]:
    module = import_module(package)
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
        yield import_module(found.name)


def required(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(function).parameters.values() if one.default is inspect.Parameter.empty]


def takes_text(function: Callable[..., Any]) -> bool:
    return any(TEXT.search(str(one.annotation)) for one in required(function))


FUNCTIONS = {name: function for name, function in public_functions() if name not in LEFT_OUT}


def call(function: Callable[..., Any], text: str) -> None:
    parameters = required(function)
    places = [FILLED[str(one.annotation)](text) for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    names = {one.name: FILLED[str(one.annotation)](text) for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}
    try:
        made = function(*places, **names)
        if inspect.isgenerator(made):
            for _ in made:
                pass
    except ValueError as error:
        if not type(error).__module__.startswith(("knowledge.", "bot.")):  # a text may be refused, in words of our own
            raise


def seconds(run: Callable[[str], object], piece: str, length: int, runs: int) -> float:
    """The least time of several runs, each on a text of its own, so that no cache answers."""
    count = length // len(piece.encode("utf-8", "surrogatepass"))
    least = float("inf")
    for number in range(runs):
        text = piece * (count - number)
        started = time.process_time()
        run(text)
        least = min(least, time.process_time() - started)
    return least


def broken_by(run: Callable[[str], object]) -> Iterator[str]:
    for piece in PIECES:
        short = seconds(run, piece, SHORT, 1)
        if short > MOST_S:
            yield f"{piece!r}: {short:.1f} s at {SHORT} bytes"
            continue
        long = seconds(run, piece, LONG, 1)
        if long > JUDGED_S:
            short, long = min(short, seconds(run, piece, SHORT, RUNS)), min(long, seconds(run, piece, LONG, RUNS))
            if long > MOST_S or (long > JUDGED_S and long > GROWTH * max(short, 0.004)):
                yield f"{piece!r}: {short:.3f} s, {long:.3f} s"


def main() -> None:
    """Print the public functions, or those whose names hold a word that is given, which break the law, and with which pieces."""
    words = sys.argv[1:] or [""]
    runs = {name: partial(call, function) for name, function in FUNCTIONS.items()} | OTHERS
    untaught = [name for name, found in FUNCTIONS.items() if any(str(one.annotation) not in FILLED for one in required(found))]
    print("of a form that is not taught here:", untaught)
    for name, run in runs.items():
        if name not in untaught and any(word in name for word in words):
            print(name, list(broken_by(run)) or "keeps the law", flush=True)


if __name__ == "__main__":
    main()
