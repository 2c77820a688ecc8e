"""Charts as PNG: panels of bars and lines, drawn with Pillow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
"""From the palette of Okabe and Ito, which people with any colour vision tell apart: https://jfly.uni-koeln.de/color/."""
INK, GRID = "#333333", "#E4E4E4"
WIDTH, HEIGHT = 880, 330
"""Pixels of a panel."""
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 44, 66
"""Pixels around what is plotted: room for numbers, title and labels."""
SCALE = 2
"""Drawn this much larger and then reduced: Pillow's own lines have steps."""
TEXT, TITLE = 15, 18
CHINESE_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "NotoSansSC[wght].ttf",
    "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf", "msyh.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc",
    "wqy-microhei.ttc", "wqy-zenhei.ttc", "simhei.ttf", "STHeiti Light.ttc", "Arial Unicode.ttf", "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf", "NotoSerifCJK-Regular.ttc", "simsun.ttc", "Songti.ttc",
)  # fmt: skip
"""Files that Pillow looks for in the system's font folders, the most readable first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers of one colour, a place each; None leaves the place empty. `colors` are for single places."""

    values: Sequence[float | None]
    color: str = BLUE
    label: str = ""
    colors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One chart.

    `ticks` names the places, an empty name leaves one bare; `top` ends the axis, which the highest number does when it is None.
    """

    title: str
    ticks: Sequence[str]
    bars: Sequence[Series] = ()
    lines: Sequence[Series] = ()
    level: Series | None = None
    """A dashed line at its one value."""
    unit: str = ""
    top: float | None = None


@cache
def chinese_font(files: Sequence[str] = CHINESE_FONTS) -> str | None:
    """The first of these fonts that this machine has."""
    from PIL import ImageFont

    for file in files:
        try:
            ImageFont.truetype(file, TEXT)
        except OSError:
            continue
        return file
    return None


def draw(panels: Sequence[Panel], font: str | None = None) -> bytes:
    """A PNG of the panels, one below the other. `font` is a file for words that Pillow's own font, which is Latin, has not."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * len(panels) * SCALE), "white")
    for row, panel in enumerate(panels):
        _Plot(ImageDraw.Draw(image), panel, y=row * HEIGHT, font=font).draw()
    made = BytesIO()
    image.resize((WIDTH, HEIGHT * len(panels)), Image.Resampling.LANCZOS).save(made, format="PNG")
    return made.getvalue()


def tick_step(top: float, most: int = 6) -> float:
    """The distance of the marks of an axis up to `top`: 1, 2 or 5 times a power of ten, and at most so many marks."""
    power = 10.0 ** math.floor(math.log10(top / most))
    return next(step * power for step in (1, 2, 5, 10) if step * power * most >= top * 0.999)


class _Plot:
    """One panel on the canvas; all numbers are pixels of the finished picture."""

    def __init__(self, canvas: ImageDraw, panel: Panel, *, y: int, font: str | None) -> None:
        self._canvas, self._panel, self._y, self._font = canvas, panel, y, font
        numbers = [value for series in (*panel.bars, *panel.lines) for value in series.values if value is not None]
        self._top = panel.top or max(1.0, *numbers, 0.0) * 1.1
        self._step = (WIDTH - LEFT - RIGHT) / max(1, len(panel.ticks))

    def draw(self) -> None:
        """Grid, numbers, bars, lines, names."""
        self._text((LEFT, self._y + 8), self._panel.title, size=TITLE)
        self._axis()
        for at, series in enumerate(self._panel.bars):
            self._bars(series, at)
        for series in self._panel.lines:
            self._line(series)
        if self._panel.level:
            self._level(self._panel.level)
        self._names()
        self._legend()

    def _axis(self) -> None:
        step = tick_step(self._top)
        whole = all(value is None or value == int(value) for series in self._panel.bars for value in series.values)
        step = max(1.0, step) if whole and self._panel.bars else step
        for mark in range(int(self._top / step) + 1):
            height = self._height(mark * step)
            self._stroke([(LEFT, height), (WIDTH - RIGHT, height)], INK if mark == 0 else GRID, 1)
            self._text((LEFT - 8, height), f"{mark * step:g}{self._panel.unit}", anchor="rm")

    def _bars(self, series: Series, at: int) -> None:
        width = self._step * 0.8 / len(self._panel.bars)
        for place, value in enumerate(series.values):
            if value:
                left = LEFT + place * self._step + self._step * 0.1 + at * width
                box = (left, self._height(value), left + width * 0.94, self._height(0))
                self._canvas.rectangle(_scaled(*box), fill=series.colors[place] if series.colors else series.color)

    def _line(self, series: Series) -> None:
        points = [(self._middle(place), self._height(value)) for place, value in enumerate(series.values) if value is not None]
        self._stroke(points, series.color, 3)
        for x, y in points:
            self._canvas.ellipse(_scaled(x - 4, y - 4, x + 4, y + 4), fill=series.color)

    def _level(self, series: Series) -> None:
        height = self._height(series.values[0] or 0)
        for x in range(LEFT, WIDTH - RIGHT, 12):
            self._stroke([(x, height), (x + 7, height)], series.color, 2)

    def _names(self) -> None:
        for place, name in enumerate(self._panel.ticks):
            self._text((self._middle(place), self._height(0) + 6), name, anchor="ma")

    def _legend(self) -> None:
        x: float = LEFT
        for series in (*self._panel.bars, *self._panel.lines, *((self._panel.level,) if self._panel.level else ())):
            if series.label:
                y = self._y + HEIGHT - 18
                self._canvas.rectangle(_scaled(x, y - 5, x + 18, y + 5), fill=series.color)
                self._text((x + 24, y), series.label, anchor="lm")
                x += 24 + _typeface(self._font, TEXT).getlength(series.label) / SCALE + 24

    def _height(self, value: float) -> float:
        return self._y + HEIGHT - BOTTOM - value / self._top * (HEIGHT - TOP - BOTTOM)

    def _middle(self, place: int) -> float:
        return LEFT + (place + 0.5) * self._step

    def _stroke(self, points: Sequence[tuple[float, float]], color: str, width: int) -> None:
        if len(points) > 1:
            self._canvas.line([(x * SCALE, y * SCALE) for x, y in points], fill=color, width=width * SCALE, joint="curve")

    def _text(self, at: tuple[float, float], words: str, *, size: int = TEXT, anchor: str = "la") -> None:
        self._canvas.text((at[0] * SCALE, at[1] * SCALE), words, fill=INK, font=_typeface(self._font, size), anchor=anchor)


@lru_cache(maxsize=8)
def _typeface(font: str | None, size: int) -> FreeTypeFont:
    """With FreeType, which every wheel of Pillow brings, the font of its own can be scaled too."""
    from PIL import ImageFont

    return ImageFont.truetype(font, size * SCALE) if font else ImageFont.load_default(size * SCALE)  # type: ignore[return-value]


def _scaled(*numbers: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (number * SCALE for number in numbers)
    return left, top, right, bottom
