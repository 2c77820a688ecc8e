"""`sendPoll` and `stopPoll`: quizzes and other polls."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.formatting import formatted
from tests.fakes.telegram.markup import checked_markup
from tests.fakes.telegram.params import Call
from tests.fakes.telegram.places import Poll
from tests.fakes.telegram.refusals import bad, stricter
from tests.fakes.telegram.sending import open_chat, put
from tests.fakes.telegram.state import State
from tests.fakes.telegram.texts import Formatted, units

MOST_QUESTION, MOST_OPTION, MOST_EXPLANATION, MOST_LINES = 300, 100, 200, 2
MOST_OPTIONS = 12


def send_poll(state: State, call: Call) -> Any:
    chat = open_chat(state, call)
    question = formatted(call.text("question"), call.get("question_parse_mode"), call.get("question_entities"), may_be_empty=True)
    if not question.text:
        raise bad("poll question must be non-empty")
    if units(question.text) > MOST_QUESTION:
        raise bad(f"poll question length must not exceed {MOST_QUESTION}")
    poll = Poll(
        id=str(60_000 + next(state.numbers)),
        question=question,
        options=_options(call.get("options")),
        is_quiz=_is_quiz(call),
        anonymous=bool(call.get("is_anonymous", True)),
        many=bool(call.get("allows_multiple_answers", False)),
    )
    poll.correct = _correct(call, poll)
    poll.explanation = _explanation(call, poll)
    _check_end(call)
    poll.closed = bool(call.get("is_closed", False))
    message = put(state, call, Formatted(), poll=poll)
    state.polls[poll.id] = message
    assert message.chat is chat
    return message.json()


def _is_quiz(call: Call) -> bool:
    kind = call.text("type") or "regular"
    if kind not in ("quiz", "regular"):
        raise bad("unsupported poll type specified")
    return kind == "quiz"


def _options(given: Any) -> tuple[Formatted, ...]:
    if not isinstance(given, list):
        raise bad("can't parse options JSON object")
    if not 2 <= len(given) <= MOST_OPTIONS:
        raise bad("poll must have at least 2 options" if len(given) < 2 else f"poll can't have more than {MOST_OPTIONS} options")
    return tuple(_option(one if isinstance(one, dict) else {"text": one}) for one in given)


def _option(given: dict[str, Any]) -> Formatted:
    option = formatted(str(given.get("text", "")), given.get("text_parse_mode"), given.get("text_entities"), may_be_empty=True)
    if not option.text:
        raise bad("poll options must be non-empty")
    if units(option.text) > MOST_OPTION:
        raise bad(f"poll options length must not exceed {MOST_OPTION}")
    return option


def _correct(call: Call, poll: Poll) -> tuple[int, ...]:
    """The right options of a quiz: `correct_option_ids`, or the `correct_option_id` of before Bot API 10."""
    given = call.get("correct_option_ids")
    if given is None and call.get("correct_option_id") is not None:
        given = [call.get("correct_option_id")]
    if not poll.is_quiz:
        if given:
            raise stricter("only a quiz has right options")
        return ()
    if not given or not all(isinstance(one, int) and 0 <= one < len(poll.options) for one in given):
        raise bad("wrong correct option ID specified")
    return tuple(given)


def _explanation(call: Call, poll: Poll) -> Formatted:
    text = call.text("explanation")
    explanation = formatted(text, call.get("explanation_parse_mode"), call.get("explanation_entities"), may_be_empty=True)
    if explanation.text and not poll.is_quiz:
        raise stricter("only a quiz has an explanation")
    if units(explanation.text) > MOST_EXPLANATION or explanation.text.count("\n") > MOST_LINES:
        raise bad("MESSAGE_TOO_LONG")
    return explanation


def _check_end(call: Call) -> None:
    if call.get("open_period") is not None and call.get("close_date") is not None:
        raise stricter("open_period and close_date cannot both be given")


def stop_poll(state: State, call: Call) -> Any:
    chat = open_chat(state, call)
    message = chat.messages.get(call.number("message_id"))
    if message is None or message.deleted or message.poll is None:
        raise bad("message with poll to stop not found")
    if message.sender is not state.bot:
        raise bad("poll can't be stopped")
    if message.poll.closed:
        raise bad("poll has already been closed")
    message.poll.closed = True
    message.buttons = checked_markup(call.get("reply_markup"), chat, inline_only=True)
    state.updates.add("poll", message.poll.json(), chat=chat.id)
    return message.poll.json()
