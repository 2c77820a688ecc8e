"""Files for Anki, for a spreadsheet and for other FSRS programs; and reviews that come back in."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import fsrs
import pytest

from bot.quiz.cards.card import Card
from bot.quiz.export import LogProblem, csv_of, import_reviews, logs_of, package_of, read_logs, tags_of
from bot.quiz.fsrs import rate
from bot.storage import Database
from bot.storage.cards import Learner, Review, Reviews
from tests.bot.quiz.making import NOON, card

ANKI = os.environ.get("ANKI_PYTHON", "")
"""A Python with the `anki` package: its tests run when this is set."""
OPEN_IN_ANKI = """
import json, sys, warnings
warnings.simplefilter("error")
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportAnkiPackageUpdateCondition as Update
collection = Collection(sys.argv[1])
for package in sys.argv[2:]:
    options = ImportAnkiPackageOptions(update_notes=Update.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER)
    log = collection.import_anki_package(ImportAnkiPackageRequest(package_path=package, options=options)).log
    notes = [collection.get_note(id) for id in sorted(collection.find_notes(""))]
    print(json.dumps({
        "new": len(log.new), "updated": len(log.updated), "duplicate": len(log.duplicate), "conflicting": len(log.conflicting),
        "fields": [dict(note.items()) for note in notes], "tags": [sorted(note.tags) for note in notes],
        "cards": collection.card_count(), "decks": sorted(deck.name for deck in collection.decks.all_names_and_ids()),
        "answer": notes[0].cards()[0].answer(), "integrity": collection.fix_integrity()[1],
    }))
