from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import BaseMessage

from bot.llm import Chunk, ModelPool, ModelUnavailable, TooBusy
from bot.llm.load_balancer import FIRST_REST_S, LONGEST_REST_S


class Server:
    """A `ChatModel` that writes when it is told to; `breaks_after` pieces it fails."""

    def __init__(self, name: str = "m", *, breaks_after: int | None = None, window: int = 8000) -> None:
        self.name = name
        self.breaks_after = breaks_after
        self.asked = 0
        self.now = 0
        self.most = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.warmed = self.closed = False
        self._window = window

    async def window(self) -> int:
        if self.breaks_after == 0:
            raise ModelUnavailable(f"{self.name} is down")
        return self._window

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.asked += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            for number in range(3):
                if number == self.breaks_after:
                    raise ModelUnavailable(f"{self.name} is down")
                await self.go_on.wait()
                await asyncio.sleep(0)
                yield Chunk(text=self.name)
        finally:
            self.now -= 1

    async def warm_up(self) -> None:
        if self.breaks_after == 0:
            raise ModelUnavailable(f"{self.name} is down")
        self.warmed = True

    async def close(self) -> None:
        self.closed = True


async def words_of(pool: ModelPool) -> str:
    return "".join([piece.text async for piece in pool.stream([])])


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_least_busy_server_is_asked() -> None:
    one, two = Server("a"), Server("b")
    one.go_on.clear()
    two.go_on.clear()
    pool = ModelPool([one, two])
    tasks = [asyncio.create_task(words_of(pool)) for _ in range(6)]
    await settle()
    assert (one.now, two.now) == (3, 3)
    one.go_on.set()
    two.go_on.set()
    assert sorted(await asyncio.gather(*tasks)) == ["aaa"] * 3 + ["bbb"] * 3


async def test_a_server_that_fails_before_its_first_word_is_replaced() -> None:
    broken, well = Server("a", breaks_after=0), Server("b")
    assert await words_of(ModelPool([broken, well])) == "bbb"
    assert broken.asked == 1


async def test_a_server_that_fails_after_words_were_shown_ends_the_answer() -> None:
    broken, well = Server("a", breaks_after=2), Server("b")
    pieces = []
    with pytest.raises(ModelUnavailable, match="a is down"):
        async for piece in ModelPool([broken, well]).stream([]):
            pieces.append(piece.text)
    assert (pieces, well.asked) == (["a", "a"], 0)


async def test_when_all_fail_the_last_reason_is_told() -> None:
    with pytest.raises(ModelUnavailable, match="b is down"):
        await words_of(ModelPool([Server("a", breaks_after=0), Server("b", breaks_after=0)]))


async def test_a_server_that_failed_rests_longer_and_longer_and_is_asked_again_then() -> None:
    clock = [100.0]
    broken, well = Server("a", breaks_after=0), Server("b")
    pool = ModelPool([broken, well], clock=lambda: clock[0])
    rests = []
    for number in range(8):
        await words_of(pool)
        assert broken.asked == number + 1
        start = clock[0]
        while broken.asked == number + 1 and clock[0] < start + 2 * LONGEST_REST_S:
            clock[0] += FIRST_REST_S / 2
            if pool._healthy() != [pool._servers[1]]:
                break
        rests.append(clock[0] - start)
    assert rests[:3] == [FIRST_REST_S, FIRST_REST_S * 2, FIRST_REST_S * 4]
    assert max(rests) == LONGEST_REST_S
    broken.breaks_after = None
    assert await words_of(pool) == "aaa"


async def test_a_lone_server_that_failed_is_asked_again_at_once() -> None:
    lone = Server("a", breaks_after=0)
    pool = ModelPool([lone])
    with pytest.raises(ModelUnavailable):
        await words_of(pool)
    lone.breaks_after = None
    assert await words_of(pool) == "aaa"


async def test_no_more_than_each_are_answered_at_once_and_the_others_are_told_their_place() -> None:
    one = Server("a")
    one.go_on.clear()
    pool = ModelPool([one], each=2, queue=10)
    places: list[list[int]] = [[] for _ in range(5)]

    async def ask(number: int) -> None:
        async for piece in pool.stream([]):
            if piece.waiting:
                places[number].append(piece.waiting)

    tasks = [asyncio.create_task(ask(number)) for number in range(5)]
    await settle()
    assert [seen[:1] for seen in places] == [[], [], [1], [2], [3]]
    one.go_on.set()
    await asyncio.gather(*tasks)
    assert one.most == 2
    for seen in places:
        assert seen == sorted(seen, reverse=True)
    assert places[4][-1] == 1


