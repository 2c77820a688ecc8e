"""Conversations played turn by turn with the product's own answers, and how well each kind of turn is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.evaluation.dataset import LabelProblem
from bot.evaluation.metrics import grouped, mean, rank_of, share_held
from bot.types import Answer, AnswerState, Ask, Language, Person, Place, Question
from knowledge.foreign_text import parse_json

Where = tuple[str, str]
"""The path of a note, and words that stand in it."""
PLATFORM = "eval"
EXPECTED = {"talk": AnswerState.TALK, "overview": AnswerState.OVERVIEW, "abstain": AnswerState.ABSTAINED}
"""What a turn without evidence is to be answered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTurn:
    """What somebody says, and what is to be answered."""

    text: str
    kind: str
    who: str = ""
    reply_to: int | None = None
    """The turn whose answer it replies to, counted from 0."""
    expect: str = ""
    evidence: tuple[tuple[Where, ...], ...] = ()
    """Each group must be found, by any of its places; several groups where two things are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationScript:
    """What is said in one chat, by one person or several."""

    id: str
    turns: tuple[ScriptTurn, ...]

    @property
    def place(self) -> Place:
        private = len({turn.who for turn in self.turns}) < 2
        return Place(platform=PLATFORM, chat=self.id, private=private)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOutcome:
    """How one turn was answered; the shares are of its groups of evidence."""

    id: str
    kind: str
    text: str
    mode: str
    answered: float
    """1 when it is answered as expected: with its evidence among the sources, as talk, as an overview, or not at all."""
    has_evidence: bool = False
    hit_1: float = 0.0
    hit_5: float = 0.0
    cited: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnMeans:
    """The same over many turns; hits and citations over those that have evidence."""

    turns: int
    answered: float
    hit_1: float
    hit_5: float
    cited: float
    abstained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationReport:
    """By kind of turn, and over all."""

    everything: TurnMeans
    kinds: Mapping[str, TurnMeans]
    outcomes: tuple[TurnOutcome, ...]


def conversations_in(file: Path) -> tuple[ConversationScript, ...]:
    """Read a JSON Lines file of `id` and `turns`, each with `text` and `kind`, and either `expect` or `evidence` with `file`.

    Raises:
        LabelProblem: the file cannot be read, is empty, or a line is no conversation.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelProblem(f"{file}: cannot be read: {error}") from error
    found = tuple(_script(file, number, line) for number, line in enumerate(lines, 1) if line.strip())
    if not found:
        raise LabelProblem(f"{file}: holds no conversation")
    return found


async def play(
    ask: Ask, scripts: Iterable[ConversationScript], passages: Mapping[str, Where], language: Language
) -> AsyncIterator[TurnOutcome]:
    """Ask turn by turn, each conversation in a place of its own; `passages` are path and text by id."""
    for script in scripts:
        answers: list[Answer] = []
        for number, turn in enumerate(script.turns):
            person = Person(platform=PLATFORM, id=turn.who or "user", name=turn.who, language=language)
            reply_to = answers[turn.reply_to].id if turn.reply_to is not None else ""
            question = Question(person=person, place=script.place, text=turn.text, reply_to=reply_to)
            answers.append([answer async for answer in ask(question)][-1])
            found = [passages[one] for one in answers[-1].receipt.ranked if one in passages]
            yield outcome_of(f"{script.id}#{number}", turn, answers[-1], found)


def outcome_of(id_: str, turn: ScriptTurn, answer: Answer, found: Sequence[Where]) -> TurnOutcome:
    """Score one turn; `found` are the passages that were searched out, best first."""
    mode = str(answer.state)
    if not turn.evidence:
        as_expected = answer.state is EXPECTED[turn.expect]
        return TurnOutcome(id=id_, kind=turn.kind, text=turn.text, mode=mode, answered=float(as_expected))
    ranks = [rank_of(group, found) for group in turn.evidence]
    cited = share_held(turn.evidence, answer.citations)
    return TurnOutcome(
        id=id_,
        kind=turn.kind,
        text=turn.text,
        mode=mode,
        answered=cited,
        has_evidence=True,
        hit_1=mean(rank == 1 for rank in ranks),
        hit_5=mean(0 < rank <= 5 for rank in ranks),
        cited=cited,
    )


def report_on(outcomes: Sequence[TurnOutcome]) -> ConversationReport:
    """Sum up what was played."""
    kinds = grouped(outcomes, lambda one: one.kind, _means)
    return ConversationReport(everything=_means(outcomes), kinds=kinds, outcomes=tuple(outcomes))


def _means(outcomes: Sequence[TurnOutcome]) -> TurnMeans:
    with_evidence = [one for one in outcomes if one.has_evidence]
    return TurnMeans(
        turns=len(outcomes),
        answered=mean(one.answered for one in outcomes),
        hit_1=mean(one.hit_1 for one in with_evidence),
        hit_5=mean(one.hit_5 for one in with_evidence),
        cited=mean(one.cited for one in with_evidence),
        abstained=mean(one.mode == AnswerState.ABSTAINED for one in outcomes),
    )


def _script(file: Path, number: int, line: str) -> ConversationScript:
    try:
        values = parse_json(line)
        turns = tuple(_turn(at, turn) for at, turn in enumerate(values["turns"]))
        if not turns:
            raise ValueError("no turns")
        return ConversationScript(id=str(values.get("id", number)), turns=turns)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        wanted = "`turns`, each with `text`, `kind` and either `expect` or `file` and `evidence`"
        raise LabelProblem(f"{file}, line {number}: not JSON with {wanted} ({error!r})") from error


def _turn(at: int, values: dict[str, Any]) -> ScriptTurn:
    evidence, expect, reply_to = list(values.get("evidence") or ()), str(values.get("expect") or ""), values.get("reply_to")
    if bool(evidence) == bool(expect) or (expect and expect not in EXPECTED):
        raise ValueError(f"turn {at}: either evidence, or expect as one of {', '.join(EXPECTED)}")
    if reply_to is not None and not 0 <= int(reply_to) < at:
        raise ValueError(f"turn {at}: it replies to no turn before it")
    files = values.get("files") or [values.get("file")] * len(evidence)
    places = [(str(path), str(words)) for path, words in zip(files, evidence, strict=True)]
    return ScriptTurn(
        text=str(values["text"]),
        kind=str(values["kind"]),
        who=str(values.get("who", "")),
        reply_to=None if reply_to is None else int(reply_to),
        expect=expect,
        evidence=tuple(_groups(places, values.get("sides") or [len(places)])) if places else (),
    )


def _groups(places: Sequence[Where], sizes: Sequence[int]) -> Iterable[tuple[Where, ...]]:
    """`sides` says how many of the places belong to each thing that is compared."""
    if sum(sizes) != len(places):
        raise ValueError("sides: their sum is not the number of places")
    start = 0
    for size in sizes:
        yield tuple(places[start : start + size])
        start += size
