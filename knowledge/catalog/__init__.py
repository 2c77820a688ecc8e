"""Catalog of passages, terms and cached vectors: one SQLite file, all derived, one transaction per note."""

from knowledge.catalog.catalog import Catalog
from knowledge.catalog.schema import FORMAT, CatalogBroken, CatalogFull, Entry, Indexed, NoteRecord, NoteRow, RefusedNote

__all__ = ["FORMAT", "Catalog", "CatalogBroken", "CatalogFull", "Entry", "Indexed", "NoteRecord", "NoteRow", "RefusedNote"]
