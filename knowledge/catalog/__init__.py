"""Cut notes go in, one transaction each; passages, their terms and the cached vectors come out: one SQLite file, all derived."""

from knowledge.catalog.store import FORMAT, Catalog, CatalogBroken, CatalogFull
from knowledge.catalog.values import Entry, Indexed, Known, NoteRow

__all__ = ["FORMAT", "Catalog", "CatalogBroken", "CatalogFull", "Entry", "Indexed", "Known", "NoteRow"]
