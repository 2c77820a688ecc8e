"""Embeddings from Ollama's models, or from a built-in that needs no model and no download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.foreign_text import normalized

if TYPE_CHECKING:
    import httpx

DIMENSIONS = 256
HASH_1, HASH_2, HASH_3 = 0x9E3779B97F4A7C15 >> 2, 0xC2B2AE3D27D4EB4F >> 2, 0x165667B19E3779F9
"""Odd multipliers; products wrap around, as they should."""
TIMEOUT_S = 60.0
"""For a batch of passages; a cold model is loaded in that time."""
QUESTION_TIMEOUT_S = 5.0
"""For one question, which would rather be answered from the lexical ranking than wait."""


class EmbeddingFailed(Exception):
    """The embedding model cannot be used now; the message says why."""


class Embedder(Protocol):
    """Turns words into vectors of one length; `name` changes whenever the vectors would."""

    name: str
    share: float
    """How much its ranking counts beside the lexical one, in standard deviations for a standard deviation."""

    finds_meaning: bool
    """True when it finds what is said in other words; else it only orders what the lexical ranking found."""

    def embed(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        """One vector for each text, in order.

        Raises:
            EmbeddingFailed: no vectors now; the message names the cause.
        """

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        """The vector to compare with those of passages."""


class HashedNgrams:
    """Character n-grams hashed into a short vector (Weinberger et al., "Feature hashing", ICML 2009).

    It knows no meanings. It finds what is spelt alike where words as wholes differ (`infLM` and `InfLLM`), so it has a
    small share beside the lexical ranking, which it must never make worse.
    """

    name = f"built-in-{DIMENSIONS}-v1"
    share = 0.05
    finds_meaning = False

    def embed(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        return [_hashed(text) for text in texts]

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        return _hashed(question)


def _hashed(text: str) -> npt.NDArray[np.float32]:
    hashes = _ngram_hashes(text)
    signs = np.where(hashes & (1 << 40), 1.0, -1.0)
    sums = np.bincount((hashes >> 20) % DIMENSIONS, weights=signs, minlength=DIMENSIONS)
    damped = np.sign(sums) * np.sqrt(np.abs(sums))
    length = float(np.linalg.norm(damped))
    return (damped / length if length else damped).astype(np.float32)


def _ngram_hashes(text: str) -> npt.NDArray[np.int64]:
    """Hashes of the pairs of Chinese characters, and of every three neighbours in Latin words with their ends marked.

    Multiplicative hashing (Knuth, TAOCP 3, 6.4) of the code points, for whole arrays at a time.
    """
    points = np.frombuffer(f" {normalized('NFKC', text).lower()} ".encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    han = (points >= 0x3400) & (points <= 0x9FFF)
    pairs = (points[:-1] * HASH_1 + points[1:] * HASH_2)[han[:-1] & han[1:]]
    letters = np.where(han | ~_alphanumeric(points), 0, points)
    threes = (letters[:-2] * HASH_1 + letters[1:-1] * HASH_2 + letters[2:] * HASH_3)[letters[1:-1] > 0]
    hashes: npt.NDArray[np.int64] = np.abs(np.concatenate([pairs, threes]))
    return hashes


def _alphanumeric(points: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Digits, Latin letters, and everything above them that is no Latin punctuation: near enough for n-grams."""
    digit = (points >= 0x30) & (points <= 0x39)
    letter = (points >= 0x61) & (points <= 0x7A)
    return digit | letter | ((points >= 0xC0) & (points < 0x2000))


class OllamaEmbedder:
    """An embedding model of an Ollama server, through `langchain_ollama`."""

    share = 1.0
    finds_meaning = True

    def __init__(self, *, model: str, url: str, keep_alive_s: int = 1800) -> None:
        self.name = f"ollama/{model}"
        self._model = model
        self._url = url
        self._keep_alive_s = keep_alive_s
        self._clients: dict[float, Any] = {}
        self._connections: list[httpx.HTTPTransport] = []

    def embed(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        return self._embed(texts, TIMEOUT_S)

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        return self._embed([question], QUESTION_TIMEOUT_S)[0]

    def _embed(self, texts: Sequence[str], timeout_s: float) -> list[npt.NDArray[np.float32]]:
        import httpx
        from ollama import ResponseError

        if not texts:
            return []  # the library would ask the server for nothing
        try:
            vectors = self._client(timeout_s).embed_documents(list(texts))
        except ResponseError as error:
            raise EmbeddingFailed(f"{self.name}: {error.error}{self._remedy(error.status_code)}") from error
        except (httpx.HTTPError, ConnectionError) as error:
            raise EmbeddingFailed(f"{self.name}: no answer from {self._url} ({type(error).__name__})") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise EmbeddingFailed(f"{self.name}: {self._url} answered something that is not Ollama's") from error
        if len(vectors) != len(texts) or not all(vectors):
            raise EmbeddingFailed(f"{self.name}: {sum(map(bool, vectors))} vectors for {len(texts)} texts")
        return [np.asarray(vector, np.float32) for vector in vectors]

    def _remedy(self, status: int) -> str:
        return f" (type: ollama pull {self._model})" if status == 404 else ""

    def close(self) -> None:
        """Close the connections to the server; it may be asked again."""
        while self._connections:
            self._connections.pop().close()
        self._clients.clear()

    def _opened(self) -> httpx.HTTPTransport:
        import httpx

        self._connections.append(httpx.HTTPTransport(trust_env=False))
        return self._connections[-1]

    def _client(self, timeout_s: float) -> Any:
        """One client for each time limit: building one takes 50 ms."""
        from langchain_ollama import OllamaEmbeddings

        if timeout_s not in self._clients:
            self._clients[timeout_s] = OllamaEmbeddings(
                model=self._model,
                base_url=self._url,
                keep_alive=self._keep_alive_s,
                client_kwargs={"timeout": timeout_s, "trust_env": False},
                sync_client_kwargs={"transport": self._opened()},
            )
        return self._clients[timeout_s]
