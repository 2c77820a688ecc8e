"""Answers to what is no question about something in the notes: small talk, what notes there are, what one of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import choice

import prompts
from bot.rag.message_kind import MessageKind, MessageReading
from bot.rag.overview import LISTED, Overview, fitting, outline, overview, size_of
from bot.rag.smalltalk import Talk
from bot.types import Answer, AnswerState, Citation, Language, Receipt
from knowledge.notebook import Notebook, Query, SearchResult
from knowledge.overview import NoteSummary, Section, bare, find_note, main_sections, paragraphs_of, says_little, sections_of
from knowledge.passages.markdown import blocks_of
from knowledge.types import Hit, Note, Passage, Skipped

SHORTEST, LONGEST = 2, 24
"""Characters of a name that reads well in a question."""
ASKS = re.compile(r"[?？]$")
ODD = re.compile(r"[#|`$\\{}<>\[\]：:，,。;；“”\"《》]|\d{4}|\.md\b|https?:")
NAMES = re.compile(
    r"^(?!(?:what|how|why|when|where|who|which)\b|怎|为什么|什么|如何|哪)(?=.*(?:[A-Z]|[\u3400-\u9fff]{4}))", re.IGNORECASE
)
"""A heading that stands for something outside its note too: with a Latin word or four Chinese characters, and no question."""
PLURAL = re.compile(r"[a-z]s$")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def example_questions(notes: Sequence[NoteSummary], language: Language) -> tuple[str, ...]:
    """One for each name that is fit for it; those in the asker's own language, if there are any."""
    found = {term: _asked(term, kind, language) for note in notes for kind, term in _terms(note)}
    own = [asked for term, asked in found.items() if bool(CHINESE.search(term)) == (language == "zh")]
    return tuple(own or found.values())


def _terms(note: NoteSummary) -> Iterator[tuple[str, str]]:
    """What a note calls its subject, and its main headings."""
    for kind, terms in (("ask_term", note.aliases), ("ask_heading", (note.name, *note.points))):
        for term in terms:
            if SHORTEST <= len(term) <= LONGEST and not ODD.search(term) and (kind == "ask_term" or NAMES.search(term)):
                yield "ask_heading" if PLURAL.search(term) else kind, term


def _asked(term: str, kind: str, language: Language) -> str:
    return term if ASKS.search(term) else prompts.load("talk").say(kind, language, term=term)


THIS_ONE = re.compile(
    r"(?:这|那|该|本|上|刚才那?|上面那?)一?[篇份](?:笔记|文档|文件|文章)?|(?:this|that|the) (?:note|file|document)", re.IGNORECASE
)


class NotesGuide:
    """Knows what is in the notes without searching them."""

    def __init__(self, notebook: Notebook, *, choose: Callable[[Sequence[str]], str] = choice) -> None:
        self._notebook = notebook
        self._choose = choose

    async def answer(self, reading: MessageReading, language: Language, *, near: str = "") -> Answer | None:
        """The answer to a message of these kinds; None to any other, and to one that names no note there is.

        `near` is the path of the note that was spoken of last: this one.
        """
        match reading.kind:
            case MessageKind.TALK:
                return await self.talk(reading.talk or Talk.REACTION, language)
            case MessageKind.LIST_OF_NOTES if reading.target:
                return await self.fitting(reading.target, language)
            case MessageKind.ABOUT_NOTES | MessageKind.LIST_OF_NOTES:
                return await self.overview(language)
            case MessageKind.ABOUT_NOTE | MessageKind.SUM_UP_NOTE if note := await self.find(reading.target, near=near):
                summing = reading.kind is MessageKind.SUM_UP_NOTE
                return await (self.summary(note, language) if summing else self.outline(note, language))
            case _:
                return None

    async def talk(self, talk: Talk, language: Language) -> Answer:
        """A friendly line, and an example of what may be asked."""
        notes = await self._notebook.summaries()
        examples = example_questions(notes, language)
        words = prompts.load("talk")
        example = words.say("example", language, question=self._choose(examples)) if examples else ""
        count = {"notes": len(notes)} if talk is Talk.ABILITY else {}
        state = AnswerState.ABSTAINED if talk is Talk.BEYOND else AnswerState.TALK
        return Answer(state=state, text=words.say(talk, language, example=example, **count).strip())

    async def overview(self, language: Language) -> Answer:
        """What the notes are about; the outline of the one note, where there is only one."""
        notes = await self._notebook.summaries()
        if len(notes) == 1:
            return await self.outline(notes[0], language) or _overview(overview(notes, language))
        if not notes:
            folder = self._notebook.vault.root
            return Answer(state=AnswerState.OVERVIEW, text=prompts.load("texts").say("no_notes", language, folder=folder))
        return _overview(overview(notes, language))

    async def fitting(self, words: str, language: Language) -> Answer | None:
        """The notes that have to do with some words; None when none seem to."""
        found = await self._notebook.search(Query(question=words))
        notes = {note.path: note for note in await self._notebook.summaries()}
        paths = dict.fromkeys(hit.passage.path for hit in found.hits)
        fit = [notes[path] for path in paths if path in notes]
        return None if found.abstained or not fit else _overview(fitting(words, fit, language))

    async def find(self, named: str, *, near: str = "") -> NoteSummary | None:
        """The note that somebody means; None when there is no such note."""
        notes = await self._notebook.summaries()
        if THIS_ONE.fullmatch(named.strip()):
            return next((note for note in notes if note.path == near), None)
        return find_note(named, notes)

    async def outline(self, chosen: NoteSummary, language: Language) -> Answer | None:
        """What is in a note; None when it is gone."""
        note = await self._notebook.read(chosen.path)
        return None if isinstance(note, Skipped) else _overview(outline(note, sections_of(note), language, key=chosen.key))

    async def summary(self, chosen: NoteSummary, language: Language) -> Answer | None:
        """A note's main sections, each with the first sentence that tells something; None when it is gone."""
        note = await self._notebook.read(chosen.path)
        if isinstance(note, Skipped):
            return None
        return summed_up(note, chosen.name, await self._notebook.passages_of(note.path), language)

    async def to_sum_up(self, reading: MessageReading, *, near: str = "") -> SearchResult | None:
        """What a model is given of a note that it is to sum up: the passages that the main sections begin with."""
        chosen = await self.find(reading.target, near=near) if reading.kind is MessageKind.SUM_UP_NOTE else None
        note = await self._notebook.read(chosen.path) if chosen else None
        if note is None or isinstance(note, Skipped):
            return None
        passages = await self._notebook.passages_of(note.path)
        heads = (_passage_at(passages, section.start) for section in chosen_sections(note)[0])
        hits = tuple(Hit(passage=passage, score=1.0) for passage in dict.fromkeys(heads) if passage)
        return SearchResult(searched=reading.words, hits=hits, abstained=False, ms=0.0, index=note.digest)


