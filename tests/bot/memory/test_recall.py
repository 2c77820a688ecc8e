"""Archive search: by words, by person, by time; beside what was said, and with what is new."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.recall import TurnIndex, TurnIndexCache, TurnQuery, pack_answer, pack_words
from bot.memory.recall.postings import TurnPostings, stretches, weights_of
from bot.storage import Transaction
from bot.storage.memories import Audience, TurnOrigin, WordsOfTurn
from tests.benchmarks.locomo import measure
from tests.bot.memory.making import ANN, BOB, GROUP, Talk, home

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def turn(
    number: int, asked: str, answered: str = "", *, who: str = "Ann", at: float | None = None, chat: str = "g"
) -> WordsOfTurn:
    said = TurnOrigin(person=who, chat=chat, private=False)
    when = NOW.timestamp() - 86400 + 60 * number if at is None else at
    return WordsOfTurn(turn=number, said=said, name=who, at=when, asked=pack_words(who, asked), answered=pack_answer(answered))


def search(index: TurnIndex, question: str, limit: int = 3, *, asker: str = "") -> list[int]:
    wanted = TurnQuery(weights=weights_of(question), text=question.lower(), asker=asker, times=stretches(question, NOW))
    return [match.turn for match in index.search(wanted, limit)]


def test_the_turn_with_the_words_comes_first_and_its_neighbours_after_it() -> None:
    turns = [turn(n, f"第{n}个话题完全不同") for n in range(1, 9)] + [turn(9, "我的相机丢在成都了"), turn(10, "后来找到了")]
    first, *others = search(TurnIndex(turns), "相机丢在哪里？", 3)
    assert (first, set(others)) == (9, {8, 10})


def test_nothing_is_found_where_nothing_was_said() -> None:
    assert search(TurnIndex(), "相机") == []
    assert search(TurnIndex([turn(1, "完全不同")]), "camera") == []
    assert search(TurnIndex([turn(1, "完全不同")]), "？？") == []


def test_who_is_named_said_it() -> None:
    index = TurnIndex([turn(1, "我喜欢红茶", who="Bob", at=1e9), turn(2, "我喜欢红茶", who="Carol", at=2e9)])
    assert search(index, "Carol 喜欢什么茶？", 1) == [2]
    assert search(index, "Bob 喜欢什么茶？", 1) == [1]
    assert search(index, "我喜欢什么茶？", 1, asker="Carol") == [2]


def test_a_time_that_is_named_counts() -> None:
    march, april = (datetime(2026, month, 3, tzinfo=UTC).timestamp() for month in (3, 4))
    index = TurnIndex([turn(1, "考试很难", at=march), turn(2, "考试很难", at=april)])
    assert search(index, "四月？ 4月的考试", 1) == [2]
    assert search(index, "the 考试 in March", 1) == [1]


def test_answers_count_in_their_own_chat_only() -> None:
    turns = [turn(1, "它是什么？", "量子纠缠"), turn(2, "别的", chat="other"), turn(3, "它呢", "量子纠缠", chat="other", at=2e9)]
    assert search(TurnIndex(turns, answers_of="g"), "量子纠缠", 1) == [1]
    assert 3 not in search(TurnIndex(turns, answers_of="g"), "量子纠缠")


def test_adding_turns_one_by_one_is_the_same_as_all_at_once() -> None:
    turns = [turn(n, f"话题 {n % 7} 和 {n % 5} 的关系", f"答案 {n}") for n in range(1, 90)]
    grown = TurnIndex(answers_of="g")
    for one in turns:
        grown.append([one])
    whole = TurnIndex(turns, answers_of="g")
    wanted = TurnQuery(weights=weights_of("话题 3 和 4 的答案 17"))
    assert grown.search(wanted, 20) == whole.search(wanted, 20)
    assert (grown.last, len(grown), grown.keys) == (89, 89, whole.keys)


@given(batches=st.lists(st.lists(st.lists(st.integers(0, 3 << 15), max_size=6), max_size=4), max_size=8), asked=st.data())
def test_keys_are_found_where_they_stand_however_they_came(batches: list[list[list[int]]], asked: st.DataObject) -> None:
    """Keys of which several share their last 16 bits; the questions in between put some of them into order."""
    postings, said = TurnPostings(), []
    for batch in batches:
        rows = [np.full(len(keys), len(said) + at, np.int32) for at, keys in enumerate(batch)]
        said += batch
        keys = np.array([key for one in batch for key in one], np.uint32)
        postings.append(keys, np.concatenate([*rows, np.empty(0, np.int32)]))
        wanted = sorted(asked.draw(st.sets(st.integers(0, 3 << 15) | st.sampled_from([0, *keys.tolist()]), min_size=1)))
        found = postings.of(np.array(wanted, np.uint32))
        expected = [
            (place, row) for place, key in enumerate(wanted) for row, one in enumerate(said) for _ in range(one.count(key))
        ]
        assert [(int(place), int(row)) for row, place in zip(*found, strict=True)] == expected
    assert len(postings) == sum(map(len, said))


async def test_a_full_shelf_puts_away_what_was_not_used_for_longest_and_finds_it_again(talk: Talk) -> None:
    shelf = TurnIndexCache(most_turns=100, most_keys=1)
    spots = [Audience.of(person, home(person)) for person in (ANN, BOB)]
    for person, thing in ((ANN, "相机"), (BOB, "雨伞")):
        await talk.say(person, home(person), f"我的{thing}丢在成都了")
    for spot in spots * 2:
        found = await talk.database.read(
            lambda connection, spot=spot: shelf.search(connection, "丢在成都的是什么？", spot, now=talk.now, limit=5)
        )
        assert [match.turn for match in found] == [spots.index(spot) + 1]
        assert list(shelf._places) == [(spot.person, spot.chat)]


async def test_an_index_that_was_read_while_the_shelf_was_cleared_is_not_kept(talk: Talk) -> None:
    await talk.say(ANN, GROUP, "我的相机丢在成都了")
    shelf, here = TurnIndexCache(most_turns=100), Audience.of(ANN, GROUP)

    def work(connection: Transaction) -> None:
        place = shelf._taken(here)
        shelf.clear()
        place.index.append(shelf._read(connection, here, after=0))
        shelf._count((here.owner, here.chat), place)

    await talk.database.read(work)
    assert (len(shelf._places), shelf._keys) == (0, 0)


@pytest.mark.parametrize(
    ("question", "moment"),
    [
        ("昨天说了什么", datetime(2026, 5, 19, 8, tzinfo=UTC)),
        ("what did I say yesterday", datetime(2026, 5, 19, 8, tzinfo=UTC)),
        ("上周的考试", datetime(2026, 5, 12, tzinfo=UTC)),
        ("3月5日的考试", datetime(2026, 3, 5, 9, tzinfo=UTC)),
        ("on 5 March 2025", datetime(2025, 3, 5, 9, tzinfo=UTC)),
        ("March 5th, 2025", datetime(2025, 3, 5, 9, tzinfo=UTC)),
        ("2025-03-05", datetime(2025, 3, 5, 9, tzinfo=UTC)),
        ("2024年2月", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_times_are_read(question: str, moment: datetime) -> None:
    assert any(first <= moment.timestamp() < last for first, last in stretches(question, NOW))


@pytest.mark.parametrize("question", ["什么是梯度？", "13月的事", "the marching band", "2025-13-01", "on 31 February 2025"])
def test_no_day_is_read_where_none_is_named(question: str) -> None:
    assert all(last - first > 20 * 86400 for first, last in stretches(question, NOW))


def test_evidence_in_long_conversations_is_found(shared: Path) -> None:
    recalls = measure(shared / "data" / "locomo" / "locomo10.json")
    assert len(recalls[5]) == 1536
    assert [fmean(recalls[depth]) >= least for depth, least in ((5, 0.69), (10, 0.77), (20, 0.82))] == [True] * 3


async def test_a_turn_that_lost_a_sentence_is_recalled_by_what_is_left_of_it(talk: Talk) -> None:
    await talk.say(ANN, home(ANN), "我住在成都。淬火以后为什么要回火？")
    for asked in ("米饭要煮多久？", "玻璃怎么做？", "茶怎么泡？"):
        await talk.say(ANN, home(ANN), asked)
    [lives] = [item for item in await talk.memory.items(ANN, home(ANN)) if "成都" in item.text]
    await talk.memory.forget.item(ANN, home(ANN), lives.id)
    await talk.recall(ANN, home(ANN), "茶怎么泡？")  # before the turn is noted anew
    await talk.memory.settle()
    recalled = (await talk.recall(ANN, home(ANN), "淬火以后回火是怎么说的？")).text
    assert "回火" in recalled
    assert "成都" not in recalled
