"""Citations: the checked sources and quotations of an answer, of the passages that it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from unicodedata import normalize

from bot.rag import code_spans
from bot.types import Citation
from knowledge.foreign_text import normalized
from knowledge.search.quote_candidates import Excerpt
from knowledge.types import Hit, Span

BLANK = r"[ \t\u3000\xa0]"
ASIDE = r"[ \t\u3000\xa0*_]*+"
RANGE = r"[-–—~～〜至到]"
DIGITS = r"[\d⁰¹²³⁴-⁹]{1,3}"
LABEL = r"(?:摘录|来源|资料|[Ee]xcerpts?|[Ss]ources?)"
ONE = rf"(?:{LABEL}{BLANK}*)?\#?{DIGITS}"
NUMBERS = rf"{ASIDE}\^?{ONE}(?:{ASIDE}(?:[,，、;；/&和]|and|{RANGE}){ASIDE}{ONE})*"
LISTED = rf"{NUMBERS}{ASIDE}"
OPEN, CLOSE = r"\\?[\[［【]", r"\\?[\]］】]"
BRACKETED = rf"{OPEN}{OPEN}{LISTED}{CLOSE}{CLOSE}|{OPEN}{LISTED}(?:†[^\]］】\n]{{0,20}})?{CLOSE}"
TORN = rf"{OPEN}{{1,2}}{LISTED}[ \t\u3000\xa0,，、]*+(?![\d)）]|[^\n\[［【]*[\]］】])"
"""Never closed, not even as `[0, 1)`."""
AS_TOLD = r"(?:摘录|\b[Ee]xcerpts?)"
"""What the prompt calls the passages, and small models too."""
NAMED = rf"[（(]{BLANK}*{AS_TOLD}{LISTED}[)）]|{AS_TOLD}{NUMBERS}(?!\d|\.\d|{BLANK}*[条段个字句篇%％])"
MARK = re.compile(rf"(?=[\[［【\\（(摘Ee])(?P<mark>{BRACKETED}|{TORN}|{NAMED})")
"""A mark of sources in any of the forms in which models write them."""
ONLY_MARK = re.compile(rf"`+\s*(?P<mark>{BRACKETED})\s*`+")
NUMBER = re.compile(rf"(?P<first>{DIGITS})(?:{ASIDE}{RANGE}{ASIDE}(?:{LABEL}{BLANK}*)?#?(?P<last>{DIGITS}))?")
BEGUN = re.compile(
    r"(?:\\?[\[［【]){1,2}[^\]］】\n]{0,40}\Z|[（(]\s*(?:摘|e[xcerpts]{0,7})?\Z|\\\Z"
    r"|(?:[（(]\s*)?(?:摘录|excerpts?)(?:[\s\d,，、;；/&和#*_^-]|an?d?)*\Z",
    re.IGNORECASE,
)
"""What may become a mark with the next piece of a stream."""


def citation_of(n: int, hit: Hit, span: Span | None = None) -> Citation:
    """A passage, or the `span` of it in its file, as source number `n`."""
    passage = hit.passage
    return _citation(n, hit, span or (passage.start, passage.end))


def cite_excerpts(excerpts: Sequence[Excerpt]) -> tuple[Citation, ...]:
    """Excerpts as numbered sources, in their order."""
    return tuple(_citation(n, excerpt.hit, (excerpt.start, excerpt.end)) for n, excerpt in enumerate(excerpts, 1))


def _citation(n: int, hit: Hit, span: Span) -> Citation:
    passage = hit.passage
    text = passage.text[span[0] - passage.start : span[1] - passage.start]
    first = passage.lines[0] + _line_ends(passage.text[: span[0] - passage.start])
    return Citation(
        n=n,
        path=passage.path,
        title=passage.title,
        heading=passage.heading,
        lines=(first, first + _line_ends(text)),
        start=span[0],
        end=span[1],
        text=text,
        passage=passage.id,
    )


def _line_ends(text: str) -> int:
    return len(re.findall(r"\r\n?|\n", text))


def without_unknown(text: str, count: int, held: str = "") -> str:
    """`text` with every mark of sources as `[n]`, and without those that were not given: `【7】` of five goes, `[2-7]` becomes
    `[2][3][4][5]`. Code stays, unless it is nothing but a mark.

    `held` is what the sources say, by `squeezed`: `[0, 1]` is no mark, and becomes code, when it stands there.
    """
    pieces, at = [], 0
    for start, end, mark in _marks(text):
        whole = text[start:end]
        known = _known(whole, mark, count, held, broken_off=end == len(text) and mark[-1] not in "]］】)）")
        pieces += [text[at:start], known]
        at = end
    return "".join([*pieces, text[at:]])


def _known(whole: str, mark: str, count: int, held: str, *, broken_off: bool) -> str:
    """What stands in the place of `mark`, which is the `whole` or all that there is in a piece of code."""
    word = re.match(AS_TOLD, mark)
    if 1 <= _plain(mark) <= count:
        return f"[{_plain(mark)}]"
    if broken_off and not word:
        return ""  # nobody knows what number it would have been
    numbers = _numbers(mark)
    known = [n for n in numbers if 1 <= n <= count]
    if len(known) < len(numbers) and squeezed(mark) in held:
        if word or whole != mark:
            return whole
        if len(numbers) > 1:
            return f"`{mark}`"
    return "".join(f"[{n}]" for n in dict.fromkeys(known)) or (word[0] if word else "")


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Start and end of each mark outside of code, or of the code that is nothing but a mark, and the mark."""
    code = code_spans.places(text)
    found = [(start, end, only["mark"]) for start, end in code if (only := ONLY_MARK.fullmatch(text, start, end))]
    at = 0
    while mark := MARK.search(text, at):
        inside = code_spans.code_at(code, mark.start())
        at = inside[1] if inside else mark.end()
        if not inside:
            found.append((*mark.span(), mark[0]))
    return iter(sorted(found))


