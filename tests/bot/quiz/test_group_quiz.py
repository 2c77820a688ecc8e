"""A quiz of a whole group, with a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.quiz.group_quiz import GRACE_S, PAUSE_S
from bot.quiz.router import Quiz
from bot.storage import Database
from bot.types import Delivery, Page, Person, Place
from tests.bot.quiz.making import ANN, BEN, GROUP, PRIVATE, Clock, card, until

OTHER = Place(platform="telegram", chat="-200", private=False)


class Board:
    """What is shown in each place, in order."""

    def __init__(self) -> None:
        self.shown: list[tuple[Place, Page]] = []
        self.blocked: set[str] = set()
        self.away = False

    def is_ready(self, place: Place) -> bool:
        return not self.away

    async def deliver(self, place: Place, page: Page) -> Delivery:
        if self.away:
            return Delivery.NOT_NOW
        if place.chat in self.blocked:
            return Delivery.NEVER
        self.shown.append((place, page))
        return Delivery.DELIVERED

    def last(self, place: Place = GROUP) -> Page:
        return [page for where, page in self.shown if where == place][-1]

    def count(self, place: Place = GROUP) -> int:
        return sum(where == place for where, _ in self.shown)


@pytest.fixture
async def board(quiz: Quiz) -> AsyncIterator[Board]:
    shown = Board()
    await quiz.deck.sync("rag.md", [card(number) for number in range(1, 9)])
    await quiz.groups.serve(shown)
    yield shown
    await quiz.groups.close()


def button(page: Page, *, right: bool = True) -> str:
    """The button of the right answer, or of a wrong one."""
    number = page.text.split("Question ")[-1].split("?")[0]
    return next(b.data for b in page.buttons if (b.label == f"Answer {number}") == right)


async def begin(quiz: Quiz, board: Board, words: str = "group 2", place: Place = GROUP) -> Page:
    before = board.count(place)
    page = await quiz.command(ANN, place, words, "en")
    assert "Group quiz: 2 questions, 20 seconds each." in page.text
    await until(lambda: board.count(place) > before)
    return board.last(place)


async def next_question(board: Board, clock: Clock) -> Page:
    """Let the open question close and the pause pass."""
    before = board.count()
    await clock.forward(seconds=21)
    await until(lambda: board.count() == before + 1)
    await clock.forward(seconds=PAUSE_S + 1)
    await until(lambda: board.count() == before + 2)
    return board.last()


async def test_a_round_from_the_first_question_to_the_table(quiz: Quiz, board: Board, clock: Clock) -> None:
    page = await begin(quiz, board)
    assert page.text.startswith("Question 1/2 · 20 s")
    noted = await quiz.press(ANN, GROUP, button(page))
    assert (noted.text, noted.notice[:7]) == ("", "Noted: ")
    await quiz.press(BEN, GROUP, button(page, right=False))
    assert board.count() == 1  # nobody sees anything before the time is up
    second = await next_question(board, clock)
    result = board.shown[-2][1]
    assert "Question 1/2 · answers: 2" in result.text
    assert "✅ Answer" in result.text
    assert "- 1. Ann: 1/1\n- 2. Ben: 0/1" in result.text
    assert (result.key, result.buttons) == (page.key, ())
    assert second.text.startswith("Question 2/2")
    await quiz.press(BEN, GROUP, button(second))
    final = await next_question(board, clock)
    assert "Final table after 2 questions" in final.text
    assert "- 1. Ann: 1/1\n- 1. Ben: 1/2" in final.text
    await until(lambda: not quiz.groups._running)
    assert await quiz.desk.groups.open_one(GROUP.key) is None


async def test_each_answer_counts_for_the_schedule_of_who_gave_it(quiz: Quiz, board: Board) -> None:
    page = await begin(quiz, board)
    await quiz.press(ANN, GROUP, button(page))
    await quiz.press(BEN, GROUP, button(page, right=False))
    ((ann,), (ben,)) = (await quiz.desk.reviews.log(ANN.key), await quiz.desk.reviews.log(BEN.key))
    assert (ann.rating, ann.how, ben.rating, ben.how) == (3, "group", 1, "group")
    assert await quiz.desk.reviews.schedule(ANN.key, ann.card) != await quiz.desk.reviews.schedule(BEN.key, ben.card)


async def test_a_notice_does_not_tell_whether_it_was_right(quiz: Quiz, board: Board) -> None:
    page = await begin(quiz, board)
    right = await quiz.press(ANN, GROUP, button(page))
    wrong = await quiz.press(BEN, GROUP, button(page, right=False))
    assert right.notice.rpartition(" ")[0] == wrong.notice.rpartition(" ")[0] == "Noted: Answer"


async def test_a_second_answer_does_not_count(quiz: Quiz, board: Board) -> None:
    page = await begin(quiz, board)
    await quiz.press(ANN, GROUP, button(page, right=False))
    again = await quiz.press(ANN, GROUP, button(page))
    assert again.notice.startswith("You have chosen already: Answer")
    assert [review.rating for review in await quiz.desk.reviews.log(ANN.key)] == [1]


async def test_a_late_answer_is_told_kindly_and_does_not_count(quiz: Quiz, board: Board, clock: Clock) -> None:
    page = await begin(quiz, board)
    clock.at = clock.at.replace(second=59)  # the time is over, the clock of the round has not looked yet
    assert (await quiz.press(ANN, GROUP, button(page))).notice == "Time is up; this question counts no more."
    await next_question(board, clock)
    assert (await quiz.press(ANN, GROUP, button(page))).notice == "Time is up; this question counts no more."
    assert await quiz.desk.reviews.log(ANN.key) == ()


async def test_thirty_people_at_once_lose_nothing(quiz: Quiz, board: Board) -> None:
    page = await begin(quiz, board)
    people = [Person(platform="telegram", id=str(n), name=f"P{n}", language="en") for n in range(30)]
    presses = [quiz.press(person, GROUP, button(page, right=n % 2 == 0)) for n, person in enumerate(people) for _ in range(2)]
    notices = [page.notice for page in await asyncio.gather(*presses)]
    assert sum(notice.startswith("Noted") for notice in notices) == 30
    assert sum(notice.startswith("You have chosen already") for notice in notices) == 30
    logs = [await quiz.desk.reviews.log(person.key) for person in people]
    assert [[review.rating for review in log] for log in logs] == [[3 if n % 2 == 0 else 1] for n in range(30)]


async def test_two_groups_at_once_do_not_mix(quiz: Quiz, board: Board, clock: Clock) -> None:
    here, there = await begin(quiz, board), await begin(quiz, board, place=OTHER)
    await quiz.press(ANN, GROUP, button(here))
    assert "counts" not in (await quiz.press(BEN, OTHER, button(there))).notice
    assert (await quiz.press(BEN, OTHER, button(here))).notice.startswith("That button does not work")
    await clock.forward(seconds=21)
    await until(lambda: board.count() == 2 and board.count(OTHER) == 2)
    assert "Ann" in board.last().text
    assert "Ben" not in board.last().text
    assert "Ben" in board.last(OTHER).text
    assert "Ann" not in board.last(OTHER).text


async def test_a_round_goes_on_after_a_restart_with_the_answers_it_had(
    quiz: Quiz, board: Board, clock: Clock, database: Database
) -> None:
    page = await begin(quiz, board)
    await quiz.press(ANN, GROUP, button(page))
    await quiz.groups.close()
    clock.at = clock.at.replace(hour=13)  # an hour later
    again, after = Quiz(database=database, vault="v", clock=clock, sleep=clock.sleep), Board()
    await again.groups.serve(after)
    await until(lambda: after.count() == 1)
    reposted = after.last()
    assert (reposted.key, button(reposted)) == (page.key, button(page))
    assert f"{GRACE_S} s" in reposted.text
    assert (await again.press(ANN, GROUP, button(page))).notice.startswith("You have chosen already")
    assert (await again.press(BEN, GROUP, button(page))).notice.startswith("Noted")  # it was on its way
    await clock.forward(seconds=GRACE_S + 1)
    await until(lambda: after.count() == 2)
    assert "- 1. Ann: 1/1\n- 1. Ben: 1/1" in after.last().text
    await again.groups.close()


async def test_one_round_at_a_time_in_a_place(quiz: Quiz, board: Board) -> None:
    await begin(quiz, board)
    assert "A group quiz is going on here" in (await quiz.command(BEN, GROUP, "group", "en")).text


async def test_only_who_began_it_may_stop_it(quiz: Quiz, board: Board) -> None:
    page = await begin(quiz, board)
    await quiz.press(BEN, GROUP, button(page))
    assert (await quiz.command(BEN, GROUP, "stop", "en")).text == "Only who started this group quiz can end it."
    assert "- 1. Ben: 1/1" in (await quiz.command(ANN, GROUP, "停止", "en")).text
    assert await quiz.desk.groups.open_one(GROUP.key) is None
    assert (await quiz.command(ANN, GROUP, "stop", "en")).text.startswith("No quiz is going on here")


async def test_twenty_restarts_before_the_platform_is_connected_lose_no_round(
    quiz: Quiz, board: Board, clock: Clock, database: Database
) -> None:
    page = await begin(quiz, board)
    await quiz.press(ANN, GROUP, button(page))
    await quiz.groups.close()
    shown = Board()
    shown.away = True
    for _ in range(20):
        again = Quiz(database=database, vault="v", clock=clock, sleep=clock.sleep)
        await again.groups.serve(shown)
        await asyncio.sleep(0.01)
        await again.groups.close()
    await again.groups.serve(shown)
    await asyncio.sleep(0.01)
    await clock.forward(minutes=10)
    await asyncio.sleep(0.01)
    shown.away = False
    await clock.forward(minutes=1)
    await until(lambda: shown.count() == 1)
    assert "20 s" in shown.last().text  # while nobody could see the question, its time did not run
    assert (await again.press(BEN, GROUP, button(page))).notice.startswith("Noted")
    await clock.forward(seconds=21)
    await until(lambda: shown.count() == 2)
    assert "answers: 2" in shown.last().text
    await again.groups.close()


async def test_the_table_at_the_end_waits_until_it_can_be_shown(quiz: Quiz, board: Board, clock: Clock) -> None:
    await begin(quiz, board)
    await next_question(board, clock)
    await clock.forward(seconds=21)
    await until(lambda: board.count() == 4)
    board.away = True
    await clock.forward(seconds=PAUSE_S + 1)
    await asyncio.sleep(0.05)
    board.away = False
    await clock.forward(minutes=1)
    await until(lambda: board.count() == 5)
    assert "The group quiz is over" in board.last().text
    await until(lambda: not quiz.groups._running)
    assert await quiz.desk.groups.going_on() == ()


async def test_a_group_that_cannot_be_written_to_ends_its_round(quiz: Quiz, board: Board, clock: Clock) -> None:
    await begin(quiz, board)
    board.blocked.add(GROUP.chat)
    await clock.forward(seconds=21)
    await until(lambda: not quiz.groups._running)
    assert await quiz.desk.groups.going_on() == ()


async def test_a_group_quiz_needs_a_group_and_choices(quiz: Quiz, board: Board) -> None:
    assert (await quiz.command(ANN, PRIVATE, "group", "en")).text == "A group quiz needs a group."
    await quiz.deck.sync("rag.md", [card(1)])
    assert "There are no multiple-choice questions" in (await quiz.command(ANN, GROUP, "group", "en")).text
    assert 'No cards about "nonsense"' in (await quiz.command(ANN, GROUP, "group nonsense", "en")).text


async def test_names_are_not_read_as_markdown(quiz: Quiz, board: Board, clock: Clock) -> None:
    page = await begin(quiz, board)
    await quiz.press(replace(ANN, name="**[x](http://y)**\n# z"), GROUP, button(page))
    await next_question(board, clock)
    assert r"\*\*\[x\](http://y)\*\* \# z: 1/1" in board.shown[-2][1].text


async def test_long_choices_stand_in_the_text_with_letters_on_the_buttons(quiz: Quiz, board: Board) -> None:
    await quiz.deck.sync("rag.md", [card(n, answer=f"A rather long answer with many words, number {n}") for n in range(1, 9)])
    page = await begin(quiz, board)
    assert [b.label for b in page.buttons] == ["A", "B", "C", "D"]
    assert "\nC. A rather long answer" in page.text
    assert all(len(b.data.encode()) <= 64 for b in page.buttons)
