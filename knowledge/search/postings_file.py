"""Postings of a catalog in a file that a start maps into memory instead of building them again.

The file is derived twice over: without it, or when it is broken or of another catalog, the postings are built from the
catalog. It is written under another name, and renamed once it is whole; its name says which catalog it is of, and up to
which row. What was indexed later is added by whoever reads it.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.catalog import Catalog
from knowledge.search.bm25 import Bm25Index, Postings, Rows, build_postings, merge_postings

log = logging.getLogger(__name__)

FORMAT = 1
TYPES = {"rows": "<i8", "lengths": "<f4", "terms": "<i8", "offsets": "<i8", "docs": "<i4", "counts": "<u2"}
HEADER, ALIGNED = 1024, 64
"""Bytes."""
FEW, FEW_SHARE = 100, 0.01
"""Passages, and a share of all: as many may be added at each start; once there are more, the file is written anew."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PostingsFile:
    """What a file holds."""

    postings: Postings
    floor: float
    """See `floor`, for as many passages as the postings have."""


def last_stored(catalog: Catalog) -> int:
    """The last row that is in a file; 0 when there is none."""
    return max((_row_of(file) for file in _files(catalog)), default=0)


def load(catalog: Catalog) -> PostingsFile | None:
    """The newest file that is whole; one that is not is deleted."""
    for file in sorted(_files(catalog), key=_row_of, reverse=True):
        try:
            return _read(file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.info("%s: not used: %s", file, error)
            _delete(file)
    return None


def bring_up_to_date(catalog: Catalog, floor_of: Callable[[Bm25Index], float]) -> None:
    """Write the postings anew when much has changed; a disk that is full costs the next start some seconds, nothing else."""
    live = catalog.rows()
    last = last_stored(catalog)
    few = FEW + FEW_SHARE * len(live)
    if np.count_nonzero(live > last) <= few:
        return
    stored = load(catalog)
    postings = _merged(stored.postings if stored else None, catalog, live)
    catalog.make_durable()  # a row that a power cut takes back will be another passage's
    try:
        _write(catalog, PostingsFile(postings=postings, floor=floor_of(Bm25Index([postings]))))
    except OSError as error:
        log.warning("%s: the postings are not kept: %s", catalog.file.parent, error)


def delete_all(catalog_file: Path) -> None:
    """Delete the files of a catalog that is gone."""
    for file in catalog_file.parent.glob(f"{catalog_file.stem}.*.postings*"):
        _delete(file)


def _merged(stored: Postings | None, catalog: Catalog, live: Rows) -> Postings:
    last = int(stored.rows[-1]) if stored else 0
    fresh = build_postings(catalog.keys_after(last))
    return merge_postings([stored, fresh] if stored else [fresh], live=live)


def _files(catalog: Catalog) -> list[Path]:
    return list(catalog.file.parent.glob(f"{catalog.file.stem}.{catalog.birth():x}.*.postings"))


def _row_of(file: Path) -> int:
    found = re.search(r"\.(\d+)\.postings$", file.name)
    return int(found[1]) if found else 0


def _write(catalog: Catalog, stored: PostingsFile) -> None:
    postings = stored.postings
    arrays = {name: np.ascontiguousarray(getattr(postings, name), dtype) for name, dtype in TYPES.items()}
    name = f"{catalog.file.stem}.{catalog.birth():x}.{int(postings.rows[-1])}.postings"
    file = catalog.file.with_name(name)
    unfinished = file.with_name(f"{name}.{os.getpid()}")
    try:
        _fill(unfinished, arrays, stored.floor)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    for other in catalog.file.parent.glob(f"{catalog.file.stem}.*.postings"):
        if other != file:
            _delete(other)


def _fill(file: Path, arrays: dict[str, np.typing.NDArray[np.generic]], floor: float) -> None:
    checksum = 0
    with file.open("wb") as out:
        out.seek(HEADER)
        for array in arrays.values():
            padded = array.tobytes() + bytes(-array.nbytes % ALIGNED)
            checksum = zlib.crc32(padded, checksum)
            out.write(padded)
        sizes = {name: len(array) for name, array in arrays.items()}
        header = {"format": FORMAT, "sizes": sizes, "bytes": out.tell(), "checksum": checksum, "floor": floor}
        out.seek(0)
        out.write(json.dumps(header).encode().ljust(HEADER))
        out.flush()
        os.fsync(out.fileno())


def _read(file: Path) -> PostingsFile:
    """Map it.

    Raises:
        ValueError, KeyError, TypeError, OSError: it is not whole.
    """
    with file.open("rb") as opened:
        header = json.loads(opened.read(HEADER))
        size = os.fstat(opened.fileno()).st_size
        if header["format"] != FORMAT or header["bytes"] != size:
            raise ValueError("another format, or not all of it")
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    if zlib.crc32(memoryview(mapped)[HEADER:]) != header["checksum"]:
        raise ValueError("it has been changed")
    arrays, at = {}, HEADER
    for name, dtype in TYPES.items():
        arrays[name] = np.frombuffer(mapped, dtype, header["sizes"][name], at)
        at += arrays[name].nbytes + -arrays[name].nbytes % ALIGNED
    return PostingsFile(postings=Postings(**arrays), floor=float(header["floor"]))


def _delete(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except PermissionError:
        return  # Windows keeps a file that somebody has mapped
