"""The picture of `/quiz stats`: with a Chinese font, and in English without one."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path

from bot.quiz.stats import _days, _forecast, _weeks, in_letters, picture, statistics
from bot.storage.cards import Review
from tests.bot.quiz.making import NOON


def numbers(*, days: int = 20):
    reviews = [
        Review(person="p", card=f"c{n % 7}", rating=1 if n % 9 == 0 else 3, at=NOON - timedelta(days=n * days / 100), was=2)
        for n in range(100)
    ]
    due = [NOON + timedelta(days=n % 23) for n in range(60)]
    return statistics(reviews, due, now=NOON, timezone="Asia/Shanghai", wanted=0.9, resting=1)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_without_a_chinese_font_the_labels_are_english(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.otf")
    assert picture(numbers(), "zh", fonts=[missing]) == picture(numbers(), "en", fonts=[])


def test_every_axis_names_todays_date() -> None:
    shown = numbers()
    for panel in (_forecast(shown, "en"), _weeks(shown, "zh"), _days(shown, "en")):
        assert f"{shown.on:%m-%d}" in panel.ticks
        assert all(len(series.values) == len(panel.ticks) for series in (*panel.bars, *panel.lines))


def test_a_person_with_one_review_has_a_picture_too() -> None:
    one = statistics([Review(person="p", card="c", rating=3, at=NOON)], [], now=NOON, timezone="UTC", wanted=0.9, resting=0)
    assert size_of(picture(one, "en")) == (880, 990)


def test_starting_does_not_import_pillow() -> None:
    import subprocess
    import sys

    code = "import sys, bot.quiz.router; print([name for name in ('PIL', 'genanki', 'fsrs', 'numpy') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_numbers_in_letters_show_the_highest_full_and_nothing_as_a_dot() -> None:
    assert in_letters((0, 1, 4, 8, None)) == "·▁▄█·"
    assert in_letters(()) == in_letters(()) == ""
