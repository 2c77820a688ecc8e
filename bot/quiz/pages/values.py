"""The values that travel to a platform."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """`data` comes back to `Quiz.press`; at most 64 bytes, Telegram's limit for callback data."""

    label: str
    data: str
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file to send."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizPage:
    """What a platform shows.

    A page that a press returns takes the place of the message with the button, unless its text is empty: then that message
    stays as it is. A page that a command, a typed answer or a group's clock returns is a new message.
    """

    text: str = ""
    """Markdown."""
    buttons: tuple[Button, ...] = ()
    photo: bytes | None = None
    """A PNG, shown with the text."""
    file: Attachment | None = None
    notice: str = ""
    """A few words for the person who pressed, and for nobody else."""
    citation: Citation | None = None
    """A source to show below, through `bot.sources.show`."""
    key: str = ""
    """Pages with the same key are the same message of a group: draw the later one in its place."""
