from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from bot.cli.question_files import QuestionRecord, RecordedTurn, asked
from bot.settings import SettingsProblem


def of(file: Path, content: str | bytes) -> list[QuestionRecord]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return list(asked(Namespace(questions=file, question=[], command="ask")))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "q.jsonl"


def test_words_of_the_command_line_are_one_question() -> None:
    assert list(asked(Namespace(questions=None, question=["how", " long"], command="ask"))) == [
        QuestionRecord(id="1", question="how  long")
    ]


def test_a_file_has_a_question_a_line(file: Path) -> None:
    history = '[{"role": "user", "content": "一"}, {"role": "assistant", "content": "二"}]'
    found = of(
        file,
        f'{{"id": "a", "question": "甲"}}\n\n{{"question": "乙", "history": {history}}}\n{{"question": "丙", "history": null}}',
    )
    assert found == [
        QuestionRecord(id="a", question="甲"),
        QuestionRecord(id="3", question="乙", history=(RecordedTurn(question="一", answer="二"),)),
        QuestionRecord(id="4", question="丙"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "cannot be read: "),
        ("what?\n", "line 1: not a question as JSON with `id` and `question`"),
        ('{"question": "x"}\n{"id": "1"}\n', "line 2: not a question"),
        ('["q"]\n', "line 1: not a question"),
        ("7\n", "line 1: not a question"),
        ('{"question": "x", "history": ["y"]}\n', "line 1: not a question"),
        ('{"question": "x", "history": 5}\n', "line 1: not a question"),
        ('{"question": "x", "history": [{"role": "user"}]}\n', "line 1: not a question"),
        ('{"question": "x", "history": [{"role": "user", "content": null}]}\n', "line 1: not a question"),
        ('{"question": "x", "history": [{"role": "robot", "content": "y"}]}\n', "the role 'robot' is neither user nor assistant"),
        ('{"question": null}\n', "line 1: not a question"),
        ('{"question": 7}\n', "line 1: not a question"),
        ('{"question": " "}\n', "line 1: the question is empty"),
        ('{"question": "\\ud800"}\n', "line 1: not a question"),
        ("[" * 100_000 + "\n", "line 1: not a question"),
        ("", "holds no question (0 lines)"),
        ("\n \n", "holds no question (2 lines)"),
    ],
)
def test_what_is_no_question_is_named_with_its_file_and_line(file: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(SettingsProblem) as caught:
        of(file, content)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_mark_that_windows_puts_before_a_text_is_no_part_of_the_first_question(file: Path) -> None:
    assert of(file, b'\xef\xbb\xbf{"question": "x"}\n') == [QuestionRecord(id="1", question="x")]


def test_entries_may_name_who_spoke_and_a_question_what_it_replies_to(file: Path) -> None:
    history = (
        '[{"role": "user", "content": "一", "person": "A"}, {"role": "assistant", "content": "二"},'
        ' {"role": "user", "content": "三", "person": "B"}, {"role": "assistant", "content": "四"}]'
    )
    (found,) = of(file, f'{{"question": "乙", "history": {history}, "person": "B", "reply_to": 1}}')
    assert found.history == (
        RecordedTurn(question="一", answer="二", person="A"),
        RecordedTurn(question="三", answer="四", person="B"),
    )
    assert (found.person, found.reply_to) == ("B", 0)


def test_a_reply_to_what_was_never_said_is_named(file: Path) -> None:
    with pytest.raises(SettingsProblem, match="line 1"):
        of(file, '{"question": "乙", "history": [], "reply_to": 3}')
