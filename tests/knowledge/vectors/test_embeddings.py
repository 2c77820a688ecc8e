from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.vectors import EmbeddingFailed, HashedNgrams, OllamaEmbedder

# The built-in


def similarity(one: str, two: str) -> float:
    left, right = HashedNgrams().embed([one, two])
    return float(left @ right)


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("infLM", "InfLLM", "attention"),
        ("检索增强", "检索增强生成", "注意力机制"),
        ("quantisation", "quantization", "distillation"),
        ("ＫＶ缓存", "KV缓存", "上下文"),
    ],
)
def test_what_is_spelt_alike_is_near(question: str, near: str, far: str) -> None:
    assert similarity(question, near) > similarity(question, far) + 0.1


@given(st.text(), st.text())
def test_vectors_have_one_length_and_one_size(one: str, two: str) -> None:
    vectors = HashedNgrams().embed([one, two])
    assert {vector.shape for vector in vectors} == {(256,)}
    for vector in vectors:
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4) or not vector.any()


@given(st.lists(st.text(max_size=20), max_size=5))
def test_a_text_has_the_same_vector_alone_and_among_others(texts: list[str]) -> None:
    embedder = HashedNgrams()
    together = embedder.embed(texts)
    assert [vector.tolist() for vector in together] == [embedder.embed_question(text).tolist() for text in texts]


def test_a_text_without_letters_has_no_direction() -> None:
    assert not HashedNgrams().embed_question("，。！ …").any()


def test_vectors_are_the_same_in_every_process() -> None:
    """They are stored; a change of the hash needs another name."""
    vector = HashedNgrams().embed_question("KV缓存")
    assert HashedNgrams.name == "built-in-256-v1"
    assert np.flatnonzero(vector).tolist() == [27, 142, 190]


# Ollama


class Server:
    """Speaks as much of Ollama's protocol as embedding needs; `answer` is what it says next."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: tuple[int, bytes] = (200, b"")
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                status, body = server.answer
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,)).start()

    def says(self, vectors: list[list[float]]) -> None:
        self.answer = (200, json.dumps({"model": "m", "embeddings": vectors}).encode())

    def fails(self, status: int, error: str) -> None:
        self.answer = (status, json.dumps({"error": error}).encode())

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def server(running: Server) -> Server:
    running.asked.clear()
    return running


def ollama(server: Server, model: str = "bge-m3") -> OllamaEmbedder:
    return OllamaEmbedder(model=model, url=server.url, keep_alive_s=60)


def test_ollama_gives_a_vector_for_each_text_in_order(server: Server) -> None:
    server.says([[1, 2], [3, 4]])
    vectors = ollama(server).embed(["一", "二"])
    assert [(vector.dtype, vector.tolist()) for vector in vectors] == [(np.float32, [1, 2]), (np.float32, [3, 4])]
    assert [(asked["model"], asked["input"], asked["keep_alive"]) for asked in server.asked] == [("bge-m3", ["一", "二"], 60)]


def test_a_question_is_embedded_alone(server: Server) -> None:
    server.says([[5, 6]])
    assert ollama(server).embed_question("什么？").tolist() == [5, 6]
    assert server.asked[0]["input"] == ["什么？"]


def test_for_no_texts_nobody_is_asked(server: Server) -> None:
    assert ollama(server).embed([]) == []
    assert server.asked == []


def test_the_name_tells_models_apart(server: Server) -> None:
    assert ollama(server, "a").name != ollama(server, "b").name


def test_a_missing_model_comes_with_its_remedy(server: Server) -> None:
    server.fails(404, 'model "bge-m3" not found')
    with pytest.raises(EmbeddingFailed, match=r"not found.*ollama pull bge-m3"):
        ollama(server).embed(["一"])


@pytest.mark.parametrize("status", [400, 500, 503])
def test_an_error_of_the_server_is_passed_on(server: Server, status: int) -> None:
    server.fails(status, "out of memory")
    with pytest.raises(EmbeddingFailed, match="out of memory"):
        ollama(server).embed_question("一")


def test_too_few_vectors_are_no_vectors(server: Server) -> None:
    server.says([[1, 2]])
    with pytest.raises(EmbeddingFailed, match="1 vectors for 2 texts"):
        ollama(server).embed(["一", "二"])


def test_a_server_that_is_not_there_is_named() -> None:
    gone = Server()
    gone.close()
    with pytest.raises(EmbeddingFailed, match=gone.url):
        ollama(gone).embed(["一"])
