"""What platforms hand on: it goes into the ledger, and comes out as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.protocol import InboundFile, InboundKind, InboundMessage
from bot.storage import Event
from bot.types import Person, Place, Quote

names = st.text(max_size=20)
chats = st.text(alphabet="0123456789-", min_size=1, max_size=20)
quotes = st.none() | st.builds(Quote, text=names, person=names, name=names)
messages = st.builds(
    InboundMessage,
    kind=st.sampled_from(InboundKind),
    id=chats,
    person=st.builds(Person, platform=st.just("discord"), id=names, name=names, roles=st.lists(names).map(tuple)),
    place=st.builds(Place, platform=st.just("discord"), chat=chats, thread=chats, private=st.booleans(), guild=names),
    said=st.datetimes(timezones=st.just(UTC)),
    text=names,
    quote=quotes,
    forward=quotes,
    files=st.lists(st.builds(InboundFile, name=names, size=st.integers(0, 9), ref=names)).map(tuple),
    opens=st.booleans(),
)
KITCHEN = Place(platform="telegram", chat="-5", thread="7", private=False)
RICE = InboundMessage(id="1", message="10", person=Person(platform="telegram", id="3"), place=KITCHEN, text="米饭要煮多久？")


def as_kept(event: Event) -> Event:
    return replace(event, payload=json.loads(json.dumps(event.payload)))


@given(messages)
def test_a_message_comes_out_of_the_ledger_as_it_went_in(said: InboundMessage) -> None:
    assert InboundMessage.of(as_kept(said.event("discord:1"))) == said


def test_a_message_is_acted_on_where_its_chat_is_now() -> None:
    event = replace(as_kept(RICE.event("telegram:1")), place="telegram:-100/7")
    assert InboundMessage.of(event).place == replace(KITCHEN, chat="-100")


@pytest.mark.parametrize("payload", [{}, {"update_id": 5, "message": {}}, {"person": 1}, {"kind": "wave"}])
def test_what_another_version_has_kept_is_a_value_error(payload: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="version"):
        InboundMessage.of(replace(RICE.event("telegram:1"), payload=payload))


def test_a_digest_tells_the_same_words_of_a_message_and_nothing_else() -> None:
    edited = replace(RICE, id="2", edited=True, said=datetime.now(UTC), text=f"  {RICE.text}")
    assert edited.digest == RICE.digest
    assert len({RICE.digest, replace(RICE, text="粥要煮多久？").digest, replace(RICE, message="11").digest}) == 3
