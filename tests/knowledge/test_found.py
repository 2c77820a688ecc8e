"""What was found wrong; each test moves to the file of its subject once it passes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.catalog import FORMAT, Catalog
from knowledge.index.entries import entry_of
from knowledge.index.indexer import IndexGenerations
from knowledge.notebook import Notebook, Query
from knowledge.notes import NoteFile, Vault, VaultProblem, decode, parse_front_matter
from knowledge.notes.charset import Undecodable
from knowledge.passages import SplitLimits, passages_of, plain
from knowledge.search.fusion import fuse
from knowledge.text import VERSION, keys
from knowledge.vectors import ChromaVectors, EmbeddingFailed, OllamaEmbedder
from tests.knowledge.embedders import TopicEmbedder
from tests.knowledge.notebook.asking import HOBBIES, hits, index_file, wait_until
from tests.knowledge.notebook.chroma_on_disk import is_made, vectors_in_catalog, vectors_in_chroma
from tests.knowledge.writing import note_of, write_notes

HANG_GUARD_S = 20
"""Not a speed limit: what is meant to end in half a second and takes minutes is given up here."""


def texts(text: str, path: str = "note.md") -> list[str]:
    return [cut.passage.text for cut in passages_of(note_of(text, path))]


def indexed_words(text: str) -> str:
    return " ".join(cut.words for cut in passages_of(note_of(text)))


def ends_well(code: str) -> bool:
    """In a process of its own, which may crash or hang."""
    try:
        return subprocess.run([sys.executable, "-c", code], check=False, timeout=HANG_GUARD_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


# Reading files


def test_a_link_that_leads_to_itself_does_not_end_the_walk(vault: Path) -> None:
    write_notes(vault, {"a.md": "x"})
    (vault / "loop.md").symlink_to("loop.md")
    assert [file.path for file in Vault(vault).walk() if isinstance(file, NoteFile)] == ["a.md"]


def test_a_file_in_place_of_the_vault_is_called_a_file(vault: Path) -> None:
    write_notes(vault, {"a.md": "x"})
    with pytest.raises(VaultProblem, match="not a folder"):
        list(Vault(vault / "a.md").walk())


def test_a_pattern_that_cannot_be_understood_is_a_problem_of_the_vault(vault: Path) -> None:
    write_notes(vault, {"a.md": "x", ".notesbotignore": "!"})
    with pytest.raises(VaultProblem, match=r"\.notesbotignore"):
        list(Vault(vault).walk())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["# 笔记\n\n一个词一个向量，一步一步来。\n一般先查资料。\n", "一个一起一样"])
def test_utf16_without_a_mark_is_recognised_with_any_characters(encoding: str, text: str) -> None:
    """`一` is U+4E00: its zero byte stands where those of Latin characters do not."""
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("data", ["KV cache 会占显存，GQA 可以省。".encode()[:-7], "缓存占用显存缓存占用显存".encode()[:4]])
def test_a_short_note_that_ends_inside_a_character_is_refused(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(data)


# Front matter


@pytest.mark.parametrize("header", ["title: 0x" + "f" * 5000, "date: !!timestamp abc", "draft: !!bool maybe", 'order: !!int ""'])
def test_no_header_ends_the_program(header: str) -> None:
    text = f"---\n{header}\n---\n正文"
    assert text[parse_front_matter(text).end :] == "正文"


@pytest.mark.parametrize("header", ["'a: ' + '[' * 30_000", "'- ' * 30_000"])
def test_a_header_of_brackets_in_brackets_does_not_end_the_process(header: str) -> None:
    code = f"from knowledge.notes import parse_front_matter; parse_front_matter('---\\n' + {header} + '\\n---\\n')"
    assert ends_well(code)


def test_aliases_that_multiply_when_they_are_merged_are_not_written_out() -> None:
    levels = "\\n".join(f"a{at}: &a{at} {{<<: [{', '.join([f'*a{at - 1}'] * 9)}]}}" for at in range(1, 10))
    code = f"from knowledge.notes import parse_front_matter; parse_front_matter('---\\na0: &a0 {{x: 1}}\\n{levels}\\n---\\n')"
    assert ends_well(code)


def test_what_stands_between_two_rules_at_the_start_is_read() -> None:
    assert any("注意力" in text for text in texts("---\n\n今天讨论注意力。\n\n---\n\n正文。\n"))


def test_the_end_of_a_header_is_no_passage() -> None:
    assert texts("---\ntitle: 题\n...") == []


def test_the_header_of_a_plain_text_is_no_passage() -> None:
    assert texts("---\ntitle: 题\n---\n正文。", path="note.txt") == ["正文。"]


# What a person reads is in a passage


@pytest.mark.parametrize("depth", [10, 12, 20])
def test_bullets_are_read_however_deep_they_lie(depth: int) -> None:
    text = "\n".join("  " * at + f"- 第{at}层" for at in range(depth))
    assert f"第{depth - 1}层" in "".join(texts(text))


def test_a_footnote_without_blanks_is_read() -> None:
    assert "脚注的内容" in "".join(texts("正文有脚注[^1]。\n\n[^1]: 脚注的内容，中间没有空格。\n"))


@pytest.mark.parametrize(
    "code",
    ['<script src="main.js"></script>', "<!-- 初始化 -->", '<img src="a.png">', "<div><br></div>", "https://example.org/api"],
)
def test_code_is_read_as_it_stands(code: str) -> None:
    assert code in "".join(texts(f"```html\n{code}\n```\n"))


@pytest.mark.parametrize("name", ["`<script>`", "`<style>`", "`<!--`"])
def test_the_name_of_a_tag_in_a_sentence_does_not_swallow_the_rest(name: str) -> None:
    assert "放在末尾可以避免阻塞" in indexed_words(f"# 一\n\n- 把 {name} 放在末尾可以避免阻塞。\n")
    assert "放在末尾" in "".join(texts(f"# 一\n\n- {name} 放在末尾\n"))


def test_html_that_mentions_the_name_of_a_diagram_format_is_read() -> None:
    assert texts("<p>mxgraph 是 draw.io 的内核。</p>\n") == ["<p>mxgraph 是 draw.io 的内核。</p>"]


def test_a_heading_after_a_byte_order_mark_is_a_heading() -> None:
    (cut,) = passages_of(note_of("\ufeff# 标题\n\n正文。\n"))
    assert cut.passage.heading == ("标题",)


def test_the_words_of_a_comment_are_not_indexed() -> None:
    (cut,) = passages_of(note_of("# 甲\n\n一。\n\n<!--\n秘密词汇\n-->\n\n二。\n"))
    assert not set(keys("秘密词汇")) & set(entry_of(cut).indexed.keys.tolist())


def test_an_escaped_star_is_a_star() -> None:
    assert plain(r"2 \* 3") == "2 * 3"


# Cutting


@pytest.mark.parametrize("character", ["1\ufe0f\u20e3", "नि", "葛\U000e0100", "🇨🇳", "🏴\U000e0067\U000e0062\U000e007f"])
def test_no_character_of_several_code_points_is_cut(character: str) -> None:
    """Marks of combining class 0, ideographic variations, flags."""
    for before in range(len(character)):
        text = "x" * before + character * 1000
        for cut in passages_of(note_of(text))[1:]:
            assert (cut.passage.start - before) % len(character) == 0


MANY_LINES = "'\\n'.join(f'第{at}行没有空行，' + 'x' * (at % 17) for at in range(10_000))"
ONE_LINE = "'attention is all you need. ' * 20_000"


@pytest.mark.parametrize("text", [MANY_LINES, ONE_LINE])
@pytest.mark.parametrize("suffix", ["md", "txt"])
def test_a_large_note_is_cut_in_the_end(text: str, suffix: str) -> None:
    code = f"""
