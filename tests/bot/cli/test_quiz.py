"""`notesbot quiz` and `notesbot export cards`, as people start them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.running import Program
from tests.bot.making import write
from tests.fakes.ollama import QWEN, FakeOllama

ANSWERS = {"capital": "Paris", "colour": "Blue"}


@pytest.fixture
def where(tmp_path: Path) -> tuple[str | Path, ...]:
    notes = write(tmp_path / "notes", {"facts.md": "# Facts\n\nWhich capital?::Paris\n\nWhich colour?::Blue\n"})
    return ("--notes", notes, "--data", tmp_path / "data")


async def test_a_pipe_answers_rates_and_sees_the_source(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("quiz", *where, typed="Paris\ns\n3\n\n4\n", LC_ALL="en_US.UTF-8")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out.index("Which capital?") < ran.out.index("✅ Right") < ran.out.index("facts.md") < ran.out.index("Which colour?")
    )
    assert "> Paris" in ran.out
    assert "Done, 2 cards: again 0, hard 0, good 1, easy 1." in ran.out


async def test_the_end_of_the_input_ends_the_quiz_and_what_was_rated_is_kept(run: Program, where: tuple[str | Path, ...]) -> None:
    await run("quiz", *where, typed="\n3\n")
    ran = await run("export", "cards", "--format", "json", "--output", "-", *where)
    assert [entry["rating"] for entry in json.loads(ran.out)] == [3]


async def test_undo_and_quit(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("quiz", *where, typed="\n1\nu\n\n4\nq\n")
    assert "The last rating is taken back." in ran.out
    assert "Done, 1 cards: again 0, hard 0, good 0, easy 1." in ran.out


async def test_numbers_are_answers_before_the_answer_is_shown(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("quiz", *where, typed="3\n3\nq\n")
    assert "Not quite" in ran.out
    assert "Done, 1 cards" in ran.out


async def test_an_unknown_topic_fails_and_names_near_ones(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("quiz", "factz", *where)
    assert ran.code == 1
    assert "No cards about" in ran.out
    assert "/quiz Facts" in ran.out


async def test_cards_are_written_to_files(run: Program, where: tuple[str | Path, ...], tmp_path: Path) -> None:
    ran = await run("export", "cards", *where)
    assert (ran.code, ran.out, ran.err[:21]) == (0, "", "notesbot-cards.apkg: ")
    assert (tmp_path / "notesbot-cards.apkg").read_bytes().startswith(b"PK")
    ran = await run("export", "cards", "--format", "csv", "--output", "-", *where)
    assert "Which colour?,Blue,pair,facts.md,5-5,Facts," in ran.out


async def test_a_log_of_reviews_comes_back_in(run: Program, where: tuple[str | Path, ...], tmp_path: Path) -> None:
    await run("quiz", *where, typed="\n3\n\n4\n")
    file = tmp_path / "reviews.json"
    await run("export", "cards", "--format", "json", "--output", file, *where)
    elsewhere = (*where[:2], "--data", tmp_path / "other")
    ran = await run("quiz", "--import", file, *elsewhere, typed="q\n")
    assert "Reviews imported: 2; of cards that are not here: 0." in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quiz", "--import", "missing.json"), "notesbot: missing.json: cannot be read: No such file or directory"),
        (("export", "cards", "--output", "no/such/folder"), "notesbot: no/such/folder: cannot be written: "),
    ],
)
async def test_a_bad_file_ends_with_one_line(
    run: Program, where: tuple[str | Path, ...], words: tuple[str, ...], said: str
) -> None:
    ran = await run(*words, *where)
    assert ran.code == 2
    assert ran.err.startswith(said)
    assert ran.err.count("\n") == 1


async def test_a_bad_time_zone_is_named_by_every_command(run: Program, where: tuple[str | Path, ...]) -> None:
    for command in ("quiz", "index"):
        ran = await run(command, *where, NOTESBOT_QUIZ__TIMEZONE="Mars")
        said = "Input should be a time zone such as Asia/Shanghai, not 'Mars' (it sets quiz.timezone)"
        assert (ran.code, ran.err) == (2, f"notesbot: NOTESBOT_QUIZ__TIMEZONE: {said}\n")


async def test_an_export_writes_over_no_file_unasked(run: Program, where: tuple[str | Path, ...]) -> None:
    (run.folder / "cards.csv").write_text("mine", encoding="utf-8")
    words = ("export", "cards", "--format", "csv", "--output", "cards.csv", *where)
    ran = await run(*words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--force" in ran.err
    assert (run.folder / "cards.csv").read_text(encoding="utf-8") == "mine"
    assert (await run(*words, "--force")).code == 0
    assert (run.folder / "cards.csv").read_text(encoding="utf-8") != "mine"


async def test_where_nothing_is_rated_the_export_says_so(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("export", "feedback", *where, NOTESBOT_LANGUAGE="en")
    assert (ran.code, ran.out, ran.err) == (0, "", "No answer has been rated yet.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stats",), "You have no reviews yet"),
        (("timezone", "asia/shanghai"), "Your time zone is Asia/Shanghai"),
        (("new", "25"), "New cards a day: 25 at most."),
        (("retention", "85"), "Target retention is now 85%."),
        (("remind", "20:00"), "Reminders come from the bot in a private chat"),
        (("undo",), "There is no rating to take back."),
        (("due",), "Nothing is due now."),
    ],
)
async def test_words_that_ask_nothing_are_obeyed(
    run: Program, where: tuple[str | Path, ...], words: tuple[str, ...], said: str
) -> None:
    ran = await run("quiz", *words, *where, LC_ALL="en_US.UTF-8")
    assert (ran.code, ran.err) == (0, "")
    assert said in ran.out
    assert "Which capital?" not in ran.out


async def test_an_export_from_within_the_terminal_is_a_file_here(
    run: Program, where: tuple[str | Path, ...], tmp_path: Path
) -> None:
    ran = await run("quiz", "export", "csv", *where)
    assert (ran.code, "notesbot-cards.csv" in ran.out) == (0, True)
    assert "Which colour?,Blue" in (tmp_path / "notesbot-cards.csv").read_text(encoding="utf-8-sig")


async def test_reviews_go_from_one_persons_account_to_anothers(
    run: Program, where: tuple[str | Path, ...], tmp_path: Path
) -> None:
    await run("quiz", *where, typed="\n3\n\n4\n")
    file = tmp_path / "reviews.json"
    await run("export", "cards", "--format", "json", "--output", file, *where)
    ran = await run("quiz", "--import", file, "--person", "telegram:77", *where, LC_ALL="en_US.UTF-8")
    assert (ran.code, ran.out) == (0, "Reviews imported: 2; of cards that are not here: 0.\n")
    theirs = await run("export", "cards", "--format", "json", "--output", "-", "--person", "telegram:77", *where)
    assert theirs.out == file.read_text(encoding="utf-8")
    again = await run("quiz", "--import", file, "--person", "telegram:77", *where, LC_ALL="en_US.UTF-8")
    assert "Reviews imported: 0;" in again.out


async def test_a_person_without_a_platform_is_refused(run: Program, where: tuple[str | Path, ...]) -> None:
    ran = await run("quiz", "--person", "77", *where)
    assert (ran.code, ran.err) == (2, "notesbot: --person 77: give a platform and an id, as telegram:123 or discord:123\n")


async def test_other_names_of_the_notes_are_right(run: Program, tmp_path: Path) -> None:
    notes = {"facts.md": "# Facts\n\nWhat retrieves first?::RAG\n\n检索增强生成（RAG）很常用，检索增强生成先找资料再回答问题。\n"}
    where = ("--notes", write(tmp_path / "notes", notes), "--data", tmp_path / "data")
    await run("index", *where)
    ran = await run("quiz", "-n", "1", *where, typed="检索增强生成\n3\n", LC_ALL="en_US.UTF-8")
    assert "✅ Right" in ran.out


async def test_the_model_has_a_say_in_what_was_typed_and_the_person_the_last_word(
    run: Program, where: tuple[str | Path, ...], ollama: FakeOllama
) -> None:
    ollama.always("RIGHT")
    model = {"NOTESBOT_MODEL__NAME": QWEN.name, "NOTESBOT_MODEL__URL": ollama.url, "LC_ALL": "en_US.UTF-8"}
    ran = await run("quiz", "-n", "1", *where, typed="the city on the Seine\n1\nq\n", **model)
    assert "✅ Right" in ran.out
    assert "again 1, hard 0, good 0, easy 0" in ran.out
    alone = await run("quiz", "-n", "1", *where, typed="the town on the Seine\n3\n", NOTESBOT_QUIZ__JUDGE="false", **model)
    assert "❌ Not quite" in alone.out
    assert len(ollama.chats) == 1


async def test_what_was_failed_is_remembered_as_hard(run: Program, where: tuple[str | Path, ...]) -> None:
    await run("quiz", *where, typed="\n1\nq\n")
    ran = await run("chat", where[1], *where[2:], typed="/memory\n/quit\n", LC_ALL="en_US.UTF-8")
    assert "Facts (found hard" in ran.out
