"""What stands in deploy/: the pinned versions, and the files for containers and systemd beside the settings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.settings import load_settings
from tests.conftest import REPOSITORY

PIN = re.compile(r"^([\w.-]+)==([\w.+!-]+)", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    text = (REPOSITORY / "deploy" / name).read_text(encoding="utf-8")
    return {(re.sub(r"[-_.]+", "-", package).lower(), version) for package, version in PIN.findall(text)}


def test_what_has_digests_is_what_is_pinned() -> None:
    assert pins("requirements.txt") == pins("constraints.txt")


def test_every_pinned_version_has_a_digest() -> None:
    text = (REPOSITORY / "deploy" / "requirements.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


DEPLOY = REPOSITORY / "deploy"
VARIABLE = re.compile(r"NOTESBOT_[A-Z]+(?:__[A-Z_]+)?")
VALUES = {"NOTESBOT_MODEL__URL": "http://ollama:11434", "NOTESBOT_STATE__URL": "postgresql+psycopg://notesbot@postgres/notesbot"}


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "compose.postgres.yaml", "notesbot.service"])
def test_every_variable_that_a_deployment_sets_is_a_setting(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    variables = set(VARIABLE.findall(re.sub(r"\$\{[^}]*\}|^#.*", "", text, flags=re.MULTILINE)))
    assert variables
    monkeypatch.chdir(tmp_path)
    for variable in variables:
        monkeypatch.setenv(variable, VALUES.get(variable, str(tmp_path)))
    sections = load_settings(None).model_dump()
    for variable in variables:
        section, _, key = variable.removeprefix("NOTESBOT_").lower().partition("__")
        assert (key in sections[section]) if key else (section in sections)


def test_the_containers_go_together() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    services_with_postgres = yaml.safe_load((DEPLOY / "compose.postgres.yaml").read_text(encoding="utf-8"))["services"]
    assert (DEPLOY.parent / services["bot"]["build"]["dockerfile"]).is_file()
    for one in (*services.values(), *services_with_postgres.values()):
        assert set(one.get("depends_on", ())) <= services.keys() | services_with_postgres.keys()


def test_programs_get_more_time_to_stop_than_they_take() -> None:
    grace = load_settings(None).run.grace_s
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]["stop_grace_period"]
    unit = re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / "notesbot.service").read_text(encoding="utf-8"))
    assert unit
    assert min(int(compose.rstrip("s")), int(unit[1])) >= grace + 10


def test_the_image_leaves_out_only_what_is_pinned_and_nothing_that_we_ask_for() -> None:
    left_out = set((DEPLOY / "unused.txt").read_text(encoding="utf-8").split())
    assert {name.replace("_", "-") for name in left_out} <= {package for package, _ in pins("constraints.txt")}
    own = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert not left_out & {re.split(r"[^\w.-]", one)[0] for one in own}
