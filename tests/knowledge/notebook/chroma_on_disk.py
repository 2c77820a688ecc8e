"""What lies in a notebook's Chroma folder when nobody holds it, and what should."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
from chromadb import PersistentClient
from chromadb.config import Settings

from knowledge.catalog import Catalog
from knowledge.vectors import Vector

Directions = dict[int, list[float]]
"""Vectors of length one by their rows, rounded."""


def vectors_in_chroma(data: Path) -> Directions:
    """There is one collection."""
    with closing(PersistentClient(str(data / "chroma"), Settings(anonymized_telemetry=False))) as client:
        (collection,) = client.list_collections()
        found = client.get_collection(collection.name, embedding_function=None).get(include=["embeddings"])
    return {int(row): direction(vector) for row, vector in zip(found["ids"], found["embeddings"], strict=True)}


def vectors_in_catalog(file: Path, model: str) -> Directions:
    """What should lie there."""
    with closing(Catalog(file)) as catalog:
        return {row: direction(vector) for row, vector, _ in catalog.vectors(model, catalog.rows().tolist())}


def is_made(data: Path) -> bool:
    """True once a folder that was not there, or was marked as broken, has been opened."""
    return (data / "chroma" / "chroma.sqlite3").exists() and not (data / "chroma.busy").exists()


def direction(vector: Vector) -> list[float]:
    wide = np.asarray(vector, np.float64)
    unit: list[float] = (np.round(wide / np.linalg.norm(wide), 2) + 0.0).tolist()
    return unit
