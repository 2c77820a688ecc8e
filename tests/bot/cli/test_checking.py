"""`notesbot doctor`, with everything well and with one thing after the other broken."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

from knowledge.notebook.floor import EVERYDAY
from tests.bot.cli.running import Program
from tests.bot.making import NOTES, write
from tests.fakes.ollama import BGE, QWEN, TAGS, FakeModel, FakeOllama, Reply

Where = tuple[str | Path, ...]


def with_model(ollama: FakeOllama, name: str = QWEN.name, embedding: str = "") -> dict[str, str]:
    return {"NOTESBOT_MODEL__NAME": name, "NOTESBOT_MODEL__URL": ollama.url, "NOTESBOT_EMBEDDING__NAME": embedding}


async def test_without_a_model_all_is_well_once_the_notes_are_indexed(
    run: Program, where: Where, notes: Path, data: Path
) -> None:
    before = await run("doctor", *where)
    assert before.code == 1
    assert f"✗ No index yet. Type: notesbot index --notes {notes} --data {data}" in before.out.splitlines()
    await run("index", *where)
    after, chinese = await asyncio.gather(run("doctor", *where), run("doctor", *where, NOTESBOT_LANGUAGE="zh"))
    assert (after.code, after.err) == (0, "")
    folder = next((data / "notes").iterdir())
    lines = after.out.splitlines()
    assert lines[:3] == [
        f"✓ Notes: {notes}, 2 files can be read",
        f"✓ Index: 2 notes, 5 passages ({folder})",
        f"✓ Database: {data / 'state.sqlite'}",
    ]
    assert lines[3].startswith("✓ No model is set, answers are excerpts.")
    assert lines[4:] == ["✓ Embedding: built in (no model needed)", "All is well."]
    assert (chinese.code, chinese.out.splitlines()[-1]) == (0, "一切正常。")


async def test_with_a_model_and_an_embedding_model_on_another_server_all_is_well(
    run: Program, where: Where, ollama: FakeOllama
) -> None:
    async with FakeOllama(models=[BGE]) as other:
        model = {**with_model(ollama, embedding="bge-m3"), "NOTESBOT_EMBEDDING__URL": other.url}
        await run("index", *where, **model)
        ran = await run("doctor", *where, **model)
        assert ran.code == 0
        assert f"✓ Model: qwen3:8b at {ollama.url}, a window of 16384 tokens" in ran.out.splitlines()
        assert f"✓ Embedding model: bge-m3 at {other.url}" in ran.out.splitlines()
        assert len(other.embeds) == 1 + len(EVERYDAY)


async def test_a_server_that_is_down_and_a_model_that_is_missing_are_faults_with_the_remedy(
    run: Program, where: Where, ollama: FakeOllama
) -> None:
    gone = FakeOllama()
    await gone.start()
    await gone.stop()
    down, missing = await asyncio.gather(
        run("doctor", *where, **with_model(gone)),
        run("doctor", *where, **with_model(ollama, name="gemma3:4b", embedding="nomic-embed-text")),
    )
    assert (down.code, down.err, missing.code, missing.err) == (1, "", 1, "")
    assert f"✗ No Ollama answers at {gone.url}. Start it: ollama serve" in down.out.splitlines()
    there = "it has: qwen3:8b, llama3.2:3b, bge-m3:latest"
    assert missing.out.splitlines()[-3:] == [
        f"✗ Ollama does not have the model gemma3:4b. Type: ollama pull gemma3:4b ({there})",
        f"✗ Ollama does not have the model nomic-embed-text. Type: ollama pull nomic-embed-text ({there})",
        "3 to mend.",
    ]


async def test_a_server_that_is_not_ollama_is_a_fault(run: Program, where: Where, ollama: FakeOllama) -> None:
    ollama.always(Reply(instead={"status": "ok"}), to=TAGS)
    ran = await run("doctor", *where, **with_model(ollama, embedding=BGE.name))
    assert (ran.code, ran.err) == (1, "")
    for model in (QWEN, BGE):
        assert f"✗ The model {model.name} cannot be used: {ollama.url} answered something that is not Ollama's." in ran.out


async def test_a_window_that_is_too_small_is_a_fault(run: Program, where: Where) -> None:
    async with FakeOllama(models=[FakeModel(name="tiny:1b", context_length=2048)]) as server:
        model = with_model(server, name="tiny:1b")
        ran, wider = await asyncio.gather(
            run("doctor", *where, **model), run("doctor", *where, **model, NOTESBOT_MODEL__CONTEXT="8192")
        )
        assert ran.code == 1
        assert "✗ The window of tiny:1b is only 2048 tokens" in ran.out
        assert f"✓ Model: tiny:1b at {server.url}, a window of 8192 tokens" in wider.out.splitlines()


async def test_a_notes_folder_that_is_missing_or_empty_is_a_fault(run: Program, vault: Path, data: Path) -> None:
    missing, empty = await asyncio.gather(
        run("doctor", "--notes", "gone", "--data", data / "1"), run("doctor", "--notes", vault, "--data", data / "2")
    )
    assert (missing.code, empty.code) == (1, 1)
    assert missing.out.startswith("✗ The notes folder cannot be used: no such folder: ")
    assert empty.out.startswith(f"✗ No notes in {vault}. Put .md files there")


async def test_a_note_that_is_skipped_is_a_fault(run: Program, where: Where, notes: Path) -> None:
    outside = write(notes.parent / "outside", {"a.md": "外面"})
    (notes / "link.md").symlink_to(outside / "a.md")
    ran = await run("doctor", *where)
    assert ran.code == 1
    assert "✗ Skipped link.md: a link that leads out of the notes folder" in ran.out.splitlines()


async def test_a_database_that_is_none_is_a_fault(run: Program, where: Where, data: Path) -> None:
    write(data, {"state.sqlite": "shopping list\n" * 100})
    ran = await run("doctor", *where)
    assert (ran.code, ran.err) == (1, "")
    assert "✗ The database cannot be opened: " in ran.out
    assert "file is not a database" in ran.out


async def test_what_doctor_says_to_type_can_be_typed(run: Program, tmp_path: Path, ollama: FakeOllama) -> None:
    notes, data = write(tmp_path / "my notes", NOTES), tmp_path / "my $data"
    ran = await run("doctor", "--notes", notes, "--data", data, **with_model(ollama, name="my model"))
    (index,) = [line for line in ran.out.splitlines() if "notesbot index" in line]
    assert shlex.split(index[index.index("notesbot index") :]) == [
        "notesbot",
        "index",
        "--notes",
        str(notes),
        "--data",
        str(data),
    ]
    (pull,) = [line for line in ran.out.splitlines() if "ollama pull" in line]
    assert "Type: ollama pull 'my model' (it has: " in pull
