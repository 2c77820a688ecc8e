"""The picture of `/quiz stats`: with a Chinese font, and in English without one."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path

import pytest

from bot.quiz.charts import _characters, chinese_font, in_letters, picture
from bot.quiz.stats import statistics
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


@pytest.fixture(scope="module")
def square_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A font that has the Chinese labels, every character a square."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()
    characters = {*_characters(), *map(chr, range(32, 127))}
    names = {ord(letter): f"u{ord(letter):04X}" for letter in characters}
    order = [".notdef", *names.values()]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(order)
    font.setupCharacterMap(names)
    font.setupGlyf(dict.fromkeys(order, square))
    font.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=880, usWinAscent=880, usWinDescent=120)
    font.setupPost()
    file = tmp_path_factory.mktemp("fonts") / "squares.ttf"
    font.save(file)
    return file


def test_chinese_labels_are_drawn_with_a_font_that_has_them(square_font: Path) -> None:
    """A missing character would be a warning, and warnings are errors here."""
    png = picture(numbers(), "zh", fonts=[square_font])
    assert size_of(png) == (880, 990)
    assert png != picture(numbers(), "en", fonts=[square_font])


def test_without_such_a_font_the_labels_are_english(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    assert picture(numbers(), "zh", fonts=[broken, tmp_path / "missing.otf"]) == picture(numbers(), "en", fonts=[])


def test_a_latin_font_is_no_chinese_font() -> None:
    import matplotlib

    latin = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    assert latin.exists()
    assert chinese_font((latin,)) is None


def test_a_person_with_one_review_has_a_picture_too() -> None:
    one = statistics([Review(person="p", card="c", rating=3, at=NOON)], [], now=NOON, timezone="UTC", wanted=0.9, resting=0)
    assert size_of(picture(one, "en")) == (880, 990)


def test_starting_does_not_import_matplotlib() -> None:
    import subprocess
    import sys

    code = (
        "import sys, bot.quiz.router; print([name for name in ('matplotlib', 'genanki', 'fsrs', 'numpy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_numbers_in_letters_show_the_highest_full_and_nothing_as_a_dot() -> None:
    assert in_letters((0, 1, 4, 8, None)) == "·▁▄█·"
    assert in_letters(()) == in_letters(()) == ""