def summed_up(note: Note, title: str, passages: Sequence[Passage], language: Language) -> Answer:
    """The outline of a note, each section with a sentence of its own, quoted and cited."""
    words = prompts.load("overview")
    chosen, left = chosen_sections(note)
    blocks = [words.say("note", language, title=title, size=size_of(len(note.text), language))]
    citations: list[Citation] = []
    for section in chosen:
        heading = f"**{bare(section.heading[-1])}**" if section.heading and section.depth else ""
        if section.first:
            citation = _citation(len(citations) + 1, note, title, section, _passage_at(passages, section.first[0]))
            citations.append(citation)
            quote = "\n".join(f"> {line.strip()}" for line in citation.text.splitlines() if line.strip())
            blocks.append("\n".join(part for part in (heading, f"{quote} [{citation.n}]") if part))
        elif heading:
            blocks.append(heading)
    if left:
        between = "、" if language == "zh" else "; "
        blocks.append(words.say("besides", language, titles=between.join(bare(section.heading[-1]) for section in left)))
    used = tuple(dict.fromkeys(citation.passage for citation in citations))
    return Answer(state=AnswerState.OVERVIEW, text="\n\n".join(blocks), citations=tuple(citations), receipt=Receipt(used=used))


def chosen_sections(note: Note) -> tuple[tuple[Section, ...], tuple[Section, ...]]:
    """The largest main sections that a phone has room for, in reading order, and the others; paragraphs, if there are none."""
    blocks = blocks_of(note)
    sections = main_sections(sections_of(note, blocks))
    main = tuple(one for one in sections if not says_little(bare(one.heading[-1]))) or sections
    if len(main) < 2:
        return paragraphs_of(note, blocks), ()
    largest = set(sorted(main, key=lambda section: -section.size)[:LISTED])
    return tuple(one for one in main if one in largest), tuple(one for one in main if one not in largest)


def _citation(n: int, note: Note, title: str, section: Section, passage: Passage | None) -> Citation:
    start, end = section.first or (section.start, section.end)
    first = note.text.count("\n", 0, start) + 1
    return Citation(
        n=n,
        path=note.path,
        title=title,
        heading=section.heading,
        lines=(first, first + note.text.count("\n", start, end)),
        start=start,
        end=end,
        text=note.text[start:end],
        passage=passage.id if passage else "",
        note_digest=note.digest,
    )


def _passage_at(passages: Sequence[Passage], place: int) -> Passage | None:
    return next((passage for passage in passages if passage.start <= place < passage.end), None)


def _overview(shown: Overview | None) -> Answer:
    return Answer(state=AnswerState.OVERVIEW, text=shown.text if shown else "", buttons=shown.buttons if shown else ())
