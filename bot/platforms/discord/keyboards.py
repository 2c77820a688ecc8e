"""Our buttons as Discord's: at most five rows of five (https://discord.com/developers/docs/components/reference#action-row)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from bot.platforms.discord.parser import BUTTON
from bot.types import Button

ROWS, IN_ROW, LABEL = 5, 5, 80
BESIDE = 3
"""Buttons that had a row of their own stand together by this many, which reads well on a telephone."""


def rows_of(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Components for a message; none for no buttons, which takes away those that a message had."""
    return [{"type": 1, "components": [_button(one) for one in row]} for row in arranged(buttons)]


def arranged(buttons: Sequence[Button]) -> list[list[Button]]:
    """In their rows, single ones moved together; when that is too much, all of them in full rows, and 25 at most."""
    rows: list[list[Button]] = []
    single: list[Button] = []
    for _, group in groupby(buttons, key=lambda button: button.row):
        row = list(group)
        if len(row) == 1:
            single += row
            continue
        rows += _in_rows(single, BESIDE)
        rows += _in_rows(row, IN_ROW)
        single = []
    rows += _in_rows(single, BESIDE)
    return rows if len(rows) <= ROWS else _in_rows(buttons, IN_ROW)[:ROWS]


def _in_rows(buttons: Sequence[Button], most: int) -> list[list[Button]]:
    return [list(buttons[start : start + most]) for start in range(0, len(buttons), most)]


def _button(button: Button) -> dict[str, Any]:
    label = button.label if len(button.label) <= LABEL else button.label[: LABEL - 1] + "…"
    return {"type": 2, "style": 2, "label": label or "…", "custom_id": BUTTON + button.data}
