"""Cut notes go in, one transaction each; passages, their terms and the cached vectors come out: one SQLite file, all derived."""

from knowledge.catalog.file import CatalogBroken, CatalogFull
from knowledge.catalog.store import Catalog
from knowledge.catalog.tables import FORMAT
from knowledge.catalog.values import Entry, Indexed, Known, NoteRow

__all__ = ["FORMAT", "Catalog", "CatalogBroken", "CatalogFull", "Entry", "Indexed", "Known", "NoteRow"]
