from __future__ import annotations

import json
from pathlib import Path

from bot.storage import Feedback, TurnStore
from bot.types import Person, Receipt
from tests.bot.cli.running import Program
from tests.bot.making import answer, citation, question

ANN, BEN = Person(platform="terminal", id="ann"), Person(platform="terminal", id="ben")


async def verdicts(state: TurnStore) -> list[bool]:
    return [rated.good async for rated in Feedback(state.database).all()]


async def test_each_person_has_one_verdict_on_an_answer_and_may_change_it_or_take_it_back(state: TurnStore) -> None:
    feedback = Feedback(state.database)
    kept = await state.record(question("米饭？"), answer())
    assert await feedback.rate(kept.id, ANN, good=True)
    assert await feedback.rate(kept.id, BEN, good=True)
    assert await feedback.rate(kept.id, ANN, good=False)
    assert sorted(await verdicts(state)) == [False, True]
    assert await feedback.rate(kept.id, BEN, good=None)
    assert await verdicts(state) == [False]


async def test_an_answer_that_there_is_not_cannot_be_rated(state: TurnStore) -> None:
    assert not await Feedback(state.database).rate("gone", ANN, good=True)
    assert await verdicts(state) == []


async def test_rated_answers_are_exported_with_their_sources_and_without_names(data: Path, tmp_path: Path) -> None:
    run = Program(folder=tmp_path)
    state = await TurnStore.open_file(data / "state.sqlite")
    kept = await state.record(question("米饭要煮多久？"), answer("煮二十分钟 [1]。", citation()))
    await Feedback(state.database).rate(kept.id, ANN, good=True)
    await state.close()
    ran = await run("export", "feedback", "--data", data)
    (one,) = [json.loads(line) for line in ran.out.splitlines()]
    assert [said["content"] for said in one["messages"]] == ["米饭要煮多久？", "煮二十分钟 [1]。"]
    assert (one["good"], one["sources"][0]["text"], one["receipt"]["model"]) == (True, citation().text, Receipt().model)
    assert "ann" not in ran.out
