from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsProblem, is_open_to_others, load_settings, scrub, token_of


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str | bytes, name: str = "notesbot.yaml") -> Settings:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return load_settings(Path(name))


def problem_of(text: str | bytes) -> str:
    with pytest.raises(SettingsProblem) as caught:
        read(text)
    return str(caught.value)


def test_without_a_file_everything_has_a_default() -> None:
    settings = load_settings()
    assert (settings.language, settings.data, settings.notes.folder, settings.model.name) == ("auto", None, None, "")
    assert (settings.answer.passages, settings.answer.length, settings.model.keep_alive) == (6, "normal", "30m")


def test_the_file_in_the_working_folder_is_read() -> None:
    Path("notesbot.yaml").write_text("model:\n  name: qwen3:8b\n", encoding="utf-8")
    assert load_settings().model.name == "qwen3:8b"


def test_a_file_that_is_named_is_read_instead() -> None:
    Path("notesbot.yaml").write_text("language: en\n", encoding="utf-8")
    assert read("language: zh\n", "other.yaml").language == "zh"


def test_every_section_can_be_set() -> None:
    settings = read(
        "language: zh\ndata: 数据\nnotes: {folder: 笔记, ignore: [drafts/], largest: 1000}\n"
        "model: {name: m, url: 'http://10.0.0.2:1', temperature: 0, context: 8192, answer_tokens: 64, keep_alive: 1h}\n"
        "embedding: {name: bge-m3}\nanswer: {passages: 3, excerpts: 2, characters: 50, length: short}\n"
    )
    assert (settings.data, settings.notes.folder, settings.notes.ignore) == (Path("数据"), Path("笔记"), ("drafts/",))
    assert (settings.model.temperature, settings.model.context, settings.embedding.name) == (0, 8192, "bge-m3")
    assert (settings.answer.excerpts, settings.answer.length) == (2, "short")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_sets_nothing(text: str) -> None:
    assert read(text) == Settings()


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_LANGUAGE", "en")
    assert read("language: zh\n").language == "en"


def test_a_nested_variable_changes_its_key_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_MODEL__NAME", "gemma3")
    monkeypatch.setenv("NOTESBOT_ANSWER__PASSAGES", "9")
    settings = read("model: {name: qwen3, url: 'http://there:1'}\nanswer: {excerpts: 2}\n")
    assert (settings.model.name, settings.model.url) == ("gemma3", "http://there:1")
    assert (settings.answer.passages, settings.answer.excerpts) == (9, 2)


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().model.name = "other"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("modle: {name: x}\n", "modle"),
        ("model: {nmae: x}\n", "model.nmae"),
        ("answer: {passages: 3, lenght: short}\n", "answer.lenght"),
        ("token: abc\n", "token"),
    ],
)
def test_an_unknown_key_is_named_in_one_line(text: str, key: str) -> None:
    assert problem_of(text) == f"notesbot.yaml: {key}: there is no such setting (the README lists them all)"


@pytest.mark.parametrize(
    ("text", "key", "value", "variable"),
    [
        ("language: fr\n", "language", "'fr'", "NOTESBOT_LANGUAGE"),
        ("answer: {length: medium}\n", "answer.length", "'medium'", "NOTESBOT_ANSWER__LENGTH"),
        ("answer: {passages: 0}\n", "answer.passages", "0", "NOTESBOT_ANSWER__PASSAGES"),
        ("answer: {passages: many}\n", "answer.passages", "'many'", "NOTESBOT_ANSWER__PASSAGES"),
        ("answer: {characters: 10}\n", "answer.characters", "10", "NOTESBOT_ANSWER__CHARACTERS"),
        ("model: {temperature: 2.5}\n", "model.temperature", "2.5", "NOTESBOT_MODEL__TEMPERATURE"),
        ("model: {connect_s: 0}\n", "model.connect_s", "0", "NOTESBOT_MODEL__CONNECT_S"),
        ("notes: {largest: -1}\n", "notes.largest", "-1", "NOTESBOT_NOTES__LARGEST"),
        ("model: qwen3:8b\n", "model", "'qwen3:8b'", "NOTESBOT_MODEL"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_its_variable_in_one_line(text: str, key: str, value: str, variable: str) -> None:
    said = problem_of(text)
    assert said.startswith(f"notesbot.yaml: {key}: ")
    assert said.endswith(f", not {value} (also set by {variable})")
    assert "\n" not in said


def test_a_wrong_value_in_the_environment_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_ANSWER__EXCERPTS", "lots")
    with pytest.raises(SettingsProblem, match=r"^NOTESBOT_ANSWER__EXCERPTS: .*'lots'"):
        load_settings()


def test_a_mistyped_nested_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_MODEL__NAEM", "qwen3:8b")
    with pytest.raises(SettingsProblem, match=r"model\.naem: there is no such setting"):
        load_settings()


def test_a_file_that_is_named_but_missing_is_a_problem() -> None:
    with pytest.raises(SettingsProblem) as caught:
        load_settings(Path("gone.yaml"))
    assert str(caught.value) == "gone.yaml: no such file (--config names the settings file)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model:\n  name: x\n bad: indent\n", "line 3"),
        ("model: {name: x\n", "flow mapping"),
        ("\tmodel: x\n", "cannot start any token"),
        ("- model\n- notes\n", "not a list of `section:` entries"),
        ("just words\n", "not a list of `section:` entries"),
        (b"language: \xff\xfe\n", "utf-8"),
    ],
)
def test_a_broken_file_is_described_in_one_line(text: str | bytes, said: str) -> None:
    problem = problem_of(text)
    assert problem.startswith("notesbot.yaml: ")
    assert said in problem
    assert "\n" not in problem


