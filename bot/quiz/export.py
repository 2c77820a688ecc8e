"""Export of cards (Anki package, CSV) and of reviews (JSON of the FSRS programs), and import of reviews made elsewhere."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from html import escape
from io import BytesIO, StringIO
from pathlib import PurePosixPath
from typing import Any

import prompts
from bot.quiz.cards.card import Card
from bot.quiz.fsrs import number_of, rate, state_of
from bot.settings import Problem
from bot.storage.cards import Learner, Review, Reviews, Schedule
from knowledge.foreign_text import parse_json

__all__ = ["AnkiMissing", "LogProblem", "Logged", "csv_of", "logs_of", "package_of", "read_logs"]


MODEL_ID = 1_607_392_319
"""Never changes: Anki knows the kind of note by it."""
FIELDS = ("Question", "Answer", "Source", "Id")
FRONT = '<div class="question">{{Question}}</div>'
BACK = '{{FrontSide}}<hr id="answer"><div class="answer">{{Answer}}</div><div class="source">{{Source}}</div>'
CSS = ".card{font-family:sans-serif;font-size:20px;text-align:center}.source{margin-top:2em;font-size:13px;opacity:.6}"
ENDS_A_TAG = re.compile(r"[\s\"'“”]+")


class AnkiMissing(Problem):
    """The library that writes Anki packages is not installed; the message says how to install it."""


def package_of(cards: Sequence[Card], name: str) -> bytes:
    """The package, with one deck called `name`; needs a thread (it writes a database).

    Raises:
        AnkiMissing: the extra `anki` is not installed.
    """
    try:
        import genanki
    except ModuleNotFoundError as error:
        raise AnkiMissing(prompts.load("quiz").raw("anki_missing", "en")) from error

    model = genanki.Model(
        MODEL_ID,
        "notesbot",
        fields=[{"name": field} for field in FIELDS],
        templates=[{"name": "Card", "qfmt": FRONT, "afmt": BACK}],
        css=CSS,
    )
    deck = genanki.Deck(_deck_id(name), name)
    for card in cards:
        deck.add_note(_note(genanki, model, card))
    made = BytesIO()
    genanki.Package(deck).write_to_file(made)
    return made.getvalue()


def tags_of(card: Card) -> list[str]:
    """The card's tags and its note's path as Anki writes them: no spaces, levels joined by `::`."""
    path = PurePosixPath(card.path).with_suffix("")
    wanted = [*card.tags, f"notes/{path}"]
    return list(dict.fromkeys(tag for raw in wanted if (tag := ENDS_A_TAG.sub("_", raw.strip().strip("#")).replace("/", "::"))))


def source_of(card: Card) -> str:
    """Where the card stands in the notes, in one line."""
    first, last = card.lines
    lines = f"{first}" if first == last else f"{first}-{last}"
    return " › ".join([f"{card.path}:{lines}", *card.heading])


def _note(genanki: Any, model: Any, card: Card) -> Any:
    fields = [_html(card.prompt), _html(card.answer), _html(source_of(card)), card.id]
    return genanki.Note(model=model, fields=fields, tags=tags_of(card), guid=genanki.guid_for("notesbot", card.id))


def _html(text: str) -> str:
    """Anki's fields are HTML; a control character would end one."""
    clean = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    return escape(clean, quote=False).replace("\n", "<br>")


def _deck_id(name: str) -> int:
    """31 bits, as Anki's own are small; the same for the same name."""
    return (1 << 30) + (int.from_bytes(blake2b(name.encode(), digest_size=4).digest()) >> 2)


