"""One person's quiz, button by button."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.quiz.cards.card import CardKind
from bot.quiz.router import Quiz
from bot.storage import Database
from bot.storage.cards import Learner
from bot.types import Person, Place
from tests.bot.quiz.making import ANN, BEN, GROUP, NOON, PRIVATE, Chat, Clock, card


async def fill(quiz: Quiz, count: int = 3, **changes: object) -> None:
    path = str(changes.get("path", "rag.md"))
    await quiz.deck.sync(path, [card(number, **changes) for number in range(1, count + 1)])  # type: ignore[arg-type]


async def test_a_question_its_answer_a_rating_and_the_next_question(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz)
    page = await chat.say("")
    assert (chat.asked, "Answer 1" in page.text) == (1, False)
    page = await chat.press("Show answer")
    assert "Answer 1" in page.text
    assert [button.label for button in page.buttons[:4]] == ["Again 1 min", "Hard 5 min", "Good 10 min", "Easy 8 d"]
    page = await chat.press("Easy")
    assert "Easy: back in 8 d" in page.text
    assert chat.asked == 2
    (review,) = await quiz.desk.reviews.log(ANN.key)
    assert (review.card, review.rating, review.at, review.was, review.how) == ("c0001", 4, NOON, 0, "shown")


async def test_the_dates_on_the_buttons_are_the_dates_that_come(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz, 1)
    for rating in ("Easy", "Hard", "Good"):
        await clock.forward(days=3000)
        await chat.say("")
        await chat.press("Show answer")
        label = next(button.label for button in chat.page.buttons if button.label.startswith(rating))
        page = await chat.press(rating)
        assert page.text.startswith(f"{rating}: back in {label.removeprefix(rating).strip()}.")


async def test_a_typed_answer_is_judged_and_the_person_may_overrule(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("")
    page = await chat.type("answer 1")
    assert page
    assert "Right" in page.text
    assert [button.label[:1] for button in page.buttons[:4]] == ["A", "H", "•", "E"]
    await chat.press("Again")
    page = await chat.type("nonsense")
    assert page
    assert "Not quite" in page.text
    assert page.buttons[0].label.startswith("•")
    await chat.press("Good")
    assert [(r.card, r.rating, r.how) for r in await quiz.desk.reviews.log(ANN.key)] == [
        ("c0001", 1, "typed"),
        ("c0002", 3, "typed"),
    ]


async def test_a_line_is_for_the_assistant_when_no_question_is_open(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz)
    assert await chat.type("What is RAG?") is None
    await chat.say("")
    assert await quiz.typed(BEN, PRIVATE, "Answer 1") is None
    assert await quiz.typed(ANN, GROUP, "Answer 1") is None
    assert await chat.type("/help") is None
    await clock.forward(minutes=31)
    assert await chat.type("What is RAG?") is None


async def test_a_number_rates_once_the_answer_is_shown(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("")
    await chat.type("4")  # an answer, not a rating
    assert "Not quite" in chat.page.text
    await chat.type("4")
    assert chat.asked == 2


async def test_choices_hold_the_answer_once_and_picking_it_suggests_good(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 6)
    await chat.say("")
    page = await chat.press("Give choices")
    labels = [button.label for button in page.buttons if button.data.startswith("q:p")]
    assert labels.count("Answer 1") == 1
    assert len(labels) == 4
    page = await chat.press("Answer 1")
    assert "Right" in page.text
    await chat.press("Good")
    assert [r.how for r in await quiz.desk.reviews.log(ANN.key)] == ["choice"]
    await chat.press("Give choices")
    wrong = next(b.label for b in chat.page.buttons if b.data.startswith("q:p") and b.label != "Answer 2")
    page = await chat.press(wrong)
    assert "Not quite" in page.text
    assert "Answer 2" in page.text


async def test_a_card_without_choices_says_so_and_stays_open(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 1)
    await chat.say("")
    page = await chat.press("Give choices")
    assert (page.text, page.notice) == ("", "There are no good choices for this card; please answer it.")
    assert await chat.type("Answer 1")


async def test_again_comes_back_in_the_same_quiz_and_the_end_sums_up(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 2)
    await chat.say("")
    for rating in ("Again", "Good", "Good"):
        await chat.press("Show answer")
        await chat.press(rating)
    assert "Done, 3 cards: again 1, hard 0, good 2, easy 0." in chat.page.text
    assert "The next card is due: 2026-03-01 12:10." in chat.page.text


async def test_a_second_press_of_a_rating_counts_once(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("")
    await chat.press("Show answer")
    data = chat.data("Good")
    assert (await quiz.press(ANN, PRIVATE, data)).text
    again = await quiz.press(ANN, PRIVATE, data)
    assert (again.text, again.notice) == ("", "That question is over.")
    assert len(await quiz.desk.reviews.log(ANN.key)) == 1


async def test_somebody_else_cannot_press(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("")
    page = await quiz.press(BEN, PRIVATE, chat.data("Show answer"))
    assert (page.text, page.notice[:35]) == ("", "This quiz is somebody else's; start")
    page = await quiz.press(ANN, GROUP, chat.data("Show answer"))
    assert page.notice.startswith("This quiz is somebody else's")


@pytest.mark.parametrize(
    "pressed", ["", "q:", "q:a:zz.1", "q:r9:00000000.1", "q:a:00000000.0", "x" * 64, "q:a:00000000.0\n", "q:g1:00000000.1"]
)
async def test_a_button_that_means_nothing_is_answered_kindly(quiz: Quiz, pressed: str) -> None:
    page = await quiz.press(ANN, PRIVATE, pressed)
    assert page.text == ""
    assert "/quiz" in page.notice


async def test_a_button_works_after_a_restart(quiz: Quiz, chat: Chat, database: Database, clock: Clock) -> None:
    await fill(quiz)
    await chat.say("")
    await chat.press("Show answer")
    reopened = Quiz(database=database, vault="v", clock=clock)
    page = await reopened.press(ANN, PRIVATE, chat.data("Good"))
    assert "Question 2?" in page.text


async def test_every_button_fits_into_64_bytes(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("")
    await chat.press("Show answer")
    assert all(len(button.data.encode()) <= 64 for button in chat.page.buttons)


async def test_undo_restores_the_exact_state_several_levels_back(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz, 2)
    states = []
    await chat.say("")
    for rating in ("Again", "Again", "Hard", "Good"):
        states.append((await quiz.desk.reviews.schedules(ANN.key, ["c0001", "c0002"]), await quiz.desk.reviews.log(ANN.key)))
        await clock.forward(minutes=7, microseconds=123)
        await chat.press("Show answer")
        await chat.press(rating)
    for before in reversed(states):
        page = await chat.say("undo")
        assert "taken back" in page.text
        assert (await quiz.desk.reviews.schedules(ANN.key, ["c0001", "c0002"]), await quiz.desk.reviews.log(ANN.key)) == before
    assert (await chat.say("undo")).text == "There is no rating to take back."


async def test_undo_asks_the_card_again(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 1)
    await chat.say("")
    await chat.press("Show answer")
    await chat.press("Easy")
    assert "Done, 1 cards" in chat.page.text
    await chat.press("Undo")
    assert chat.asked == 1
    await chat.press("Show answer")
    await chat.press("Hard")
    assert [r.rating for r in await quiz.desk.reviews.log(ANN.key)] == [2]


async def test_a_suspended_card_is_not_asked_until_it_is_woken(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 2)
    await chat.say("")
    await chat.say("suspend")
    assert chat.asked == 2
    await chat.say("stop")
    await chat.say("")
    assert chat.asked == 2
    assert (await chat.say("wake")).text == "Cards brought back: 1."
    await chat.say("")
    assert chat.asked == 1


async def test_a_leech_rests_and_is_told_of(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz, 1)
    for lapse in range(9):
        await chat.say("")
        await chat.press("Show answer")
        page = await chat.press("Easy") if lapse == 0 else await chat.press("Again")
        if lapse < 8 and lapse:
            assert "forgotten" not in page.text
            await chat.press("Show answer")
            await chat.press("Easy")
        await clock.forward(days=400)
    assert "forgotten 8 times" in page.text
    assert "Question" not in (await chat.say("")).text
    assert chat.asked == 0
    await chat.say("undo")  # the leech is awake again with seven lapses
    schedule = await quiz.desk.reviews.schedule(ANN.key, "c0001")
    assert schedule
    assert (schedule.lapses, schedule.suspended) == (7, "")


async def test_nothing_due_says_when_and_offers_practice(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz, 2)
    await chat.say("")
    for _ in range(2):
        await chat.press("Show answer")
        await chat.press("Easy")
    page = await chat.say("")
    assert "Nothing is due now." in page.text
    assert "The next card is due: 2026-03-09 12:00." in page.text
    assert [button.label for button in page.buttons] == ["Practise anyway"]
    await chat.press("Practise")
    assert chat.asked in (1, 2)


async def test_new_cards_stop_at_the_number_of_the_day_and_more_are_offered(database: Database, clock: Clock) -> None:
    quiz = Quiz(database=database, vault="v", defaults=Learner(new_per_day=2, timezone="Asia/Shanghai"), clock=clock)
    chat = Chat(quiz)
    await fill(quiz, 9)
    await chat.say("")
    for _ in range(2):
        await chat.press("Show answer")
        await chat.press("Easy")
    assert "Done, 2 cards" in chat.page.text
    page = await chat.say("")
    assert "Today's new cards are done (2)." in page.text
    await chat.press("New cards: 7")
    assert chat.asked == 3
    await chat.say("stop")
    await clock.forward(hours=4)  # midnight in Shanghai
    await chat.say("")
    assert chat.asked == 3


async def test_an_offer_taken_twice_is_taken_once(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("due")
    data = chat.data("New cards")
    assert (await quiz.press(ANN, PRIVATE, data)).text
    assert (await quiz.press(ANN, PRIVATE, data)).notice == "That question is over."


async def test_reviews_of_today_come_at_any_hour_and_learning_steps_to_the_minute(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz, 1)
    await chat.say("")
    await chat.press("Show answer")
    await chat.press("Good")  # due in ten minutes
    assert "Nothing is due" in (await chat.say("")).text
    await clock.forward(minutes=10)
    await chat.say("")
    await chat.press("Show answer")
    await chat.press("Good")
    schedule = await quiz.desk.reviews.schedule(ANN.key, "c0001")
    assert schedule
    clock.at = schedule.due.replace(hour=0, minute=1)
    await chat.say("")
    assert chat.asked == 1


async def test_the_source_button_names_the_place_in_the_note(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz)
    await chat.say("")
    await chat.press("Show answer")
    page = await chat.press("Source")
    assert page.citation
    assert (page.citation.path, page.citation.lines, page.citation.text) == ("rag.md", (1, 2), "Answer 1")
    assert (page.citation.start, page.citation.end, page.text) == (10, 18, "")


async def test_a_card_that_is_retired_in_the_middle_is_passed_over(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 3)
    await chat.say("")
    await quiz.deck.sync("rag.md", [card(1), card(3)])
    await chat.press("Show answer")
    await chat.press("Good")
    assert chat.asked == 3


async def test_a_topic_is_a_note_a_heading_or_a_tag(quiz: Quiz, chat: Chat) -> None:
    await quiz.deck.sync("rag.md", [card(1), card(2, heading=("RAG", "检索增强"), tags=("llm/basics",))])
    await quiz.deck.sync("deep/attention.md", [card(3, path="deep/attention.md", heading=("Attention", "Flash Attention"))])
    for words, asked in (
        ("檢索增強", 2),
        ("#llm/basics", 2),
        ("flash attention", 3),
        ("deep/attention.md", 3),
        ("RAG", 1),
        ("attent", 3),
    ):
        await chat.say(words)
        assert chat.asked == asked, words
    page = await chat.say("flash atention")
    assert "No cards about" in page.text
    assert "`/quiz Flash Attention`" in page.text


async def test_a_number_is_how_many(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 9)
    for words in ("3", "rag 3", "RAG 3题"):
        assert "Cards left: 3" in (await chat.say(words)).text


async def test_without_cards_it_says_how_to_make_some(chat: Chat) -> None:
    assert "There are no cards yet" in (await chat.say("")).text


async def test_two_people_learn_apart(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 1)
    await chat.say("")
    await chat.press("Show answer")
    await chat.press("Easy")
    ben = Chat(quiz, BEN, GROUP)
    await ben.say("")
    assert ben.asked == 1
    assert await quiz.desk.reviews.log(BEN.key) == ()


async def test_how_long_an_answer_took_is_kept_unless_the_person_was_away(quiz: Quiz, chat: Chat, clock: Clock) -> None:
    await fill(quiz, 2)
    await chat.say("")
    for span in (timedelta(seconds=4.5), timedelta(minutes=11)):
        clock.at += span
        await chat.press("Show answer")
        await chat.press("Good")
    assert [r.milliseconds for r in await quiz.desk.reviews.log(ANN.key)] == [4500, None]


async def test_a_small_note_takes_wrong_choices_from_other_notes(quiz: Quiz, chat: Chat) -> None:
    await quiz.deck.sync("small.md", [card(1, path="small.md")])
    await quiz.deck.sync("big.md", [card(number, path="big.md") for number in range(2, 9)])
    await quiz.deck.sync("other.md", [card(9, path="other.md", kind=CardKind.NAME, thing="name")])
    await chat.say("small")
    page = await chat.press("Give choices")
    labels = {button.label for button in page.buttons if button.label.startswith("Answer")}
    assert len(labels) == 4
    assert "Answer 1" in labels
    assert "Answer 9" not in labels


async def test_pairs_of_another_deck_are_no_choices(quiz: Quiz, chat: Chat) -> None:
    mine = [card(1, path="small.md", kind=CardKind.PAIR, tags=("fruit",))]
    await quiz.deck.sync("small.md", mine)
    await quiz.deck.sync("big.md", [card(n, path="big.md", kind=CardKind.PAIR, tags=("kings",)) for n in range(2, 9)])
    await chat.say("small")
    assert (await chat.press("Give choices")).notice == "There are no good choices for this card; please answer it."
    await quiz.deck.sync("big.md", [card(n, path="big.md", kind=CardKind.PAIR, tags=("fruit",)) for n in range(2, 9)])
    assert len([b for b in (await chat.press("Give choices")).buttons if b.label.startswith("Answer")]) == 4


async def test_a_list_offers_no_choices(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 1, kind=CardKind.LIST)
    page = await chat.say("")
    assert [button.label for button in page.buttons][:2] == ["Show answer", "Skip"]


async def test_what_was_failed_is_told_with_its_heading_and_place(database: Database, clock: Clock) -> None:
    told: list[tuple[str, str, str]] = []

    async def found_hard(person: Person, place: Place, what: str) -> bool:
        told.append((person.key, place.key, what))
        return True

    quiz = Quiz(database=database, vault="v", clock=clock, found_hard=found_hard)
    chat = Chat(quiz)
    await fill(quiz, 3, heading=("Notes", "RAG", "Ranking"))
    await chat.say("")
    for rating in ("Again", "Good", "Hard"):
        await chat.press("Show answer")
        await chat.press(rating)
    assert told == [(ANN.key, PRIVATE.key, "RAG › Ranking")]
    await chat.press("Show answer")
    await chat.type("1")
    assert len(told) == 2


async def test_other_names_that_the_notes_give_are_right(quiz: Quiz, chat: Chat) -> None:
    await fill(quiz, 1, answer="RAG")
    quiz.take_names([("检索增强生成", "RAG")])
    await chat.say("")
    page = await chat.type("检索增强生成")
    assert page
    assert "Right" in page.text
