"""The program as people start it: words go in, and what it printed and its exit code come out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    async def __call__(self, *words: str | Path, typed: str | bytes = "", **environment: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *map(str, words)),
            cwd=self.folder,
            env=self.environment(environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(typed.encode("utf-8") if isinstance(typed, str) else typed)
        return Ran(code=process.returncode or 0, out=out.decode("utf-8"), err=err.decode("utf-8"))

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