async def test_a_line_that_is_full_turns_people_away() -> None:
    one = Server("a")
    one.go_on.clear()
    pool = ModelPool([one], each=1, queue=1)
    tasks = [asyncio.create_task(words_of(pool)) for _ in range(2)]
    await settle()
    with pytest.raises(TooBusy, match="1 questions wait already"):
        await words_of(pool)
    one.go_on.set()
    assert await asyncio.gather(*tasks) == ["aaa", "aaa"]
    assert await words_of(pool) == "aaa"


async def test_who_gives_up_waiting_leaves_the_line() -> None:
    one = Server("a")
    one.go_on.clear()
    pool = ModelPool([one], each=1, queue=2)
    first, second, third = (asyncio.create_task(words_of(pool)) for _ in range(3))
    await settle()
    second.cancel()
    await settle()
    fourth = asyncio.create_task(words_of(pool))  # there is room in the line again
    await settle()
    one.go_on.set()
    assert await asyncio.gather(first, third, fourth) == ["aaa"] * 3


async def test_a_turn_that_comes_when_nobody_is_there_any_more_goes_to_the_next() -> None:
    one = Server("a")
    one.go_on.clear()
    pool = ModelPool([one], each=1)
    first = asyncio.create_task(words_of(pool))
    await settle()
    waiting = pool.stream([])
    assert (await anext(waiting)).waiting == 1
    third = asyncio.create_task(words_of(pool))
    await settle()
    one.go_on.set()
    await first
    await waiting.aclose()  # type: ignore[attr-defined]
    assert await third == "aaa"


async def test_who_leaves_in_the_middle_frees_the_server_at_once() -> None:
    one = Server("a")
    pool = ModelPool([one], each=1)
    async with aclosing(pool.stream([])) as pieces:  # type: ignore[type-var]
        await anext(pieces)
        assert one.now == 1
    assert one.now == 0
    assert await words_of(pool) == "aaa"


@settings(max_examples=40, deadline=None)
@given(
    leaves=st.lists(st.integers(0, 12), min_size=1, max_size=12),
    each=st.integers(1, 3),
    broken=st.lists(st.sampled_from([None, 0, 2]), min_size=1, max_size=3),
)
def test_whoever_leaves_and_whatever_breaks_every_turn_comes_back(leaves: list[int], each: int, broken: list[int | None]) -> None:
    async def scenario() -> None:
        servers = [Server(str(number), breaks_after=after) for number, after in enumerate(broken)]
        pool = ModelPool(servers, each=each, queue=20)
        tasks = [asyncio.create_task(words_of(pool)) for _ in leaves]
        for task, steps in zip(tasks, leaves, strict=True):
            for _ in range(steps):
                await asyncio.sleep(0)
            if steps % 2:
                task.cancel()
        async with asyncio.timeout(10):
            await asyncio.gather(*tasks, return_exceptions=True)
        assert (pool._line.taken, len(pool._line.waiting)) == (0, 0)
        assert [server.busy for server in pool._servers] == [0] * len(servers)
        assert all(server.most <= each * len(servers) for server in servers)

    asyncio.run(scenario())


async def test_the_window_is_that_of_the_smallest_server_that_answers() -> None:
    assert await ModelPool([Server(window=8000), Server(window=4000), Server(breaks_after=0, window=100)]).window() == 4000
    with pytest.raises(ModelUnavailable, match="m is down"):
        await ModelPool([Server(breaks_after=0)]).window()


async def test_one_server_that_loads_its_model_is_enough() -> None:
    broken, well = Server("a", breaks_after=0), Server("b")
    await ModelPool([broken, well]).warm_up()
    assert well.warmed
    with pytest.raises(ModelUnavailable):
        await ModelPool([broken]).warm_up()


async def test_closing_closes_every_server() -> None:
    servers = [Server("a"), Server("b")]
    await ModelPool(servers).close()
    assert [server.closed for server in servers] == [True, True]