def test_a_folder_is_no_settings_file() -> None:
    with pytest.raises(SettingsProblem, match=r"^\.: .*directory"):
        load_settings(Path())


# What the environment may hold


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [("MODEL", "qwen3:8b", "model"), ("NOTES", "/home/ann/notes", "notes"), ("NOTES__IGNORE", "drafts/", "notes")],
)
def test_a_variable_that_is_no_json_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, key: str
) -> None:
    monkeypatch.delenv("NOTESBOT_NOTES__LIMIT_S")
    monkeypatch.setenv(f"NOTESBOT_{variable}", value)
    with pytest.raises(SettingsProblem, match=key) as caught:
        load_settings()
    assert str(caught.value).startswith(f"NOTESBOT_{variable}: ")
    assert "\n" not in str(caught.value)


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "NOTES__FOLDER", "MODEL", "MODEL__CONTEXT"):
        monkeypatch.setenv(f"NOTESBOT_{name}", "")
    assert load_settings() == read("")
    assert load_settings().data is None


# Keys


@pytest.mark.parametrize("text", ["2026: notes\n", "yes: 1\n", "null: 1\n", "_env_file: secrets.env\n", "model: {1: a}\n"])
def test_a_key_that_is_no_setting_is_named_in_one_line(text: str) -> None:
    said = problem_of(text)
    assert said.startswith("notesbot.yaml: ")
    assert "\n" not in said


@pytest.mark.parametrize("text", ["data: 2026-99-99\n", 'data: "\\x"\n'])
def test_a_value_that_is_no_yaml_is_named_in_one_line(text: str) -> None:
    said = problem_of(text)
    assert said.startswith("notesbot.yaml: ")
    assert "\n" not in said


# Addresses and durations


@pytest.mark.parametrize("key", ["model", "embedding"])
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        "http://[",
        "http://ollama:port",
        "ollama:11434",
        "127.0.0.1",
        "ftp://ollama",
        "http://",
        "http://a b",
    ],
)
def test_an_address_that_is_none_is_refused(key: str, url: str) -> None:
    said = problem_of(f"{key}: {{name: m, url: '{url}'}}\n")
    assert said.startswith(f"notesbot.yaml: {key}.url: Input should be an address such as http://127.0.0.1:11434")


@pytest.mark.parametrize("url", ["http://ollama:11434", "https://ann:secret@example.org/ollama", "http://[::1]:11434"])
def test_an_address_is_taken_as_it_is_but_for_a_last_slash(url: str) -> None:
    assert read(f"model: {{url: '{url}/'}}\n").model.url == url


def test_the_model_has_an_address_and_the_embedding_model_may_have_the_same() -> None:
    assert read("embedding: {url: ''}\n").embedding.url == ""
    assert "model.url" in problem_of("model: {url: ''}\n")


@pytest.mark.parametrize(
    ("keep_alive", "kept"),
    [("30m", "30m"), ("1h30m", "1h30m"), ("1.5h", "1.5h"), ("-1m", "-1m"), ("300", 300), ("'300'", 300), ("-1", -1), ("'0'", 0)],
)
def test_a_duration_is_a_number_of_seconds_or_as_in_go(keep_alive: str, kept: str | int) -> None:
    assert read(f"model: {{keep_alive: {keep_alive}}}\n").model.keep_alive == kept


@pytest.mark.parametrize("keep_alive", ["for ever", "''", "5 m", "30 minutes", "1.5", "true", "[1m]", "30m\u200b"])
def test_a_duration_that_ollama_would_refuse_is_refused(keep_alive: str) -> None:
    assert problem_of(f"model: {{keep_alive: {keep_alive}}}\n").startswith(
        "notesbot.yaml: model.keep_alive: Input should be a duration"
    )


# Platforms


@pytest.mark.parametrize("given", ["[12, -34]", "['12', \"-34\"]", "'12, -34'", "[12, '', -34]"])
def test_ids_are_numbers_kept_as_text(given: str) -> None:
    assert read(f"telegram: {{allowed_chats: {given}}}\n").telegram.allowed_chats == ("12", "-34")


def test_one_id_needs_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_DISCORD__ADMINS", "12")
    assert read("telegram: {admins: 34}\n").discord.admins == ("12",)
    assert read("telegram: {admins: 34}\n").telegram.admins == ("34",)


