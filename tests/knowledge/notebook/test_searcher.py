from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.notebook import Context, Notebook, Query, SearchResult
from knowledge.notes import Vault
from knowledge.search.context import TIE
from knowledge.text.query_terms import EVERYDAY
from tests.knowledge.embedders import FailingEmbedder, TopicEmbedder
from tests.knowledge.notebook.asking import HOBBIES, hits, index_file, texts
from tests.knowledge.writing import write_notes

OpenNotebook = Callable[..., Notebook]

MODELS = {
    "attention.md": "# 注意力机制\n\n注意力是加权求和。\n\n## 代价\n\n上下文越长，代价越大，和长度的平方成正比。\n",
    "cache.md": "# KV cache\n\n缓存键和值，省去重复计算。GQA 让多个查询头共用一组键值。\n",
    "rag.md": "# 检索增强生成\n\n先查资料，再回答问题。它在 2020 年提出。\n\n| 方法 | 召回率 |\n|---|---|\n| BM25 | 0.92 |\n",
    "english.md": "# Tokenization\n\nA tokenizer cuts text into tokens. Common words are one token.\n",
}


@pytest.fixture
def notebook(vault: Path, open_notebook: OpenNotebook) -> Notebook:
    write_notes(vault, MODELS | HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    return notebook


# What is found


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("注意力是什么？", "attention.md"),
        ("注意力機制是什麼", "attention.md"),
        ("GQA 有什么用", "cache.md"),
        ("gqa", "cache.md"),
        ("ＫＶ　ｃａｃｈｅ", "cache.md"),
        ("检索增强是哪一年提出的", "rag.md"),
        ("BM25 的召回率", "rag.md"),
        ("tokenizing common words", "english.md"),
        ("What is a tokenizer?", "english.md"),
        ("平方", "attention.md"),
    ],
)
def test_the_note_that_answers_comes_first(notebook: Notebook, question: str, path: str) -> None:
    assert hits(notebook, question)[0] == path


def test_a_note_that_shares_no_word_is_found_by_its_meaning(notebook: Notebook) -> None:
    assert hits(notebook, "knight")[0] == "chess.md"
    assert hits(notebook, "Where does the violin live?")[0] == "music.md"


def test_a_word_of_the_title_or_a_heading_counts_for_every_passage_below(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {"a.md": "---\ntitle: 蒸馏\n---\n# 学生\n\n小模型学大模型。\n\n# 老师\n\n大模型教小模型。\n"})
    notebook = open_notebook()
    notebook.index_now()
    assert sorted(texts(notebook, "蒸馏")) == ["# 学生\n\n小模型学大模型。", "# 老师\n\n大模型教小模型。"]
    assert texts(notebook, "老师")[0].startswith("# 老师")


def test_a_passage_is_of_the_language_of_most_of_it_however_it_begins(vault: Path, open_notebook: OpenNotebook) -> None:
    lecture, said = "A lecture on bread, with slides. " * 8, "面团要醒发两次。"
    write_notes(
        vault,
        {"mixed.md": lecture + said + "烤箱预热到二百度，石板放在最下面一层。" * 8, "english.md": said + lecture * 2 + said},
    )
    notebook = open_notebook()
    notebook.index_now()

    assert hits(notebook, "面团要醒发几次") == ["mixed.md", "english.md"]


def test_question_words_do_not_decide(notebook: Notebook, vault: Path) -> None:
    write_notes(vault, {"what.md": "什么是什么？请问这是什么？怎么会是这个？"})
    notebook.index_now()
    assert hits(notebook, "请问什么是注意力？")[0] == "attention.md"


@pytest.mark.parametrize(("earlier", "path"), [("检索增强生成是什么？", "rag.md"), ("什么是 GQA？", "cache.md")])
def test_an_earlier_question_tells_what_a_message_is_about_that_points_to_it(notebook: Notebook, earlier: str, path: str) -> None:
    found = notebook.search_now(Query(question="那怎么样呢？", context=Context(questions=((earlier, 1.0),), sure=True)))
    assert (found.hits[0].passage.path, found.searched) == (path, f"{earlier} 那怎么样呢？")


