"""`notesbot cards`: the model's cards, from a server on a real socket to the deck that every platform asks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.bot.cli.running import Program
from tests.bot.making import write
from tests.fakes.ollama import QWEN, FakeOllama, Reply, Trouble
from tests.fakes.ollama.scripting import Body

STEEL = "钢在八百度左右淬火后变得又硬又脆，因此还要在两百度左右回火，刀具才不会崩口，师傅们都这么做。"
GLASS = "玻璃在浮法工艺里漂在熔化的锡上冷却，因此两面都平得像镜子，这是皮尔金顿公司的发明，大家都用。"
NOTES = {"steel.md": f"# 热处理\n\n{STEEL}\n", "glass.md": f"# 浮法\n\n{GLASS}\n"}
WRITTEN = {
    "淬火": [("钢淬火后为什么还要回火？", "刀具才不会崩口"), ("钢淬火后变得怎样？", "又软又韧")],
    "浮法": [("浮法玻璃漂在什么金属上冷却？", "熔化的锡"), ("浮法玻璃漂在熔化的锡上吗？", "熔化的锡")],
}


def writes(body: Body) -> str:
    """Questions for a passage; the answer in the passage's own words when asked again."""
    told = str(body["messages"][-1]["content"])
    topic = "淬火" if "淬火" in told else "浮法"
    if "问题：" in told:
        return next(answer for question, answer in WRITTEN[topic] if question in told)
    return json.dumps([{"question": question, "answer": answer} for question, answer in WRITTEN[topic]], ensure_ascii=False)


@pytest.fixture
def model(ollama: FakeOllama) -> dict[str, str]:
    ollama.always(Reply(text=writes))
    return {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url, "LC_ALL": "en_US.UTF-8"}


@pytest.fixture
def where(tmp_path: Path) -> tuple[str | Path, ...]:
    return ("--notes", write(tmp_path / "notes", NOTES), "--data", tmp_path / "data")


async def deck(run: Program, where: tuple[str | Path, ...]) -> list[str]:
    """Question and answer of the model's cards in the deck."""
    ran = await run("export", "cards", "--format", "csv", "--output", "-", *where)
    rows = [line.split(",") for line in ran.out.splitlines()]
    return sorted(f"{row[1]}={row[2]}" for row in rows if row[3:4] == ["asked"])


STEEL_CARD, GLASS_CARD = "【热处理】钢淬火后为什么还要回火？=刀具才不会崩口", "浮法玻璃漂在什么金属上冷却？=熔化的锡"


async def test_cards_are_written_once_counted_and_asked(
    run: Program, where: tuple[str | Path, ...], ollama: FakeOllama, model: dict[str, str]
) -> None:
    ran = await run("cards", *where, **model)
    assert (ran.code, ran.err) == (0, "")
    said, *failures = ran.out.splitlines()
    assert said == "Cards written: 2, from 2 passages; passages left: 0."
    assert sorted(failures) == ["- answers that do not stand in the passage: 1", "- questions that hold their answer: 1"]
    assert await deck(run, where) == sorted([STEEL_CARD, GLASS_CARD])
    asked = len(ollama.chats)
    again = await run("cards", *where, **model)
    assert (again.out.splitlines()[0], len(ollama.chats)) == ("Cards written: 0, from 0 passages; passages left: 0.", asked)
    quiz = await run("quiz", "浮法", *where, typed="\ns\n3\n", LC_ALL="en_US.UTF-8")
    assert "浮法玻璃漂在什么金属上冷却？" in quiz.out
    assert "> 熔化的锡" in quiz.out


async def test_a_run_goes_on_where_the_last_one_ended(
    run: Program, where: tuple[str | Path, ...], ollama: FakeOllama, model: dict[str, str]
) -> None:
    first = await run("cards", "--limit", "1", *where, **model)
    assert first.out.startswith("Cards written: 1, from 1 passages; passages left: 0.")
    assert await deck(run, where) == [GLASS_CARD]
    second = await run("cards", *where, **model)
    assert second.out.startswith("Cards written: 1, from 1 passages; passages left: 0.")
    assert await deck(run, where) == sorted([STEEL_CARD, GLASS_CARD])


async def test_what_changed_rests_until_it_is_written_anew(
    run: Program, where: tuple[str | Path, ...], ollama: FakeOllama, model: dict[str, str], tmp_path: Path
) -> None:
    await run("cards", *where, **model)
    write(tmp_path / "notes", {"steel.md": f"# 热处理\n\n{STEEL}另外还要磨。\n"})
    assert await deck(run, where) == [GLASS_CARD]
    ran = await run("cards", *where, **model)
    assert ran.out.startswith("Cards written: 1, from 1 passages")
    assert await deck(run, where) == sorted([STEEL_CARD, GLASS_CARD])
    (tmp_path / "notes" / "glass.md").unlink()
    assert await deck(run, where) == [STEEL_CARD]


async def test_a_model_that_says_nothing_is_asked_again_the_next_time(
    run: Program, where: tuple[str | Path, ...], ollama: FakeOllama, model: dict[str, str]
) -> None:
    ollama.always(Reply(instead={"error": "no"}))
    ran = await run("cards", *where, **model)
    assert "Cards written: 0, from 0 passages; passages left: 2." in ran.out
    assert "- passages about which the model said nothing, to be tried again: 2" in ran.out
    assert "Traceback" not in ran.err
    ollama.always(Reply(text=writes))
    assert (await run("cards", *where, **model)).out.startswith("Cards written: 2, from 2 passages")


async def test_it_needs_a_model(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("cards", *where)
    assert (ran.code, ran.err) == (2, "notesbot: model.name: set it to the model that is to write the cards\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal")
async def test_ctrl_c_keeps_what_is_done(
    run: Program, where: tuple[str | Path, ...], ollama: FakeOllama, model: dict[str, str], tmp_path: Path
) -> None:
    for reply in (Reply(text=writes), Reply(text=writes), Reply(trouble=Trouble.LOADING)):
        ollama.once(reply)
    words = [sys.executable, "-m", "bot", "cards", *map(str, where)]
    program = await asyncio.create_subprocess_exec(
        *words,
        cwd=tmp_path,
        env=dict(run.environment(model)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # what a shell starts in the background ignores it
    )
    async with asyncio.timeout(60):
        while len(ollama.chats) < 3:
            await asyncio.sleep(0.02)
    os.kill(program.pid, signal.SIGINT)
    out, err = await program.communicate()
    assert (program.returncode, b"Traceback" in err) == (130, False), (out + err).decode()
    assert out.decode().startswith("Cards written: 1, from 1 passages; passages left: 1.")
    assert await deck(run, where) == [GLASS_CARD]


async def test_cards_join_the_deck_of_the_database_that_is_set(
    run: Program, where: tuple[str | Path, ...], tmp_path: Path, model: dict[str, str]
) -> None:
    url = {"NOTESBOT_STATE__URL": f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"}
    assert (await run("cards", *where, **model, **url)).code == 0
    ran = await run("export", "cards", "--format", "csv", "--output", "-", *where, **url)
    assert ran.out.count(",asked") == 2
    assert not (tmp_path / "data" / "state.sqlite").exists()
