"""Seconds until each command has done its work, and memory: `python -m tests.benchmarks.startup [NOTES]`."""

from __future__ import annotations

import os
import pty
import resource
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
BOT = [sys.executable, "-m", "bot"]


def main() -> None:
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("knowledge/samples")
    with tempfile.TemporaryDirectory() as folder:
        notes, data = Path(folder, "notes"), Path(folder, "data")
        subprocess.run(["cp", "-r", given, notes], check=True)
        subprocess.run(["chmod", "-R", "u+w", notes], check=True)
        options = ["--notes", str(notes), "--data", str(data)]
        baseline = median([run([sys.executable, "-c", "pass"]) for _ in range(RUNS)])
        show("python -c pass", baseline, baseline)
        show("notesbot --help", median([run([*BOT, "--help"]) for _ in range(RUNS)]), baseline)
        show("first index", run([*BOT, "index", *options]), baseline)
        unchanged = median([run([*BOT, "index", *options]) for _ in range(RUNS)])
        show("index, nothing changed", unchanged, baseline)
        touched = next(notes.rglob("*.md"))
        touched.write_text(touched.read_text(encoding="utf-8") + "\n新的一行。\n", encoding="utf-8")
        show("index after touching one note", run([*BOT, "index", *options]), baseline)
        show("ask one question", median([run([*BOT, "ask", "什么是注意力", *options]) for _ in range(RUNS)]), baseline)
        prompts = [chat_until_prompt([*BOT, "chat", str(notes), "--data", str(data)]) for _ in range(RUNS)]
        show("chat until the prompt, indexed", median([seconds for seconds, _ in prompts]), baseline)
        print(f"peak memory of chat, one question asked, Chroma open: {max(kilobytes for _, kilobytes in prompts) / 1024:.0f} MB")


def show(what: str, seconds: float, baseline: float) -> None:
    print(f"{what:32} {seconds:6.2f} s   {seconds / baseline:6.1f} x an empty Python")


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def run(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def chat_until_prompt(command: list[str]) -> tuple[float, int]:
    """Start a chat on a terminal of its own; seconds until it asks for a line, and its peak memory in kilobytes."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    read_until(terminal, "›")
    seconds = time.perf_counter() - started
    os.write(terminal, "什么是注意力\r".encode())
    read_for(terminal, 8)
    os.write(terminal, b"\x04")
    read_for(terminal, 2)
    _, _, usage = os.wait4(child, 0)
    return seconds, usage.ru_maxrss


def read_until(terminal: int, wanted: str) -> None:
    seen = b""
    while wanted.encode() not in seen:
        seen += os.read(terminal, 4096)


def read_for(terminal: int, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                os.read(terminal, 4096)
            except OSError:
                return


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
