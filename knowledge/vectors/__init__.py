"""Vectors and nearest neighbours; the only package that knows Chroma and embedding models."""

from knowledge.vectors.chroma import ChromaVectors
from knowledge.vectors.embeddings import Embedder, EmbeddingFailed, HashedNgrams, OllamaEmbedder
from knowledge.vectors.stores import ExactVectors, Vector, Vectors, VectorsBroken, VectorsTaken, feed

__all__ = [
    "ChromaVectors",
    "Embedder",
    "EmbeddingFailed",
    "ExactVectors",
    "HashedNgrams",
    "OllamaEmbedder",
    "Vector",
    "Vectors",
    "VectorsBroken",
    "VectorsTaken",
    "feed",
]
