from __future__ import annotations

from datetime import timedelta

import pytest

from bot.quiz.preferences import QuizCommand, understand
from bot.quiz.timezones import clock_time, local_timezone, zone
from bot.quiz.views import interval


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", QuizCommand(verb="start")),
        ("  RAG  ", QuizCommand(verb="start", words="RAG")),
        ("RAG 5", QuizCommand(verb="start", words="RAG", count=5)),
        ("注意力 机制 10题", QuizCommand(verb="start", words="注意力 机制", count=10)),
        ("12", QuizCommand(verb="start", count=12)),
        ("GPT-4", QuizCommand(verb="start", words="GPT-4")),
        ("qwen2.5", QuizCommand(verb="start", words="qwen2.5")),
        ("0", QuizCommand(verb="start", count=1)),
        ("RAG 999", QuizCommand(verb="start", words="RAG", count=100)),
        ("Due", QuizCommand(verb="due")),
        ("到期", QuizCommand(verb="due")),
        ("group", QuizCommand(verb="group")),
        ("抢答 RAG 3", QuizCommand(verb="group", words="RAG", count=3)),
        ("group 7", QuizCommand(verb="group", count=7)),
        ("remind 20:00", QuizCommand(verb="remind", words="20:00")),
        ("new 20", QuizCommand(verb="new", words="20")),
        ("停止", QuizCommand(verb="stop")),
        ("撤销", QuizCommand(verb="undo")),
        ("duet", QuizCommand(verb="start", words="duet")),
    ],
)
def test_what_stands_after_quiz_is_understood(text: str, wanted: QuizCommand) -> None:
    assert understand(text) == wanted


@pytest.mark.parametrize(
    ("minutes", "en", "zh"),
    [
        (0.5, "<1 min", "不到1分"),
        (1, "1 min", "1分钟"),
        (59, "59 min", "59分钟"),
        (90, "2 h", "2小时"),
        (24 * 60, "1 d", "1天"),
        (59 * 24 * 60, "59 d", "59天"),
        (90 * 24 * 60, "3 mo", "3个月"),
        (400 * 24 * 60, "1.1 y", "1.1年"),
    ],
)
def test_an_interval_fits_on_a_button(minutes: float, en: str, zh: str) -> None:
    assert (interval(timedelta(minutes=minutes), "en"), interval(timedelta(minutes=minutes), "zh")) == (en, zh)


def test_a_time_zone_is_found_whatever_its_case() -> None:
    assert zone("asia/SHANGHAI").key == "Asia/Shanghai"
    assert zone(local_timezone()).key == local_timezone()


def test_a_clock_time_is_read_in_the_forms_people_write() -> None:
    assert [clock_time(words) is not None for words in ("7", "07:30", "7:3", "23:59", "24:00", "noon", "")] == [True] * 4 + [
        False
    ] * 3
