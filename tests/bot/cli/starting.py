"""Words, an environment and open files go in; `python -m bot` runs in a process of its own, and its exit code comes out.

Reading the libraries takes a second and more, and dozens of tests start the program. So one process reads them once and forks
for each run, from where on everything is as in a fresh start: its own files, environment, folder, event loop and exit. What
depends on the start itself is tested with `cold=True`, and on systems that cannot fork everything is.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LIBRARIES = "langchain_ollama alembic.command sqlalchemy.dialects.sqlite.pysqlite rich.markdown rich.live rich.progress"
LARGEST = 1 << 20
"""Bytes of one request."""


class Starter:
    """The process that forks; to be closed in the end."""

    def __init__(self, address: Path) -> None:
        self._address = address
        own = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # a process with threads cannot be forked well
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(address)], cwd=Path(__file__).parents[3], env=own, stdout=subprocess.PIPE
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"

    def run(self, words: Sequence[str], folder: Path, environment: Mapping[str, str], files: Sequence[int]) -> int:
        """Start the program with these standard input, output and error, and wait for its exit code."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._address))
            request = json.dumps([list(words), str(folder), dict(environment)]).encode()
            socket.send_fds(connection, [request], files)
            return int(connection.recv(16))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def serve(address: str) -> None:
    """Fork for every request. Returns in the process that is to be the program, with everything set up for it."""
    for package in ("bot", "knowledge"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if "__main__" not in module.name and "migrations" not in module.name and "apart" not in module.name:
                importlib.import_module(module.name)
    for library in LIBRARIES.split():
        importlib.import_module(library)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait for the program
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            with connection:
                if not os.fork():
                    listening.close()
                    if _became_the_program(connection):
                        return


def _became_the_program(connection: socket.socket) -> bool:
    """True in the program's process; this one waits for it, tells its exit code, and ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, files, _, _ = socket.recv_fds(connection, LARGEST, 3)
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        connection.sendall(str(code).encode())
        os._exit(0)
    words, folder, environment = json.loads(request)
    _become(words, folder, environment, files)
    return True


def _become(words: list[str], folder: str, environment: dict[str, str], files: Sequence[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["bot", *words]
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "rb", closefd=False)), "utf-8", "surrogateescape")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "wb", closefd=False)), "utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "wb", closefd=False)), "utf-8", "backslashreplace", line_buffering=True
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


if __name__ == "__main__":
    serve(sys.argv[1])
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
