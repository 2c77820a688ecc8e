"""The program as people start it: words go in, and what it printed and its exit code come out."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from tests.bot.cli.starting import Starter

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished run."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects that were printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Runs `notesbot` in a folder; nothing of the person who runs the tests gets in."""

    folder: Path
    starter: Starter | None = None
    """Without it, every start is a cold one."""

    async def __call__(self, *words: str | Path, typed: str | bytes = "", cold: bool = False, **environment: str) -> Ran:
        """Run it with `typed` as its input; `cold` starts a new Python, which takes a second more."""
        line = typed.encode("utf-8") if isinstance(typed, str) else typed
        return await asyncio.to_thread(self._run, [str(word) for word in words], line, cold, self.environment(environment))

    def _run(self, words: list[str], typed: bytes, cold: bool, environment: Mapping[str, str]) -> Ran:
        with TemporaryFile() as standard_input, TemporaryFile() as out, TemporaryFile() as err:
            standard_input.write(typed)
            standard_input.seek(0)
            if cold or not self.starter:
                command = [sys.executable, "-m", "bot", *words]
                streams = {"stdin": standard_input, "stdout": out, "stderr": err}
                code = subprocess.run(command, cwd=self.folder, env=environment, **streams, check=False).returncode  # type: ignore[call-overload]
            else:
                code = self.starter.run(words, self.folder, environment, [standard_input.fileno(), out.fileno(), err.fileno()])
            return Ran(code=code, out=_content(out), err=_content(err))

    async def shell(self, line: str) -> Ran:
        """A line for the shell in which `notesbot` is the program, and whose exit code is that of its first part."""
        named = line.replace("notesbot", f"'{sys.executable}' -m bot", 1)
        process = await asyncio.create_subprocess_exec(
            *("bash", "-c", f"{named}; exit ${{PIPESTATUS[0]}}"),
            cwd=self.folder,
            env=self.environment({}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Ran(code=process.returncode or 0, out=out.decode("utf-8"), err=err.decode("utf-8"))

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {"PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(self.folder / "xdg"), "LC_ALL": "C.UTF-8"}
        return {**os.environ, **own, **more}


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8")


async def exchange(run: Program, words: str, *where: str | Path) -> list[dict[str, str]]:
    """What a person asked and what the product itself answered, as a questions file has it; nothing of it is kept."""
    (run.folder / "exchange.jsonl").write_text(json.dumps({"question": words}), encoding="utf-8")
    (answer,) = (await run("ask", "--json", "--questions", "exchange.jsonl", *where)).objects
    return [{"role": "user", "content": words}, {"role": "assistant", "content": answer["answer"]}]
