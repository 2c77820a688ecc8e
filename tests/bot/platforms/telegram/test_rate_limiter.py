"""How often a chat is written to, on a clock of the test's own."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.telegram.rate_limiter import Gate, Rates, RequestPacer
from tests.fakes.telegram import Flood
from tests.fakes.telegram.flood import Gate as Server

RATES = Rates()


@given(
    st.booleans(),
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0, 3.0, 20.0]), st.booleans(), st.floats(0, 0.5)), min_size=1, max_size=80),
)
def test_a_server_with_telegrams_rates_never_says_wait(private: bool, wishes: list[tuple[float, bool, float]]) -> None:
    """Requests arrive up to half a second late, in their order."""
    gate, server, now, arrived = Gate(RATES, private=private), Server(flood=Flood()), 100.0, 0.0
    for pause, may_be_left_out, late in wishes:
        now += pause
        if may_be_left_out and not gate.is_spare(now):
            continue
        now += max(0.0, gate.wait(now))
        gate.let(now)
        arrived = max(arrived, now + late)
        assert server.asked(arrived, 1 if private else -1, private=private)[0] == 0


@given(st.booleans(), st.floats(0, 600))
def test_after_a_stream_of_edits_the_last_text_need_not_wait(private: bool, seconds: float) -> None:
    gate, now = Gate(RATES, private=private), 0.0
    while now < seconds:
        if gate.is_spare(now):
            gate.let(now)
        now += 0.5
    assert gate.wait(now) <= 0


def test_a_wait_that_was_asked_for_is_kept() -> None:
    gate = Gate(RATES, private=True)
    gate.held_until = 30.0
    assert (gate.wait(10.0), gate.is_spare(10.0), gate.wait(30.0)) == (20.0, False, 0.0)


async def test_strangers_wait_behind_everybody_who_is_let_in() -> None:
    pacer = RequestPacer(Rates(overall_every=0.02))
    gone: list[str] = []

    async def go(chat: int, who: str, *, patient: bool) -> None:
        await pacer.turn(chat, patient=patient)
        gone.append(who)

    strangers = [asyncio.create_task(go(1000 + number, "stranger", patient=True)) for number in range(20)]
    await asyncio.sleep(0)
    guests = [asyncio.create_task(go(2000 + number, "guest", patient=False)) for number in range(20)]
    await asyncio.wait(guests)
    assert gone.count("stranger") <= 2  # those that were on their way
    await asyncio.wait(strangers)
    assert gone.count("stranger") == 20
