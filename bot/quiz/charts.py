"""Charts of quiz statistics: a PNG, or text where no picture can be shown."""

from __future__ import annotations

import string
import threading
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prompts
from bot.quiz.stats import Statistics
from bot.types import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
"""From the palette of Okabe and Ito, which people with any colour vision tell apart: https://jfly.uni-koeln.de/color/."""
INCHES, DPI = (8, 9), 110
BLOCKS = " ▁▂▃▄▅▆▇█"
CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "STHeiti", "Arial Unicode MS",
    "Droid Sans Fallback", "Noto Serif CJK SC", "SimSun", "Songti SC",
)  # fmt: skip
"""Fonts looked for first, as their families are called; after these, any that has the characters."""
FONT_FILES = {".ttf", ".otf", ".ttc"}
_drawing = threading.Lock()


def picture(numbers: Statistics, language: Language, *, fonts: Sequence[Path] | None = None) -> bytes:
    """Due forecast, retention by week and the days of the streak. In English where no font has the Chinese labels.

    Takes a second the first time: call it in a thread. `fonts` are the font files to look at (the system's when not given).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _drawing:  # matplotlib's text layout is not safe for threads
        font = chinese_font(tuple(fonts) if fonts is not None else None) if language == "zh" else None
        language = "zh" if font else "en"
        figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        top, middle, bottom = figure.subplots(3, 1)
        _draw_forecast(top, numbers, language)
        _draw_weeks(middle, numbers, language)
        _draw_days(bottom, numbers, language)
        for axes in (top, middle, bottom):
            _dress(axes, font)
        made = BytesIO()
        figure.savefig(made, format="png")
    return made.getvalue()


@cache
def chinese_font(files: tuple[Path, ...] | None = None) -> Path | None:
    """A font file that has every character of the Chinese labels."""
    from matplotlib import font_manager

    known = files if files is not None else tuple(map(Path, font_manager.findSystemFonts()))
    usable = [(rank, file) for file in sorted(known) if (rank := _rank(file)) is not None]
    return min(usable)[1] if usable else None


def in_letters(counts: Sequence[float | None]) -> str:
    """A row of blocks, the highest for the largest; a dot where there is nothing."""
    most = max((count for count in counts if count), default=0)
    return "".join(BLOCKS[max(1, round(count / most * 8))] if count else "·" for count in counts)


def _rank(file: Path) -> int | None:
    """How welcome a font is, the lower the better; None when a character is missing."""
    from matplotlib.ft2font import FT2Font

    if file.suffix.lower() not in FONT_FILES:
        return None
    try:
        font = FT2Font(str(file))
    except (OSError, RuntimeError):  # not a font that FreeType reads
        return None
    if not {ord(character) for character in _characters()} <= font.get_charmap().keys():
        return None
    return CHINESE_FONTS.index(font.family_name) if font.family_name in CHINESE_FONTS else len(CHINESE_FONTS)


def _characters() -> set[str]:
    words = prompts.load("quiz")
    labels = ("stats_forecast", "stats_weeks", "chart_days", "chart_cards", "chart_streak", "chart_weeks_ago", "chart_wanted")
    chinese = {letter for label in (*labels, "chart_ago") for letter in words.raw(label, "zh") if letter >= "\u3000"}
    return chinese | set(string.digits + "()% ")


def _draw_forecast(axes: Axes, numbers: Statistics, language: Language) -> None:
    axes.bar(range(len(numbers.forecast)), numbers.forecast, color=BLUE, width=0.8)
    axes.set_title(_say("stats_forecast", language))
    axes.set_xlabel(_say("chart_days", language))
    axes.set_ylabel(_say("chart_cards", language))
    _count_up(axes, numbers.forecast)


def _draw_weeks(axes: Axes, numbers: Statistics, language: Language) -> None:
    ago = [-at for at in reversed(range(len(numbers.weeks)))]
    known = [(at, share * 100) for at, share in zip(ago, numbers.weeks, strict=True) if share is not None]
    axes.plot([at for at, _ in known], [share for _, share in known], color=ORANGE, marker="o", linewidth=2)
    axes.axhline(numbers.wanted * 100, color=GREEN, linestyle="--", label=_say("chart_wanted", language))
    axes.set_title(_say("stats_weeks", language))
    axes.set_xlabel(_say("chart_weeks_ago", language))
    axes.set_ylabel("%")
    axes.set_xlim(ago[0] - 0.5, 0.5)
    axes.set_xticks(ago, [str(-at) for at in ago])
    axes.set_ylim(0, 105)
    axes.set_yticks(range(0, 101, 20))
    axes.legend(loc="lower left", frameon=False)


def _draw_days(axes: Axes, numbers: Statistics, language: Language) -> None:
    ago = [-at for at in reversed(range(len(numbers.days)))]
    colors = [GREEN if -at < numbers.streak + (not numbers.days[-1]) else BLUE for at in ago]
    axes.bar(ago, numbers.days, color=colors, width=0.8)
    axes.set_title(_say("chart_streak", language, streak=numbers.streak))
    axes.set_xlabel(_say("chart_ago", language))
    axes.set_xticks(ago[::-5], [str(-at) for at in ago[::-5]])
    _count_up(axes, numbers.days)


def _count_up(axes: Axes, counts: Sequence[int]) -> None:
    """An axis of whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(0, max(1, *counts) * 1.1)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _dress(axes: Axes, font: Path | None) -> None:
    """Quiet axes, and the Chinese font on every word."""
    from matplotlib.font_manager import FontProperties

    axes.spines[["top", "right"]].set_visible(False)
    if font:
        words: list[Any] = [axes.title, axes.xaxis.label, axes.yaxis.label]
        legend = axes.get_legend()
        words += legend.get_texts() if legend else []
        for word in words:
            word.set_fontproperties(FontProperties(fname=str(font), size=word.get_fontsize()))


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
