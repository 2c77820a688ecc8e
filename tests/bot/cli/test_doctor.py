"""`notesbot doctor`, with everything well and with one thing after the other broken."""

from __future__ import annotations

import asyncio
import os
import shlex
import stat
import sys
from pathlib import Path

import pytest

from bot.storage import AccessList, TurnStore
from knowledge.text.query_terms import EVERYDAY
from tests.bot.cli.running import Program
from tests.bot.making import NOTES, write
from tests.fakes.ollama import BGE, QWEN, TAGS, FakeModel, FakeOllama, Reply
from tests.fakes.telegram import FakeTelegram

Where = tuple[str | Path, ...]
LEFT_OUT = (
    "✓ telegram: no token, so it is left out (NOTESBOT_TELEGRAM__TOKEN or telegram.token_file)",
    "✓ discord: no token, so it is left out (NOTESBOT_DISCORD__TOKEN or discord.token_file)",
)


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
    assert lines[4:] == ["✓ Embedding: built in (no model needed)", *LEFT_OUT, "No problems found."]
    assert (chinese.code, chinese.out.splitlines()[-1]) == (0, "一切正常。")


async def test_with_a_model_and_an_embedding_model_on_another_server_all_is_well(
    run: Program, where: Where, ollama: FakeOllama
) -> None:
    async with FakeOllama(models=[BGE]) as other:
        model = {**with_model(ollama, embedding="bge-m3"), "NOTESBOT_EMBEDDING__URL": other.url}
        await run("index", *where, **model)
        ran = await run("doctor", *where, **model)
        assert ran.code == 0
        assert f"✓ Model: qwen3:8b at {ollama.url}, a window of 8192 tokens" in ran.out.splitlines()
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
    assert missing.out.splitlines()[-5:] == [
        f"✗ Ollama does not have the model gemma3:4b. Type: ollama pull gemma3:4b ({there})",
        f"✗ Ollama does not have the model nomic-embed-text. Type: ollama pull nomic-embed-text ({there})",
        *LEFT_OUT,
        "Problems found: 3.",
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


async def test_a_platform_that_nobody_may_use_is_a_fault_until_somebody_is_let_in(run: Program, where: Where, data: Path) -> None:
    async with FakeTelegram() as telegram:
        token = {"NOTESBOT_TELEGRAM__TOKEN": telegram.token, "NOTESBOT_TELEGRAM__API_URL": telegram.url}
        await run("index", *where)
        nobody = await run("doctor", *where, **token)
        assert nobody.code == 1
        assert "✗ telegram: nobody can use the bot. Type: notesbot pair (or set telegram.admins)" in nobody.out.splitlines()
        assert nobody.out.count("telegram:") == 1  # the platform's own lines say nothing of it again
        assert [LEFT_OUT[0] in nobody.out, LEFT_OUT[1] in nobody.out] == [False, True]
        state = await TurnStore.open_file(data / "state.sqlite")
        people = AccessList(state.database)
        await people.allow("telegram", "user", "9", by="pairing")
        no_admin = await run("doctor", *where, **token)
        assert no_admin.code == 0
        assert "✓ telegram: there is no admin, so nobody can use /allow and /deny." in no_admin.out
        await people.allow("telegram", "admin", "8", by="pairing")
        await state.close()
        well, of_settings = await asyncio.gather(
            run("doctor", *where, **token), run("doctor", *where, **token, NOTESBOT_TELEGRAM__ADMINS="[7]")
        )
        assert (well.code, of_settings.code) == (0, 0)
        assert "✓ telegram: let in: 2 people, 0 places" in well.out.splitlines()
        assert "✓ telegram: let in: 3 people, 0 places" in of_settings.out.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="files have no mode there")
async def test_a_token_file_that_others_may_read_is_a_fault(run: Program, where: Where, tmp_path: Path) -> None:
    async with FakeTelegram() as telegram:
        file = tmp_path / "token"
        file.write_text(telegram.token, encoding="utf-8")
        file.chmod(0o644)
        settings = {
            "NOTESBOT_TELEGRAM__TOKEN_FILE": str(file),
            "NOTESBOT_TELEGRAM__API_URL": telegram.url,
            "NOTESBOT_TELEGRAM__ADMINS": "[7]",
        }
        await run("index", *where)
        ran = await run("doctor", *where, **settings)
        fault = f"✗ telegram: other accounts of this machine may read the token file {file}. Type: chmod 600 {file}"
        assert ran.code == 1
        assert fault in ran.out.splitlines()
        file.chmod(0o600)
        assert (await run("doctor", *where, **settings)).code == 0


async def test_a_database_that_cannot_say_who_may_use_the_bots_is_named_once(run: Program, where: Where, data: Path) -> None:
    write(data, {"state.sqlite": "shopping list\n" * 100})
    async with FakeTelegram() as telegram:
        token = {"NOTESBOT_TELEGRAM__TOKEN": telegram.token, "NOTESBOT_TELEGRAM__API_URL": telegram.url}
        ran = await run("doctor", *where, **token)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.count("The database cannot be opened: ") == 1
    assert "nobody can use the bot" not in ran.out


def modes(folder: Path) -> dict[str, str]:
    """Who may do what, by path, with the folder itself."""
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode)) for path in (folder, *folder.rglob("*"))}


@pytest.mark.skipif(os.name != "posix", reason="no such permissions")
async def test_whatever_is_written_is_for_its_owner_alone(run: Program, where: Where, data: Path) -> None:
    await run("ask", *where, "粥要煮多久？", cold=True)
    await run("chat", where[1], "--data", data, typed="记住：我住在成都。\n/forget all yes\n/quit\n", cold=True)
    found = {path: mode for path, mode in modes(data).items() if mode not in ("0o700", "0o600")}
    assert found == {}
    assert {"state.sqlite"} < set(modes(data))


@pytest.mark.skipif(os.name != "posix", reason="no such permissions")
async def test_what_an_older_version_left_open_is_found_and_closed(
    run: Program, where: Where, data: Path, tmp_path: Path
) -> None:
    await run("index", *where)
    foreign = data / "holiday.jpg"
    foreign.write_bytes(b"")
    outside = tmp_path / "outside"
    outside.write_bytes(b"")
    (data / "notes" / "link").symlink_to(outside)
    for path in (data, *data.rglob("*"), outside):
        path.chmod(0o755 if path.is_dir() else 0o644)
    ran = await run("doctor", *where)
    assert ran.code == 1
    line = next(line for line in ran.out.splitlines() if "Other accounts" in line)
    assert line.endswith(f"Type: notesbot doctor --fix --data {data}")
    assert (await run("doctor", *where, "--fix")).code == 0
    left_open = {path for path, mode in modes(data).items() if mode not in ("0o700", "0o600")}
    assert left_open == {"holiday.jpg", "notes/link"}
    assert oct(stat.S_IMODE(outside.stat().st_mode)) == "0o644"
