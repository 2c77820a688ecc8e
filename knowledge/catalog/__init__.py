"""Cut notes go in, one transaction each; passages, their terms and the cached vectors come out: one SQLite file, all derived."""

from knowledge.catalog.catalog import Catalog
from knowledge.catalog.connection import CatalogBroken, CatalogFull
from knowledge.catalog.schema import FORMAT, Entry, Indexed, NoteRecord, NoteRow

__all__ = ["FORMAT", "Catalog", "CatalogBroken", "CatalogFull", "Entry", "Indexed", "NoteRecord", "NoteRow"]