def without_begun(text: str) -> str:
    """The part of a stream without what may become a mark at its end, with the next piece."""
    return BEGUN.sub("", text)


def squeezed(text: str) -> str:
    """`text` without blanks."""
    return "".join(text.split())


def cited(text: str, given: Sequence[Citation]) -> tuple[Citation, ...]:
    """Those of the `given` sources that `text` names outside of code, by number."""
    code = code_spans.places(text)
    named = {n for start, _, mark in _marks(text) if not code_spans.code_at(code, start) for n in _numbers(mark)}
    return tuple(citation for citation in given if citation.n in named)


def _numbers(mark: str) -> list[int]:
    """The numbers that a mark names, those between the ends of a range too."""
    if n := _plain(mark):
        return [n]
    found: list[int] = []
    for number in NUMBER.finditer(mark.partition("†")[0]):
        first, last = (int(normalize("NFKC", digits or "0")) for digits in number.group("first", "last"))
        found += range(first, last + 1) if last > first else [first, last][: 2 if number["last"] else 1]
    return found


def _plain(mark: str) -> int:
    """The number of a mark in the form that is asked for, which nearly all have; 0 for others."""
    return int(mark[1:-1]) if mark[0] == "[" and mark[1:-1].isdecimal() else 0


SHORTEST = 6
"""Characters; what is shorter is a term that is named, not a quotation."""
QUOTED = re.compile(r"[“「『](?P<curly>[^“”「」『』\n]+)[”」』]|\"(?P<straight>[^\"\n]+)\"")
SIGNS = re.compile(r"[\s*_`~\\，,。.；;：:！!？?、…—-]+")


def only_real_quotations(text: str, sources: Sequence[Citation]) -> str:
    """Quotation marks go where no source holds the quoted words (signs and emphasis aside); the words stay."""
    held = [_letters_of_source(source.text) for source in sources]
    code = code_spans.places(text)

    def checked(found: re.Match[str]) -> str:
        words = found["curly"] or found["straight"]
        if code_spans.code_at(code, found.start()) or len(words) < SHORTEST or any(_letters(words) in one for one in held):
            return found[0]
        return words

    return QUOTED.sub(checked, text)


@lru_cache(maxsize=512)
def _letters_of_source(text: str) -> str:
    return _letters(text)


def _letters(text: str) -> str:
    return SIGNS.sub("", normalized("NFKC", text)).lower()