COLUMNS = ("id", "question", "answer", "kind", "path", "lines", "heading", "tags")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection."""


def csv_of(cards: Sequence[Card], name: str = "") -> bytes:
    """A header and one row a card; with a byte order mark, without which Excel does not read Chinese."""
    made = StringIO(newline="")
    rows = csv.writer(made)
    rows.writerow(COLUMNS)
    rows.writerows([_harmless(cell) for cell in _row(card)] for card in cards)
    return made.getvalue().encode("utf-8-sig", "replace")


def _row(card: Card) -> tuple[str, ...]:
    lines = f"{card.lines[0]}-{card.lines[1]}"
    return (card.id, card.prompt, card.answer, str(card.kind), card.path, lines, " › ".join(card.heading), " ".join(card.tags))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class LogProblem(Problem):
    """A file of reviews cannot be read; the message says where and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A review of a file; `card` is its id here."""

    card: str
    rating: int
    at: datetime
    milliseconds: int | None


def logs_of(reviews: Sequence[Review]) -> bytes:
    """A JSON list of what `fsrs.ReviewLog.from_dict` reads, and besides the card's id here as `card`."""
    return json.dumps([_values(review) for review in reviews], ensure_ascii=False, indent=1).encode("utf-8")


def read_logs(content: bytes, ids: Sequence[str]) -> tuple[tuple[Logged, ...], int]:
    """The reviews of cards that are among `ids`, and how many are of others.

    Raises:
        LogProblem: it is not a list of FSRS review logs.
    """
    try:
        entries = parse_json(content)
    except ValueError as error:
        raise LogProblem(f"not JSON: {error}") from error
    if not isinstance(entries, list):
        raise LogProblem("not a list of FSRS review logs (card_id, rating, review_datetime, review_duration)")
    known = {**{str(number_of(card)): card for card in ids}, **{card: card for card in ids}}
    read = [_logged(at, entry, known) for at, entry in enumerate(entries, 1)]
    here = tuple(one for one in read if one)
    return here, len(read) - len(here)


def _values(review: Review) -> dict[str, Any]:
    return {
        "card_id": number_of(review.card),
        "rating": review.rating,
        "review_datetime": review.at.isoformat(),
        "review_duration": review.milliseconds,
        "card": review.card,
    }


def _logged(number: int, entry: object, known: Mapping[str, str]) -> Logged | None:
    try:
        values = dict(entry)  # type: ignore[call-overload]
        at = datetime.fromisoformat(values["review_datetime"])
        rating, spent = values["rating"], values.get("review_duration")
        card = known.get(str(values.get("card") or "")) or known.get(str(values["card_id"]))
    except (KeyError, TypeError, ValueError) as error:
        raise LogProblem(f"entry {number}: not an FSRS review log ({error!r})") from error
    if rating not in (1, 2, 3, 4) or at.tzinfo is None or not (spent is None or isinstance(spent, int)):
        raise LogProblem(f"entry {number}: rating is 1 to 4, review_datetime has a time zone, review_duration is milliseconds")
    return Logged(card=card, rating=int(rating), at=at.astimezone(UTC), milliseconds=spent) if card else None


async def import_reviews(reviews: Reviews, learner: Learner, logged: Sequence[Logged]) -> int:
    """Add the reviews that are not in the log yet and compute the schedules of their cards anew; how many were added."""
    log = await reviews.log(learner.person)
    there = {(review.card, review.at) for review in log}
    fresh = {(one.card, one.at): one for one in logged if (one.card, one.at) not in there}
    touched = {card for card, _ in fresh}
    mine = [review for review in log if review.card in touched]
    mine += [_review(learner, one) for one in fresh.values()]
    before = await reviews.schedules(learner.person, sorted(touched))
    made, replayed = _replay(sorted(mine, key=lambda review: review.at), learner, before)
    new = [review for review in replayed if (review.card, review.at) in fresh]
    return await reviews.replace_schedules(learner.person, new, made)


def _replay(log: Sequence[Review], learner: Learner, before: dict[str, Schedule]) -> tuple[dict[str, Schedule], list[Review]]:
    """Schedules by card, and the log with the state that each review found; what rests goes on resting."""
    made: dict[str, Schedule] = {}
    replayed = []
    for review in log:
        earlier = made.get(review.card)
        replayed.append(replace(review, was=state_of(earlier)))
        made[review.card] = replace(rate(earlier, review.rating, review.at, learner), suspended="")
    resting = {card: schedule.suspended for card, schedule in before.items()}
    return {card: replace(schedule, suspended=resting.get(card, "")) for card, schedule in made.items()}, replayed


def _review(learner: Learner, one: Logged) -> Review:
    return Review(person=learner.person, card=one.card, rating=one.rating, at=one.at, milliseconds=one.milliseconds, how="import")
