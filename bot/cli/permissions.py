"""Whether other accounts of this machine may read what notesbot keeps, and how to end that; POSIX only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

OURS = ("state.sqlite*", "notes", "*_history", "*.lock", "evaluations.jsonl")
"""A data folder may be one that holds other things too."""
OTHERS = 0o077
FOLDER, FILE = 0o700, 0o600


def open_to_others(folder: Path) -> tuple[Path, ...]:
    """What is ours in the data folder, and that folder, where another account may read, write or enter it."""
    if os.name != "posix" or not folder.is_dir():
        return ()
    ours = [path for pattern in OURS for path in folder.glob(pattern)]
    return tuple(path for path in (folder, *ours, *(below for path in ours for below in _below(path))) if _mode(path) & OTHERS)


def close_to_others(paths: tuple[Path, ...]) -> None:
    """Leave them to their owner.

    Raises:
        OSError: they are somebody else's.
    """
    for path in paths:
        path.chmod(FOLDER if path.is_dir() else FILE)


def _below(folder: Path) -> Iterator[Path]:
    """Links lead elsewhere and are left out."""
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(where, name)
            if not path.is_symlink() and (path.is_dir() or path.is_file()):
                yield path


def _mode(path: Path) -> int:
    """What is gone meanwhile is open to nobody."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0
