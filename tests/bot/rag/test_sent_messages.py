"""What was sent is told again word for word, until somebody wants it forgotten."""

from __future__ import annotations

from dataclasses import replace

from bot.rag import SentMessages
from bot.rag.prompt_builder import CHATS, MESSAGES
from bot.types import AnswerState
from tests.bot.making import answer


def kept(sent: SentMessages, chat: str, name: str, state: AnswerState = AnswerState.MODEL) -> None:
    sent.begin(chat, "m", f"sent for {name}")
    sent.keep(chat, replace(answer(state=state), id=name))


def test_it_is_known_by_chat_model_and_answer() -> None:
    sent = SentMessages()
    kept(sent, "here", "a")
    assert sent.of("here", "m") == {"a": "sent for a"}
    assert sent.of("there", "m") == sent.of("here", "other") == {}


def test_an_answer_for_which_nothing_was_sent_leaves_nothing() -> None:
    sent = SentMessages()
    sent.keep("here", answer())
    kept(sent, "here", "a", AnswerState.STOPPED)
    assert sent.of("here", "m") == {}


def test_the_latest_of_the_latest_chats_are_kept() -> None:
    sent = SentMessages()
    for number in range(MESSAGES + 3):
        kept(sent, "here", str(number))
    assert list(sent.of("here", "m")) == [str(number) for number in range(3, MESSAGES + 3)]
    for number in range(CHATS):
        kept(sent, str(number), "a")
    assert sent.of("here", "m") == {}


def test_nothing_is_left_when_it_is_cleared() -> None:
    sent = SentMessages()
    kept(sent, "here", "a")
    sent.clear()
    assert sent.of("here", "m") == {}
