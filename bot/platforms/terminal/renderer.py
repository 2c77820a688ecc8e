"""Terminal renderer for snapshots, pages and progress; plain text when the output is a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING

import prompts
from bot.commands.views import lines_of
from bot.markup import printable
from bot.types import Answer, AnswerState, Citation, Language

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, ConsoleRenderable
    from rich.markdown import Markdown
    from rich.segment import Segment

    from knowledge.notebook import IndexReport, Progress

FRAMES_PER_SECOND = 12


def console(*, errors: bool = False) -> Console:
    """The terminal, or the pipe, that this process writes to; `:x:` in a note or a name is no emoji."""
    from rich.console import Console

    made = Console(stderr=errors, emoji=False, highlight=False)
    made.push_render_hook(_PrintableOnly())  # type: ignore[arg-type]  # it has the one method that is called
    return made


class _PrintableOnly:
    """Cleans all that is drawn, whoever wrote it, once it is text and the colours are not yet signs in it."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Cleaned(renderable) for renderable in renderables]


class _Cleaned:
    def __init__(self, drawn: ConsoleRenderable) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._drawn, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


class Screen:
    """What is shown; `language` is that of the interface."""

    def __init__(self, console: Console, language: Language) -> None:
        self.console = console
        self.language = language

    def unread(self, report: IndexReport) -> str:
        """How many files there are of kinds that are not read, by kind; nothing when there are none."""
        kinds = Counter(PurePath(one.path).suffix.lower() for one in report.skipped if one.other_kind)
        named = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        return self.say("not_read", count=kinds.total(), kinds=named) if kinds else ""

    def page(self, markdown: str) -> None:
        """Show a page of Markdown, or its text as it is where the output is no terminal."""
        markdown = printable(markdown)
        if not self.console.is_terminal:
            from rich.segment import Segment, Segments

            self.console.print(Segments([Segment(f"{markdown}\n")]), soft_wrap=True)
            return
        from rich.markdown import Markdown

        self.console.print(Markdown(markdown))

    async def answer(self, answers: AsyncIterator[Answer]) -> Answer | None:
        """Draw an answer while it grows, and its sources below it once it is complete."""
        last: Answer | None = None
        with self.growing() as draw:
            async with aclosing(answers) as stream:  # type: ignore[type-var]
                async for last in stream:
                    draw(last)
        return last

    @contextmanager
    def growing(self) -> Iterator[Callable[[Answer], None]]:
        """What draws the snapshots of an answer within the block; at its end the last one stays, with its sources."""
        from rich.live import Live
        from rich.spinner import Spinner

        drawn: list[Answer] = []
        waiting = Spinner("dots", self.say("thinking"))
        with Live(waiting, console=self.console, refresh_per_second=FRAMES_PER_SECOND, transient=True) as live:

            def draw(answer: Answer) -> None:
                drawn[:] = [answer]
                if answer.state is AnswerState.PARTIAL:
                    live.update(self._tail(answer.text))

            yield draw
        for last in drawn:
            self.page(last.text)
            self._sources(last.citations)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar for each stage of indexing; a stage that has nothing to do shows none."""
        from rich.progress import Progress as Bars
        from rich.progress import TaskID

        said = {"notes": "indexing", "vectors": "embedding", "enriching": "enriching", "cards": "writing_cards"}
        names = {stage: self.say(name) for stage, name in said.items()}
        tasks: dict[str, TaskID] = {}
        with Bars(console=self.console, transient=True, disable=not self.console.is_terminal) as bars:

            def show(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(names[stage], total=total)
                bars.update(tasks[stage], completed=done, total=total)

            yield show

    def say(self, name: str, **values: object) -> str:
        return printable(prompts.load("texts").say(name, self.language, **values))

    def _tail(self, text: str) -> Markdown:
        """The end of a growing answer, as much as the window holds: what is above cannot be redrawn."""
        from rich.markdown import Markdown

        lines = printable(text).splitlines()
        return Markdown("\n".join(lines[-max(5, self.console.height - 4) :]))

    def _sources(self, citations: tuple[Citation, ...]) -> None:
        from rich.text import Text

        for citation in citations:
            lines = f"  {lines_of(citation, self.language)}"
            line = Text.assemble((f"[{citation.n}] ", "bold cyan"), (citation.where, "cyan"), (lines, "dim"))
            self.console.print(line, soft_wrap=not self.console.is_terminal)