def test_a_question_that_says_enough_leans_on_nothing(notebook: Notebook) -> None:
    asked = "检索增强生成在哪一年提出，最早用在什么任务的什么数据上，效果比不检索的模型好多少"
    context = Context(questions=(("注意力是什么？", 1.0),))
    found, alone = (notebook.search_now(Query(question=asked, context=which)) for which in (context, None))
    assert found.leaned == 0
    assert replace(found, ms=0) == replace(alone, ms=0)


def test_a_context_never_outweighs_the_words_of_the_message(vault: Path, open_notebook: OpenNotebook) -> None:
    """It leads past what the words find best only by what they find of a passage themselves, however much was said before."""
    write_notes(vault, MODELS | HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    earlier = tuple((asked, 1.0) for asked in ("注意力是什么？", "注意力的代价", "上下文越长代价越大吗"))
    asked = "那小提琴的弓毛松香贵吗"
    alone, found = (
        {hit.passage.id: hit.score for hit in notebook.search_now(Query(question=asked, context=context)).hits}
        for context in (None, Context(questions=earlier, section=("attention.md", "注意力机制", "代价"), sure=True))
    )
    best = max(alone, key=lambda passage: alone[passage])

    assert len(found) > 2
    for passage, score in found.items():
        assert score <= max(0.0, alone.get(passage, 0.0)) + (1 + TIE) * found[best]


def test_a_name_that_the_notes_never_mention_is_no_better_known_in_a_context(notebook: Notebook) -> None:
    context = Context(questions=(("什么是 GQA？", 1.0),), sure=True)
    assert notebook.search_now(Query(question="它在 Zyxovia 上怎么样", context=context)).abstained


@pytest.mark.parametrize(
    ("earlier", "asked", "beside"),
    [
        ("什么是 GQA？", "它让谁共用键值", "它的房租由哪家旅馆涨到几百欧元"),
        (
            "What is a tokenizer?",
            "does it cut common words",
            "does its landlord raise winter rents of hotels, cabins and boats by hundreds of euros",
        ),
    ],
)
def test_a_step_further_is_answered_if_the_notes_answer_it_and_its_subject_as_one_question(
    vault: Path, open_notebook: OpenNotebook, earlier: str, asked: str, beside: str
) -> None:
    garden = {f"{n}.md": f"# 菜园{n}\n\n番茄第{n}行浇水，施肥，修枝。Tomatoes of row {n} need water.\n" for n in range(40)}
    write_notes(vault, MODELS | HOBBIES | garden)
    notebook = open_notebook()
    notebook.index_now()
    context = Context(questions=((earlier, 1.0),), sure=True)
    found, other = (notebook.search_now(Query(question=words, context=context)) for words in (asked, beside))

    assert (found.abstained, other.abstained, other.near) == (False, True, False)


# What a search gives


def test_hits_are_exact_places_in_the_files(vault: Path, notebook: Notebook) -> None:
    for hit in notebook.search_now(Query(question="注意力 缓存 检索 token")).hits:
        passage = hit.passage
        text = (vault / passage.path).read_text(encoding="utf-8")
        assert text[passage.start : passage.end] == passage.text


def test_the_best_hit_comes_first_and_its_best_sentence_first(notebook: Notebook) -> None:
    found = notebook.search_now(Query(question="检索增强生成哪一年提出"))
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    best = found.hits[0]
    spans = [best.passage.text[span.start : span.end] for span in best.sentences]
    assert spans[0] == "它在 2020 年提出。"
    assert [span.score for span in best.sentences] == sorted((span.score for span in best.sentences), reverse=True)


def test_the_words_of_the_heading_do_not_choose_the_sentence(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, {"a.md": "# 缓存\n\n缓存、缓存、缓存都要显存。省显存的办法是量化。\n"})
    notebook = open_notebook()
    notebook.index_now()
    best = notebook.search_now(Query(question="缓存怎么量化")).hits[0]
    assert best.passage.text[best.sentences[0].start : best.sentences[0].end] == "省显存的办法是量化。"


@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_more_hits_are_given_than_asked_for(notebook: Notebook, count: int) -> None:
    assert len(hits(notebook, "注意力 缓存 检索 token 象棋 天气", count=count)) == count


def test_passages_that_say_the_same_are_given_once(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(
        vault, {"a.md": "缓存要占很多显存，量化可以省一半。", "b.md": "缓存要占很多显存，量化可以省一半！", "c.md": "显存很贵。"}
    )
    notebook = open_notebook()
    notebook.index_now()
    assert sorted(hits(notebook, "显存")) in (["a.md", "c.md"], ["b.md", "c.md"])


def test_a_search_says_what_it_searched_for(notebook: Notebook) -> None:
    found = notebook.search_now(Query(question="注意力"))
    assert (found.searched, found.abstained, found.problem) == ("注意力", False, "")
    assert found.ms >= 0


def test_an_empty_index_abstains(open_notebook: OpenNotebook) -> None:
    found = open_notebook().search_now(Query(question="注意力"))
    assert (found.hits, found.abstained) == ((), True)


def test_far_more_passages_than_candidates_are_searched(vault: Path, open_notebook: OpenNotebook) -> None:
    notes = {f"{at}.md": f"# 第{at}篇\n\n这一篇讲第{at}件事。\n" for at in range(300)}
    write_notes(vault, notes | {"zebra.md": "斑马吃草。"})
    notebook = open_notebook()
    notebook.index_now()
    assert hits(notebook, "斑马")[0] == "zebra.md"
    assert hits(notebook, "第123件事")[0] == "123.md"


@pytest.mark.parametrize(
    "question", ["", " ", "？！", "的", "\0", "\ufeff", "x" * 5000, "注意力" * 2000, "👩\u200d🔬", "(((", '"" OR *']
)
def test_no_question_ends_the_search(notebook: Notebook, question: str) -> None:
    assert isinstance(notebook.search_now(Query(question=question)), SearchResult)


def test_a_model_that_fails_is_told_and_words_still_find(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook(embedder=FailingEmbedder(batches=1))
    notebook.index_now()
    found = notebook.search_now(Query(question="象棋"))
    assert [hit.passage.path for hit in found.hits] == ["chess.md"]
    assert found.problem == "the model is out of order"


async def test_searching_and_indexing_can_be_awaited(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    assert (await notebook.index()).notes == 4
    assert (await notebook.search(Query(question="象棋"))).hits[0].passage.path == "chess.md"


# An index that changes under the searches


NAMES = ("a.md", "b.md", "sub/c.md", "d.txt")
SENTENCES = (
    "象棋的棋手算得远。",
    "下雨的天气。",
    "缓存占显存。",
    "GQA 省显存。",
    "Attention is a weighted sum.",
    "# 标题\n\n显存很贵。",
)
QUESTIONS = ("显存", "棋手的天气", "attention 缓存", "knight")
write = st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(SENTENCES), max_size=4).map("\n\n".join))
remove = st.tuples(st.sampled_from(NAMES), st.none())
edits = st.lists(st.lists(st.one_of(write, remove), min_size=1, max_size=3), min_size=1, max_size=6)


@settings(max_examples=40)
@given(edits)
def test_an_index_that_was_changed_step_by_step_searches_like_a_new_one(rounds: list[list[tuple[str, str | None]]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        vault = Path(place, "notes")
        vault.mkdir()
        with closing(opened(vault, Path(place, "old"))) as notebook:
            for changes in rounds:
                for name, text in changes:
                    write_or_remove(vault / name, text)
                notebook.index_now()
                found = [outcome(notebook, question) for question in QUESTIONS]
        with closing(opened(vault, Path(place, "new"))) as fresh:
            fresh.index_now()
            wanted = [outcome(fresh, question) for question in QUESTIONS]
    assert found == wanted


def opened(vault: Path, data: Path) -> Notebook:
    return Notebook(Vault(vault), data, embedder=TopicEmbedder())


def write_or_remove(file: Path, text: str | None) -> None:
    if text is None:
        file.unlink(missing_ok=True)
    else:
        write_notes(file.parent, {file.name: text})


def outcome(notebook: Notebook, question: str) -> list[tuple[float, list[str]]]:
    """Scores and what has them, best first; what scores the same is in no particular order."""
    by_score: dict[float, list[str]] = {}
    for hit in notebook.search_now(Query(question=question)).hits:
        by_score.setdefault(round(hit.score, 3), []).append(hit.passage.text)
    return [(score, sorted(found)) for score, found in by_score.items()]


def test_searches_never_stumble_over_an_index_that_is_being_changed(vault: Path, notebook: Notebook) -> None:
    problems: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                if hits(notebook, "knight")[0] != "chess.md":
                    problems.append("another note came first")
            except Exception as problem:
                problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for at in range(20):
        write_notes(vault, {f"new{at % 5}.md": f"第{at}次改动。\n\n# 节\n\n第{at}次。"})
        (vault / f"new{(at + 2) % 5}.md").unlink(missing_ok=True)
        notebook.index_now()
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert hits(notebook, "第19次改动")[0] == "new4.md"


def test_what_is_indexed_is_found_while_the_run_goes_on(vault: Path, open_notebook: OpenNotebook) -> None:
    """Each note is searchable as soon as it has been read; nobody waits for the last one."""
    write_notes(vault, {f"{at}.md": f"# 第{at}篇\n\n第{at}件事。" for at in range(10)})
    notebook = open_notebook()
    seen: list[int] = []

    def look(stage: str, done: int, total: int) -> None:
        if stage == "notes":
            seen.append(len(notebook.search_now(Query(question="第几件事", count=20)).hits))

    notebook.index_now(look)
    assert seen == list(range(1, 11))


# What only the vectors find


@pytest.mark.parametrize("asked", ["knight", "Which violin?", "cooking soup"])
def test_a_paraphrase_that_is_near_is_answered_though_it_shares_no_word(
    vault: Path, open_notebook: OpenNotebook, asked: str
) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    assert not notebook.search_now(Query(question=asked)).abstained


@pytest.mark.parametrize("asked", ["How do taxes work?", "房贷利率是多少？"])
def test_a_question_that_is_no_nearer_than_any_other_is_not(vault: Path, open_notebook: OpenNotebook, asked: str) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    assert notebook.search_now(Query(question=asked)).abstained


def test_without_measured_everyday_questions_only_words_count(vault: Path, data: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    notebook = open_notebook()
    notebook.index_now()
    with sqlite3.connect(index_file(data)) as connection:
        connection.execute("DELETE FROM vectors WHERE words_digest LIKE 'asked:%'")
    connection.close()
    assert notebook.search_now(Query(question="knight")).abstained
    assert not notebook.search_now(Query(question="象棋的棋手")).abstained


def test_everyday_questions_are_embedded_once(vault: Path, open_notebook: OpenNotebook) -> None:
    write_notes(vault, HOBBIES)
    counting = CountingEmbedder()
    for _ in range(2):
        notebook = open_notebook(embedder=counting)
        notebook.index_now()
        notebook.close()
    assert counting.questions == len(EVERYDAY)


class CountingEmbedder(TopicEmbedder):
    questions = 0

    def embed_question(self, question: str) -> npt.NDArray[np.float32]:
        self.questions += 1
        return super().embed_question(question)
