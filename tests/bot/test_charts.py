"""Charts that Pillow draws."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.charts import BLUE, GREEN, HEIGHT, ORANGE, WIDTH, Panel, Series, chinese_font, draw, tick_step


def colours(png: bytes) -> set[str]:
    image = Image.open(BytesIO(png)).convert("RGB")
    counted = image.getcolors(maxcolors=image.width * image.height) or []
    return {"#{:02X}{:02X}{:02X}".format(*colour) for count, colour in counted if count > 9}


def test_bars_lines_and_the_level_are_drawn_in_their_colours() -> None:
    panel = Panel(
        title="t",
        ticks=["a", "b", "c"],
        bars=[Series(values=[1, 2, None])],
        lines=[Series(values=[1, None, 3], color=ORANGE)],
        level=Series(values=[2], color=GREEN, label="wanted"),
    )
    assert {BLUE, ORANGE, GREEN} <= colours(draw([panel]))


def test_each_panel_has_its_own_strip() -> None:
    panel = Panel(title="t", ticks=["a"], bars=[Series(values=[1])])
    assert Image.open(BytesIO(draw([panel, panel, panel]))).size == (WIDTH, 3 * HEIGHT)


def test_a_chart_of_nothing_is_an_empty_frame() -> None:
    assert BLUE not in colours(draw([Panel(title="", ticks=[], bars=[Series(values=[])])]))
    assert BLUE not in colours(draw([Panel(title="", ticks=["a"], bars=[Series(values=[None])], lines=[Series(values=[None])])]))


def test_a_font_that_is_not_there_is_no_font() -> None:
    assert chinese_font(("no such font.ttf",)) is None


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_an_axis_has_few_marks_at_round_numbers(top: float) -> None:
    step = tick_step(top)
    assert 2.3 <= top / step <= 6.01
    assert f"{step:e}"[0] in "125"


@pytest.mark.parametrize(("top", "step"), [(5.5, 1), (11, 2), (105, 20), (1.05, 0.2)])
def test_usual_axes_have_the_marks_that_one_expects(top: float, step: float) -> None:
    assert tick_step(top) == step
