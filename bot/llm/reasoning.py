"""A stream's words go in; they come out without what stands between `<think>` and `</think>`."""

from __future__ import annotations

OPEN, CLOSE = "<think>", "</think>"


class ReasoningFilter:
    """Hides the thoughts of models whose server does not part them from the answer; tags may be split over pieces."""

    def __init__(self) -> None:
        self.going_on = False
        self._just_ended = False
        self._held = ""

    def without(self, words: str) -> str:
        """What may be shown of the stream now."""
        self._held += words
        shown = ""
        while True:
            mark = CLOSE if self.going_on else OPEN
            before, found, after = self._held.partition(mark)
            if not found:
                break
            shown += "" if self.going_on else self._fresh(before)
            self.going_on = not self.going_on
            self._just_ended = not self.going_on
            self._held = after
        kept = _beginning_of(mark, self._held)
        if not self.going_on:
            shown += self._fresh(self._held[: len(self._held) - kept])
        self._held = self._held[len(self._held) - kept :]
        return shown

    def rest(self) -> str:
        """What was held back because a tag might have begun there, once the stream is over."""
        rest, self._held = ("" if self.going_on else self._held), ""
        return self._fresh(rest)

    def _fresh(self, words: str) -> str:
        """`words` without the line ends that part them from a thought."""
        if self._just_ended:
            words = words.lstrip("\n")
            self._just_ended = not words
        return words


def _beginning_of(mark: str, text: str) -> int:
    """How many characters at the end of `text` may be the beginning of `mark`."""
    return next((size for size in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:size])), 0)