@pytest.mark.parametrize("given", ["'@ann'", "[1.5]", "[true]", "[１２]", "[1, x]"])
def test_a_name_is_no_id(given: str) -> None:
    said = problem_of(f"telegram: {{admins: {given}}}\n")
    assert said.startswith("notesbot.yaml: telegram.admins: ")
    assert "is no id, an id is a number" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("telegram: {webhook: {url: 'http://me'}}\n", "telegram.webhook: url must begin with https://"),
        ("telegram: {webhook: {port: 0}}\n", "telegram.webhook.port"),
        ("discord: {threads: {archive_minutes: 7}}\n", "discord.threads.archive_minutes"),
        ("limits: {queue: 0}\n", "limits.queue"),
        ("access: {backlog_minutes: 0}\n", "access.backlog_minutes"),
        ("run: {grace_s: -1}\n", "run.grace_s"),
    ],
)
def test_a_wrong_setting_of_a_platform_is_named(text: str, said: str) -> None:
    assert f"notesbot.yaml: {said}" in problem_of(text)


def test_a_list_in_the_environment_that_is_no_json_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_TELEGRAM__ADMINS", "1,2")
    with pytest.raises(SettingsProblem, match=r"NOTESBOT_TELEGRAM__ADMINS: telegram is set by JSON \(a list"):
        load_settings()


# Tokens

TELEGRAM = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"


@pytest.mark.parametrize("token", [TELEGRAM, DISCORD])
@pytest.mark.parametrize(
    "key", ["telegram: {token: '%s'}", "discord: {token: '%s'}", "telegram: {token_file: '%s'}", "data: '%s'"]
)
def test_a_token_in_the_file_is_refused_and_not_repeated(key: str, token: str) -> None:
    said = problem_of(key % token + "\n")
    assert "a token is not written here" in said
    assert "token_file" in said
    assert token not in said
    assert "\n" not in said


@pytest.mark.parametrize("token", ["abc", "'123'", "123"])
def test_what_stands_at_the_place_of_a_token_is_refused_whatever_it_is(token: str) -> None:
    assert "a token is not written here" in problem_of(f"telegram: {{token: {token}}}\n")


def test_a_token_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert token_of(load_settings().telegram) == ""
    Path("secret").write_text(f"{TELEGRAM}\n", encoding="utf-8")
    settings = read("telegram: {token_file: secret}\ndiscord: {token_file: secret}\n")
    assert token_of(settings.telegram) == TELEGRAM
    monkeypatch.setenv("NOTESBOT_DISCORD__TOKEN", DISCORD)
    settings = load_settings()
    assert token_of(settings.discord) == DISCORD
    assert DISCORD not in repr(settings)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "telegram.token_file: secret: No such file or directory"),
        (b"", "telegram.token_file: secret: not a Telegram token"),
        (DISCORD.encode(), "telegram.token_file: secret: not a Telegram token"),
        (f"TOKEN={TELEGRAM}".encode(), "telegram.token_file: secret: not a Telegram token"),
        (f"{TELEGRAM}\n{TELEGRAM}".encode(), "telegram.token_file: secret: not a token (one line, nothing else)"),
        (b"\xff\xfe", "telegram.token_file: secret: not a text file"),
    ],
)
def test_a_token_file_that_holds_something_else_is_named(content: bytes | None, said: str) -> None:
    if content is not None:
        Path("secret").write_bytes(content)
    with pytest.raises(SettingsProblem) as caught:
        token_of(read("telegram: {token_file: secret}\n").telegram)
    assert str(caught.value).startswith(said)
    assert TELEGRAM not in str(caught.value)


def test_a_token_file_that_others_may_read_is_noticed() -> None:
    file = Path("secret")
    file.write_text(TELEGRAM, encoding="utf-8")
    file.chmod(0o644)
    assert is_open_to_others(file)
    file.chmod(0o600)
    assert not is_open_to_others(file)


@pytest.mark.parametrize("token", [TELEGRAM, DISCORD, TELEGRAM.replace(":", "%3A")])
@pytest.mark.parametrize("around", ["[%s]", "https://api.telegram.org/bot%s/getMe", "Bot %s.", "{'token': '%s'}", "中%s文"])
def test_tokens_are_taken_out_of_any_text(token: str, around: str) -> None:
    said = scrub(around % token)
    assert token not in said
    assert said.startswith(around[:1])
    assert "[token]" in said
    assert said.endswith(around[-1])


@pytest.mark.parametrize(
    "text", ["12:30 in the notes", "第68行：交叉编码器", "a.b.c", "2026-03-01T12:00:00.000000+00:00", "sha256:" + "0" * 64]
)
def test_other_text_stays(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("folder", ["/inbox", "../inbox", "a/../../b", ".git", "a\\b"])
def test_an_inbox_outside_the_notes_is_refused(folder: str) -> None:
    assert "notes.inbox" in problem_of(f"notes:\n  inbox: '{folder}'\n")


def test_a_wrong_value_of_the_environment_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESBOT_LANGUAGE", "xx")
    assert problem_of("").startswith("NOTESBOT_LANGUAGE: Input should be 'zh', 'en' or 'auto'")
