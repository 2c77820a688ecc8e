from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rag.reranker import moved, order_in, reranked
from knowledge.notebook import Notebook, Query
from knowledge.types import Hit, Passage
from tests.fakes.model import ScriptedModel


def hit(name: str, score: float) -> Hit:
    words = f"words of {name}"
    passage = Passage(
        id=name, path="n.md", title="N", start=0, end=9, lines=(1, 1), heading=("N",), parents=(), text=words, digest=name
    )
    return Hit(passage=passage, score=score, sentences=())


def names(hits: tuple[Hit, ...]) -> str:
    return "".join(one.passage.id for one in hits)


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("3,1,2", (2, 0, 1)),
        ("[3] > [1] > [2]", (2, 0, 1)),
        ("顺序：2、3、1", (1, 2, 0)),
        ("2, 2, 9, 0, 1", (1, 0)),
        ("2", ()),
        ("I think that excerpt 2 is the most useful, then excerpt 1, because it says so.", ()),
        ("", ()),
    ],
)
def test_an_order_is_read_out_of_an_answer(said: str, places: tuple[int, ...]) -> None:
    assert order_in(said, 3) == places


def test_passages_that_are_about_as_good_change_places() -> None:
    assert names(moved([hit("a", 10.2), hit("b", 10.1), hit("c", 10.0), hit("d", 2.0)], (2, 0, 1, 3))) == "cabd"


def test_a_passage_that_stands_out_stays_where_it_is() -> None:
    assert names(moved([hit("a", 30), hit("b", 10), hit("c", 9.9)], (2, 1, 0))) == "acb"


@given(st.lists(st.floats(0, 50), min_size=2, max_size=10), st.data())
def test_an_order_loses_and_doubles_nothing_and_moves_nobody_past_a_standard_deviation(
    scores: list[float], data: st.DataObject
) -> None:
    hits = [hit(str(at), score) for at, score in enumerate(sorted(scores, reverse=True))]
    places = data.draw(st.lists(st.integers(0, len(hits) - 1), unique=True))
    after = moved(hits, places)
    assert sorted(one.passage.id for one in after) == sorted(one.passage.id for one in hits)
    assert [one.score for one in after] == sorted((one.score for one in after), reverse=True)


async def test_the_model_sees_numbered_passages_and_its_order_counts(notebook: Notebook) -> None:
    found = notebook.search_now(Query(question="米饭怎么煮，粥怎么煮？"))
    model = ScriptedModel("2,1,3,4")
    after = await reranked(model, "米饭怎么煮，粥怎么煮？", found.hits)
    assert {one.passage.id for one in after} == {one.passage.id for one in found.hits}
    order = str(model.told[0][0].content)
    assert "[1]" in order
    assert found.hits[0].passage.text[:20] in order


async def test_nonsense_leaves_the_order(notebook: Notebook) -> None:
    found = notebook.search_now(Query(question="米饭怎么煮，粥怎么煮？"))
    assert await reranked(ScriptedModel("对不起，我不能。"), "米饭", found.hits) == found.hits
    assert await reranked(ScriptedModel(fails="gone"), "米饭", found.hits) == found.hits
