"""`notesbot chat`, with lines from a pipe instead of a person."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bot.cli.running import Program
from tests.bot.making import write
from tests.fakes.ollama import QWEN, FakeOllama

WELCOME = "**notesbot** has read 2 notes (5 passages). Just ask; `/source` shows the original, `/help` lists the commands, "


async def test_a_conversation_from_beginning_to_end(run: Program, notes: Path, data: Path) -> None:
    (notes / "picture.md").write_bytes(bytes(100))
    typed = "米饭要煮多久？\n/source 1\n/nonsense\n/quit\n不会再问\n"
    ran = await run("chat", notes, "--data", data, typed=typed)
    assert (ran.code, ran.err) == (0, "")
    parts = [
        "picture.md: not text: it holds binary data",
        WELCOME,
        "No language model is in use; answers are verbatim excerpts.",
        "> 米饭要先洗两遍，再煮二十分钟。水和米的比例是一比一点二。 [1]",
        "[1] 米饭  lines 1–3",
        "[1] `cooking/rice.md` 米饭 (lines 1–3)",
        "There is no command /nonsense. `/help` lists them all.",
    ]
    places = [ran.out.index(part) for part in parts]
    assert places == sorted(places)
    assert "不会再问" not in ran.out
    afterwards = await run("source", "1", "--notes", notes, "--data", data)
    assert "> 米饭要先洗两遍，再煮二十分钟。" in afterwards.out


async def test_a_model_that_is_told_what_was_said_before_talks_about_the_samples(
    run: Program, data: Path, ollama: FakeOllama
) -> None:
    ollama.always("先检索，再生成 [1]。")
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url}
    ran = await run("chat", "--data", data, typed="什么是 RAG？\n那重排呢？\n", **model)
    assert "These are the sample notes. For your own: `notesbot chat FOLDER`." in ran.out
    assert "Answers are written by qwen3:8b from the notes." in ran.out
    assert ran.out.count("先检索，再生成 [") == 2
    first, second = ([message["content"] for message in chat.messages[1:-1]] for chat in ollama.chats)
    assert (first, len(second), second[-1].replace(" ", "")) == ([], 2, "先检索，再生成。")
    assert "什么是 RAG？" in second[0]


async def test_a_chat_that_ends_while_the_notes_are_read_ends_well_and_keeps_the_index(
    run: Program, vault: Path, data: Path
) -> None:
    write(vault, {f"{n}.md": f"# 笔记 {n}\n\n" + f"第 {n} 条写的是注意力机制与位置编码。" * 20 for n in range(80)})
    folders = (data / "1", data / "2")
    await asyncio.gather(*(run("index", "--notes", vault, "--data", folder) for folder in folders))
    for turn in range(3):
        write(vault, {f"{n}.md": f"# 笔记 {n} {turn}\n\n" + f"第 {n} 条写的是注意力机制与位置编码。" * 20 for n in range(80)})
        chats = (run("chat", vault, "--data", folder, typed="/quit\n") for folder in folders)
        for ran in await asyncio.gather(*chats):
            assert (ran.code, ran.err) == (0, "")
            assert "has read 80 notes" in ran.out