from knowledge.passages import passages_of
from knowledge.types import FrontMatter, Note
passages_of(Note(path="a.{suffix}", title="a", front=FrontMatter(), text={text}, digest=""))
"""
    assert ends_well(code)


# The index


def test_a_file_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    """Two that open a new index at once fail in about one of ten cases: changing to WAL does not wait for a lock."""
    file = tmp_path / "index.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE first (thing)")
        done = threading.Timer(0.3, other.execute, ["COMMIT"])
        done.start()
        try:
            with closing(Catalog(file)) as catalog:
                assert catalog.counts() == (0, 0)
        finally:
            done.join()


def test_a_generation_of_a_much_later_version_is_not_read(data: Path) -> None:
    with closing(IndexGenerations(data, SplitLimits(most=300))) as old:
        old.to_write().set_complete()
        file = old.to_write().file
    file.rename(file.with_name(file.name.replace(f"index-{FORMAT}-{VERSION}-", f"index-{FORMAT}-{VERSION}2-")))
    with closing(IndexGenerations(data, SplitLimits())) as shelf:
        assert shelf.to_read() is shelf.to_write()


class WaitingEmbedder(TopicEmbedder):
    """Holds up the first question until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go_on = threading.Event(), threading.Event()

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        self.asked.set()
        self.go_on.wait(HANG_GUARD_S)
        return super().embed_question(question)


def test_a_search_under_way_when_a_generation_ends_comes_to_its_end(vault: Path, data: Path) -> None:
    """Closing a connection that another thread is using can also end the process with a segmentation fault."""
    write_notes(vault, HOBBIES)
    with closing(Notebook(Vault(vault), data, embedder=TopicEmbedder())) as old:
        old.index_now()
    embedder = WaitingEmbedder()
    with closing(Notebook(Vault(vault), data, embedder=embedder, limits=SplitLimits(most=300))) as notebook:
        with ThreadPoolExecutor(2) as threads:
            search = threads.submit(notebook.search_now, Query(question="knight"))
            embedder.asked.wait(HANG_GUARD_S)
            index = threads.submit(notebook.index_now)
            threading.Event().wait(1)
            embedder.go_on.set()
        assert search.result().hits[0].passage.path == "chess.md"
        assert index.result().notes == 4
    assert len(embedder.embedded) == 4, "the new generation was thrown away and made again"


