"""Values for tests, made from few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.types import Answer, AnswerState, Citation, Language, Person, Place, Question
from knowledge.notebook import Notebook
from knowledge.notes import Vault, parse_front_matter
from knowledge.passages import passages_of
from knowledge.types import Hit, Note, Passage

HOME = Place(platform="terminal", chat="home")
NOTES = {
    "cooking/rice.md": (
        "# 米饭\n\n米饭要先洗两遍，再煮二十分钟。水和米的比例是一比一点二。\n\n"
        "## 炒饭\n\n炒饭要用隔夜的冷饭，油要烧热。\n- 先炒鸡蛋\n- 后放冷饭\n\n"
        "## 粥\n\n粥要用十倍的水，小火煮一小时。\n"
    ),
    "tea.md": (
        "---\ntitle: Tea\n---\n\n# Brewing\n\nGreen tea is steeped at 80 degrees for two minutes.\n\n"
        "Black tea needs boiling water.\n\n## Storing\n\nKeep tea leaves dry and dark.\n"
    ),
}


def question(text: str, *, place: Place = HOME, language: Language = "zh", alone: bool = False) -> Question:
    person = Person(platform=place.platform, id="ann", language=language)
    return Question(person=person, place=place, text=text, alone=alone)


def answer(text: str = "煮二十分钟 [1]。", *citations: Citation, state: AnswerState = AnswerState.MODEL) -> Answer:
    return Answer(state=state, text=text, citations=citations)


def citation(n: int = 1, **changes: object) -> Citation:
    """The first sentence of the rice note as a source."""
    one = Citation(
        n=n,
        path="cooking/rice.md",
        title="rice",
        heading=("米饭",),
        lines=(3, 3),
        start=6,
        end=21,
        text="米饭要先洗两遍，再煮二十分钟。",
        passage="p1",
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def passages(text: str, path: str = "note.md") -> tuple[Passage, ...]:
    """The passages of a note that says `text`."""
    front = parse_front_matter(text)
    note = Note(path=path, title=front.title or Path(path).stem, front=front, text=text, digest="-")
    return tuple(cut.passage for cut in passages_of(note))


def hit(text: str, path: str = "note.md", *, score: float = 1.0) -> Hit:
    """A hit on the first passage of a note that says `text`."""
    return Hit(passage=passages(text, path)[0], score=score)


def write(folder: Path, notes: Mapping[str, str | bytes]) -> Path:
    """Write a vault, byte for byte."""
    for path, text in notes.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    folder.mkdir(exist_ok=True)
    return folder


def indexed(vault: Path, data: Path) -> Notebook:
    """The notebook of a vault, ready to be searched."""
    notebook = Notebook(Vault(vault), data)
    notebook.index_now()
    return notebook
