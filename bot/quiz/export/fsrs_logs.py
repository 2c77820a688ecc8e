"""Reviews go in and FSRS's JSON comes out, or the other way round."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.quiz.optimizer import number_of
from bot.settings import Problem
from bot.storage.cards import Review


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
        entries = json.loads(content)
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