async def test_topics_of_a_broken_index_heal_it(vault: Path, data: Path) -> None:
    write_notes(vault, HOBBIES)
    with closing(Notebook(Vault(vault), data)) as notebook:
        notebook.index_now()
    file = index_file(data)
    content = file.read_bytes()
    file.write_bytes(content[: 2 * 4096] + b"\xa5" * (len(content) - 2 * 4096))
    with closing(Notebook(Vault(vault), data)) as notebook:
        assert len(await notebook.summaries()) == 4


# Chroma


@pytest.fixture
def open_notebook(vault: Path, data: Path) -> Iterator[Callable[..., Notebook]]:
    opened: list[Notebook] = []

    def open_notebook(limits: SplitLimits = SplitLimits(most=500)) -> Notebook:  # noqa: B008
        opened.append(Notebook(Vault(vault), data, embedder=TopicEmbedder(), limits=limits))
        return opened[-1]

    yield open_notebook
    for notebook in opened:
        notebook.close()


async def feed_chroma(notebook: Notebook) -> None:
    """Closing waits for what is being fed."""
    await notebook.use_chroma()
    wait_until(lambda: is_made(notebook.folder))
    notebook.close()


async def test_chroma_does_not_take_the_rows_of_a_new_index_for_those_of_the_old(
    vault: Path, data: Path, open_notebook: Callable[..., Notebook]
) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    await feed_chroma(notebook)
    index_file(data).unlink()
    write_notes(vault, {"a-new-first-note.md": "开头。"})
    notebook = open_notebook()
    notebook.index_now()
    await feed_chroma(notebook)
    assert vectors_in_chroma(data) == vectors_in_catalog(index_file(data), "topics-v1")


async def test_chroma_does_not_take_the_rows_of_the_old_generation_for_those_of_the_new(
    vault: Path, data: Path, open_notebook: Callable[..., Notebook]
) -> None:
    write_notes(vault, HOBBIES)
    open_notebook().index_now()
    write_notes(vault, {"a-new-first-note.md": "开头。"})
    notebook = open_notebook(SplitLimits(most=300))
    assert hits(notebook, "knight")[0] == "chess.md"
    await feed_chroma(notebook)
    notebook = open_notebook(SplitLimits(most=300))
    notebook.index_now()
    await feed_chroma(notebook)
    assert vectors_in_chroma(data) == vectors_in_catalog(index_file(data), "topics-v1")


def overwrite(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"This is no database. " * 1000)


def drop_a_table(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        database.execute("DROP TABLE embeddings_queue")


def put_a_file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


@pytest.mark.parametrize("damage", [overwrite, drop_a_table, put_a_file_in_its_place])
def test_a_damaged_folder_is_begun_anew_as_soon_as_it_is_opened(data: Path, damage: Callable[[Path], None]) -> None:
    folder = data / "chroma"
    with closing(ChromaVectors(folder, collection="notes")) as store:
        store.add([(1, np.ones(2, np.float32), "one")])
    damage(folder)
    with closing(ChromaVectors(folder, collection="notes")) as store:
        assert store.rows() == set()
        store.add([(2, np.ones(2, np.float32), "two")])
        assert store.rows() == {2}


# Ranking, embedding and abstaining


def test_where_the_words_tie_the_vectors_decide() -> None:
    scores = fuse({1: 5.0, 2: 5.0}, [(2, 0.9), (1, 0.1)], share=1.0)
    assert scores[2] > scores[1]


class Page(BaseHTTPRequestHandler):
    """Answers every question with the body that its server holds."""

    body = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.mark.parametrize("body", [b"<html>please log in</html>", b"{}", b'{"embeddings": null}', b'{"embeddings": [[]]}'])
def test_an_answer_that_holds_no_vectors_is_a_failure_of_the_model(body: bytes) -> None:
    server = HTTPServer(("127.0.0.1", 0), type("SomePage", (Page,), {"body": body}))
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        with pytest.raises(EmbeddingFailed):
            OllamaEmbedder(model="m", url=f"http://127.0.0.1:{server.server_port}").embed(["一"])
    finally:
        thread.join()
        server.server_close()


@pytest.mark.parametrize("question", ["", "？！…", "zzzz qqqq"])
def test_a_question_that_shares_nothing_with_the_notes_is_not_answered(vault: Path, data: Path, question: str) -> None:
    write_notes(vault, HOBBIES)
    with closing(Notebook(Vault(vault), data)) as notebook:
        notebook.index_now()
        assert notebook.search_now(Query(question=question)).abstained
