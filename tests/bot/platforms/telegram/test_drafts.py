"""Answers in private chats grow as drafts, where the server has them."""

from __future__ import annotations

import pytest

from bot.markup import Rich
from bot.platforms.telegram.parser import Target, place_of_draft
from bot.platforms.telegram.rate_limiter import RequestPacer
from bot.platforms.telegram.renderer import DraftSession
from bot.types import Place
from tests.bot.platforms.telegram.serving import Home, Scripted, answered
from tests.fakes.telegram import Chat, FakeTelegram, Trouble, User
from tests.fakes.telegram.methods import METHODS

QUESTION = "米饭要煮多久？"


@pytest.fixture
def home(home: Home) -> Home:
    home.drafts = True
    home.ask = Scripted(snapshots=("先写一点", "先写**一点**，再写", "写完了")).ask
    return home


async def test_an_answer_grows_as_a_draft_and_ends_as_one_message(home: Home, telegram: FakeTelegram, alice: User) -> None:
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: telegram.draft(alice))
        assert len(telegram.read(alice)) == 1
        [answer] = await answered(telegram, alice)
    grown = [call.params["text"] for call in telegram.calls("sendMessageDraft")]
    assert grown[0] == "先写一点"
    assert answer.text == "写完了"
    assert telegram.draft(alice) is None
    assert telegram.refusals == []


async def test_groups_have_no_drafts(home: Home, telegram: FakeTelegram, alice: User, group: Chat) -> None:
    async with home.serving():
        telegram.world.says(alice, group, f"@notes_bot {QUESTION}")
        await answered(telegram, group)
    assert telegram.calls("sendMessageDraft") == []
    assert telegram.refusals == []


async def test_a_server_without_drafts_is_asked_once_and_gets_edits(
    home: Home, telegram: FakeTelegram, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(METHODS, "sendmessagedraft")
    async with home.serving():
        for count in (1, 2):
            telegram.world.says(alice, alice, QUESTION)
            *_, answer = await answered(telegram, alice, count)
    assert answer.text == "写完了"
    assert answer.edits > 1
    assert [one.method for one in telegram.refusals] == ["sendMessageDraft"]


async def test_a_draft_that_does_not_arrive_costs_nothing(home: Home, telegram: FakeTelegram, alice: User) -> None:
    async with home.serving():
        telegram.fail(Trouble.BAD_GATEWAY, "sendMessageDraft")
        telegram.fail(Trouble.TOO_MANY, "sendMessageDraft", seconds=1)
        telegram.world.says(alice, alice, QUESTION)
        [answer] = await answered(telegram, alice)
    assert answer.text == "写完了"


async def test_stop_below_a_draft_ends_the_answer_with_what_there_is(home: Home, telegram: FakeTelegram, alice: User) -> None:
    home.ask = Scripted(snapshots=("先写一点", "写完了"), held=lambda question: True).ask
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: telegram.draft(alice))
        telegram.world.stops_draft(alice)
        [answer] = await answered(telegram, alice)
    assert answer.text.startswith("先写一点\n")


async def test_an_answer_that_was_cut_off_goes_on_in_the_same_draft_and_is_there_once(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    script = Scripted(snapshots=("先写一点", "写完了"), held=lambda question: True)
    home.ask = script.ask
    async with home.killed():
        telegram.world.says(alice, alice, QUESTION)
        await telegram.until(lambda: telegram.draft(alice))
    async with home.serving():
        await telegram.until(lambda: len(telegram.calls("sendMessageDraft")) == 2)
        script.gate.set()
        [answer] = await answered(telegram, alice)
    first, again = telegram.calls("sendMessageDraft")
    assert first.params["draft_id"] == again.params["draft_id"]
    assert [one.text for one in telegram.read(alice)] == [QUESTION, "写完了"]
    assert answer.text == "写完了"


async def test_an_answer_that_outgrows_one_message_goes_on_in_messages(home: Home, telegram: FakeTelegram, alice: User) -> None:
    paragraphs = [f"第{n}段：" + "米" * 400 for n in range(15)]
    home.ask = Scripted(snapshots=tuple("\n\n".join(paragraphs[:n]) for n in range(1, 16))).ask
    async with home.serving():
        telegram.world.says(alice, alice, QUESTION)
        await answered(telegram, alice, 2)
    shown = [one.text for one in telegram.read(alice) if one.by == "Notes"]
    assert "".join("".join(text.split()) for text in shown) == "".join(paragraphs)
    assert telegram.calls("sendMessageDraft")
    assert telegram.refusals == []


async def test_an_edited_question_is_answered_anew_in_the_message_of_its_answer(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    home.ask = Scripted(snapshots=("先写一点", "答：{asked}")).ask
    async with home.serving():
        asked = telegram.world.says(alice, alice, QUESTION)
        [first] = await answered(telegram, alice)
        telegram.world.edits(asked, "粥要煮多久？")
        await telegram.until(lambda: telegram.read(alice)[-1].text == "答：粥要煮多久？")
        [again] = await answered(telegram, alice)
    assert again.id == first.id
    assert telegram.refusals == []


async def test_a_draft_in_a_topic_of_a_private_chat_is_shown_and_stopped_there() -> None:
    told: list[int | None] = []

    class Drafting:
        async def send_message_draft(
            self, chat: int, number: int, text: str, *, message_thread_id: int | None, **_: object
        ) -> bool:
            told.append(message_thread_id)
            return True

    sketching = DraftSession(Drafting(), RequestPacer(), wanted=True, every_s=0.0)  # type: ignore[arg-type]
    for thread in (77, None):
        assert await sketching.put(Target(chat=5, thread=thread), 1, Rich(text="米饭"))
    assert told == [77, None]
    stopped = {"chat": {"id": 5, "type": "private"}, "draft_id": 1}
    assert place_of_draft({**stopped, "message_thread_id": 77}) == Place(platform="telegram", chat="5", thread="77")
    assert place_of_draft(stopped) == Place(platform="telegram", chat="5")
