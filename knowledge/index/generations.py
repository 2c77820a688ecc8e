"""Index generations: the catalog to read and the one to write, which differ while a new generation is built."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from knowledge import catalog, passages, text
from knowledge.catalog import Catalog, CatalogBroken
from knowledge.passages import SplitLimits
from knowledge.search import postings_file


class IndexGenerations:
    """The generations of one vault's index: files named after what made them.

    A generation is complete once the whole vault has been through it. Readers get the wanted generation if it is complete,
    else another complete one that this program can read, else the wanted one as far as it has come.
    """

    def __init__(self, folder: Path, limits: SplitLimits, *, enriched: bool = False) -> None:
        self.folder = folder
        self._readable = f"index-{catalog.FORMAT}-{text.VERSION}"
        made_by = f"{passages.VERSION} {limits}" + (" enriched" if enriched else "")
        self.generation = f"{self._readable}-{blake2b(made_by.encode(), digest_size=4).hexdigest()}"
        self._open: dict[Path, Catalog] = {}

    def to_write(self) -> Catalog:
        """The wanted generation; a file that SQLite cannot read is replaced by an empty one."""
        return self._opened(self.folder / f"{self.generation}.sqlite")

    def to_read(self) -> Catalog:
        """The best generation there is at this moment."""
        wanted = self.to_write()
        if wanted.is_complete():
            return wanted
        others = (self._opened(file) for file in self._others() if file.name.startswith(f"{self._readable}-"))
        return next((other for other in others if other.is_complete()), wanted)

    def begin_anew(self) -> Catalog:
        """Throw the wanted generation away (it was found broken) and start it again."""
        file = self.folder / f"{self.generation}.sqlite"
        self._forget(file)
        return self._opened(file)

    def drop_others(self) -> None:
        """Delete every generation but the wanted one; one that another process still reads may stay until next time."""
        for file in self._others():
            self._forget(file)

    def close(self) -> None:
        for opened in self._open.values():
            opened.close()
        self._open.clear()

    def _others(self) -> list[Path]:
        files = self.folder.glob("index-*.sqlite")
        return sorted(file for file in files if file.stem != self.generation)

    def _opened(self, file: Path) -> Catalog:
        if file not in self._open:
            try:
                self._open[file] = Catalog(file)
            except CatalogBroken:
                self._forget(file)
                self._open[file] = Catalog(file)
        return self._open[file]

    def _forget(self, file: Path) -> None:
        opened = self._open.pop(file, None)
        if opened:
            opened.close()
        for suffix in ("", "-wal", "-shm"):
            try:
                file.with_name(file.name + suffix).unlink(missing_ok=True)
            except PermissionError:
                return  # Windows keeps a file that somebody reads
        postings_file.delete_all(file)