collection.close()
"""


def awkward() -> tuple[Card, ...]:
    return (
        card(
            1,
            prompt="<b>1 < 2</b> & “引号”?",
            answer="第一行\n第二行 {{c1::x}}\x1f\x00",
            tags=("llm/basics", "two words", "#hash"),
        ),
        card(2, path="深 处/笔记 二.md", heading=("一", "二")),
    )


def test_the_package_is_an_archive_with_a_collection() -> None:
    with zipfile.ZipFile(io.BytesIO(package_of(awkward(), "notesbot"))) as package:
        assert set(package.namelist()) == {"collection.anki2", "media"}


def test_tags_have_no_spaces_and_name_the_note() -> None:
    assert tags_of(awkward()[0]) == ["llm::basics", "two_words", "hash", "notes::rag"]
    assert tags_of(awkward()[1]) == ["notes::深_处::笔记_二"]


@pytest.mark.skipif(not ANKI, reason="ANKI_PYTHON names no Python with the anki package")
def test_anki_takes_the_notes_and_a_second_import_updates_them(tmp_path: Path) -> None:
    one, two = awkward()
    packages = []
    for at, cards in enumerate(((one, two), (card(1, prompt=one.prompt, answer="new answer", tags=one.tags), two))):
        packages.append(tmp_path / f"{at}.apkg")
        packages[-1].write_bytes(package_of(cards, "notesbot"))
        if at == 0:
            subprocess.run(["sleep", "1.1"], check=True)  # Anki tells newer notes by the second
    command = [ANKI, "-c", OPEN_IN_ANKI, tmp_path / "collection.anki2", *packages, packages[-1]]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    first, second, third = map(json.loads, ran.stdout.splitlines())
    assert (first["new"], first["updated"], first["conflicting"], first["integrity"]) == (2, 0, 0, True)
    assert first["fields"][0]["Question"] == "&lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; “引号”?"
    assert first["fields"][0]["Answer"] == "第一行<br>第二行 {{c1::x}}"
    assert first["fields"][1]["Source"] == "深 处/笔记 二.md:2-3 › 一 › 二"
    assert first["tags"][0] == ["hash", "llm::basics", "notes::rag", "two_words"]
    assert first["decks"] == ["Default", "notesbot"]
    assert (second["new"], second["cards"], second["fields"][0]["Answer"]) == (0, 2, "new answer")
    assert second["updated"] >= 1
    assert (third["new"], third["cards"]) == (0, 2)
    assert "new answer" in second["answer"]


def rows_of(cards: tuple[Card, ...]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_of(cards).decode("utf-8-sig"), newline="")))


def test_the_table_has_source_lines_and_tags() -> None:
    first, second = rows_of(awkward())
    assert (first["id"], first["lines"], first["tags"]) == ("c0001", "1-2", "llm/basics two words #hash")
    assert (second["path"], second["heading"]) == ("深 处/笔记 二.md", "一 › 二")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=cmd|" /C calc"!A0'])
def test_a_formula_is_only_text_in_a_spreadsheet(text: str) -> None:
    (row,) = rows_of((card(1, prompt=text, answer=text),))
    assert row["question"] == row["answer"] == f"'{text}"


# Reviews


def log(count: int = 6) -> tuple[Review, ...]:
    return tuple(
        Review(
            person="p", card=f"c{n % 2:04}", rating=1 + n % 4, at=NOON + timedelta(days=n, microseconds=n), milliseconds=n * 100
        )
        for n in range(count)
    )


def test_fsrs_reads_what_is_written() -> None:
    entries = json.loads(logs_of(log()))
    read = [fsrs.ReviewLog.from_dict(entry) for entry in entries]
    assert [(one.rating, one.review_datetime, one.review_duration) for one in read] == [
        (r.rating, r.at, r.milliseconds) for r in log()
    ]
    assert len({one.card_id for one in read}) == 2


@pytest.mark.parametrize("with_our_id", [True, False])
async def test_reviews_come_back_with_the_schedules_they_led_to(database: Database, with_our_id: bool) -> None:
    reviews, learner = Reviews(database), Learner(person="q")
    entries = json.loads(logs_of(log()))
    for entry in entries if not with_our_id else ():
        del entry["card"]
    logged, unknown = read_logs(json.dumps(entries).encode(), ["c0000", "c0001"])
    assert unknown == 0
    assert await import_reviews(reviews, learner, logged) == 6
    assert await import_reviews(reviews, learner, logged) == 0
    wanted = None
    for review in log()[::2]:
        wanted = rate(wanted, review.rating, review.at, learner)
    assert await reviews.schedule("q", "c0000") == wanted
    assert [r.was for r in await reviews.log("q")][:2] == [0, 0]
    undone = await database.write(lambda connection: reviews.undo_in(connection, "q"))
    assert undone is None  # what was imported is not a rating to take back


async def test_imported_reviews_join_those_that_are_there(database: Database) -> None:
    reviews, learner = Reviews(database), Learner(person="p")
    late = NOON + timedelta(days=50)
    await reviews.record(Review(person="p", card="c0000", rating=3, at=late), rate(None, 3, late, learner))
    logged, _ = read_logs(logs_of(log()), ["c0000", "c0001"])
    await import_reviews(reviews, learner, logged)
    wanted = None
    for review in (*log()[::2], Review(person="p", card="c0000", rating=3, at=late)):
        wanted = rate(wanted, review.rating, review.at, learner)
    assert await reviews.schedule("p", "c0000") == wanted


def test_reviews_of_unknown_cards_are_counted() -> None:
    assert read_logs(logs_of(log()), ["c0001"])[1] == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", "not JSON"),
        (b"{}", "not a list"),
        (b"[1]", "entry 1: not an FSRS review log"),
        (b'[{"card_id": 1}]', "entry 1: not an FSRS review log"),
        (
            b'[{"card_id":1,"rating":5,"review_datetime":"2026-01-01T00:00:00+00:00","review_duration":null}]',
            "entry 1: rating is 1 to 4",
        ),
        (b'[{"card_id":1,"rating":3,"review_datetime":"2026-01-01T00:00:00","review_duration":null}]', "has a time zone"),
    ],
)
def test_a_file_that_is_no_log_is_refused_with_the_entry(content: bytes, said: str) -> None:
    with pytest.raises(LogProblem, match=said):
        read_logs(content, ["c0000"])
