from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.running import Program
from tests.fakes.ollama import QWEN, FakeOllama, Reply
from tests.fakes.ollama.scripting import Body

ON = {"NOTESBOT_SEARCH__ENRICH": "true"}
SAID = "讲怎样打发周末\n怎样打发周末？\n周末做什么？\n下午做什么？"


def about(body: Body) -> str:
    """Something else for the one note on tea."""
    return SAID if "steeped" in body["messages"][-1]["content"] else "讲米饭"


@pytest.fixture
def model(ollama: FakeOllama) -> dict[str, str]:
    ollama.always(Reply(text=about))
    return {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}


async def test_passages_are_written_about_once_and_found_by_it(
    run: Program, notes: Path, data: Path, ollama: FakeOllama, model: dict[str, str]
) -> None:
    options = ("--notes", notes, "--data", data)
    first = await run("enrich", *options, "--limit", "2", **ON, **model)
    assert (first.code, len(ollama.chats)) == (0, 2)
    await run("enrich", *options, **ON, **model)
    written = len(ollama.chats)
    again = await run("enrich", *options, **ON, **model)
    assert (again.code, len(ollama.chats)) == (0, written)
    (found,) = (await run("search", "--json", *options, "周末打发", **ON)).objects
    assert (found["abstained"], found["passages"][0]["path"]) == (False, "tea.md")
    (plain,) = (await run("search", "--json", *options, "周末打发")).objects
    assert plain["abstained"]


async def test_it_must_be_switched_on_and_needs_a_model(run: Program, notes: Path, data: Path, model: dict[str, str]) -> None:
    for environment in (ON, model):
        ran = await run("enrich", "--notes", notes, "--data", data, **environment)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "search.enrich" in ran.err


async def test_a_model_that_is_not_there_ends_it_and_loses_nothing(
    run: Program, notes: Path, data: Path, ollama: FakeOllama, model: dict[str, str]
) -> None:
    ollama.always("")
    ran = await run("enrich", "--notes", notes, "--data", data, **ON, **model)
    assert ran.code == 1
    found = (await run("search", "--json", "--notes", notes, "--data", data, "米饭怎么煮", **ON)).objects
    assert found[0]["passages"]
