"""What every vector store must do. A store's tests subclass `VectorsContract` and give the fixture `store`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from knowledge.vectors import Vector, Vectors, feed


def vector(*values: float) -> Vector:
    return np.array(values, np.float32)


EAST, NORTH, WEST = vector(1, 0), vector(0, 1), vector(-1, 0)
NORTH_EAST = vector(1, 1)


def random_vectors(count: int, dimensions: int = 8) -> list[Vector]:
    return list(np.random.default_rng(7).normal(size=(count, dimensions)).astype(np.float32))


def rows(found: Sequence[tuple[int, float]]) -> list[int]:
    return [row for row, _ in found]


class VectorsContract:
    def test_an_empty_store_finds_nothing(self, store: Vectors) -> None:
        assert store.rows() == set()
        assert store.nearest(EAST, 5) == []

    def test_what_was_added_is_there(self, store: Vectors) -> None:
        store.add([(3, EAST, "east"), (1, NORTH, "north")])
        store.add([(2, WEST, "west")])
        assert store.rows() == {1, 2, 3}

    def test_adding_nothing_is_no_error(self, store: Vectors) -> None:
        store.add([])
        assert store.rows() == set()

    def test_the_nearest_come_first_with_their_cosine_similarity(self, store: Vectors) -> None:
        store.add([(1, WEST, "w"), (2, NORTH, "n"), (3, EAST, "e"), (4, NORTH_EAST, "ne")])
        found = store.nearest(vector(5, 0), 4)
        assert rows(found) == [3, 4, 2, 1]
        assert [similarity for _, similarity in found] == pytest.approx([1, 0.5**0.5, 0, -1], abs=1e-5)

    def test_no_more_are_found_than_asked_for_and_no_more_than_there_are(self, store: Vectors) -> None:
        store.add([(1, EAST, "e"), (2, NORTH, "n"), (3, WEST, "w")])
        assert rows(store.nearest(EAST, 2)) == [1, 2]
        assert len(store.nearest(EAST, 10)) == 3

    def test_the_length_of_a_vector_does_not_matter(self, store: Vectors) -> None:
        store.add([(1, 100 * NORTH_EAST, "long"), (2, 0.01 * EAST, "short")])
        assert rows(store.nearest(vector(9, 0), 2)) == [2, 1]

    def test_a_row_that_is_added_again_is_replaced(self, store: Vectors) -> None:
        store.add([(1, EAST, "e"), (2, NORTH, "n")])
        store.add([(1, WEST, "w")])
        assert store.rows() == {1, 2}
        assert rows(store.nearest(WEST, 5)) == [1, 2]
        assert dict(store.nearest(EAST, 5))[1] == pytest.approx(-1, abs=1e-5)

    def test_a_dropped_row_is_gone(self, store: Vectors) -> None:
        store.add([(1, EAST, "e"), (2, NORTH, "n"), (3, WEST, "w")])
        store.drop([1, 3])
        assert store.rows() == {2}
        assert rows(store.nearest(EAST, 5)) == [2]

    def test_dropping_a_row_that_is_not_there_is_no_error(self, store: Vectors) -> None:
        store.drop([7])
        store.add([(1, EAST, "e")])
        store.drop([7])
        assert store.rows() == {1}

    def test_a_store_that_was_emptied_can_be_filled_again(self, store: Vectors) -> None:
        store.add([(1, EAST, "e")])
        store.drop([1])
        assert store.nearest(EAST, 5) == []
        store.add([(2, NORTH, "n")])
        assert rows(store.nearest(EAST, 5)) == [2]

    def test_half_precision_is_taken(self, store: Vectors) -> None:
        store.add([(1, EAST.astype(np.float16), "e"), (2, NORTH.astype(np.float16), "n")])
        assert rows(store.nearest(NORTH.astype(np.float16), 1)) == [2]

    def test_a_vector_of_zeros_is_near_to_nothing(self, store: Vectors) -> None:
        store.add([(1, vector(0, 0), "nothing"), (2, EAST, "e")])
        found = dict(store.nearest(EAST, 2))
        assert found[2] == pytest.approx(1, abs=1e-5)
        assert found[1] <= 0.01

    def test_a_row_may_be_large(self, store: Vectors) -> None:
        store.add([(2**40, EAST, "e")])
        assert rows(store.nearest(EAST, 1)) == [2**40]

    def test_the_order_is_that_of_comparing_one_by_one(self, store: Vectors) -> None:
        vectors = random_vectors(150)
        store.add([(row, found, str(row)) for row, found in enumerate(vectors, 1)])
        for question in random_vectors(160)[150:]:
            found = store.nearest(question, 10)
            assert rows(found) == naive_order(vectors, question)[:10]
            assert [similarity for _, similarity in found] == sorted((similarity for _, similarity in found), reverse=True)

    # Fed from a catalog

    def test_a_fed_store_holds_the_living_rows_and_no_others(self, store: Vectors) -> None:
        store.add([(1, EAST, "old"), (2, NORTH, "old")])
        fed = list(feed(store, live=[2, 3, 4], fetch=Shelf({2: WEST, 3: WEST, 4: EAST}), batch=1))
        assert store.rows() == {2, 3, 4}
        assert fed == [1, 1]

    def test_what_is_there_already_is_not_fetched_again(self, store: Vectors) -> None:
        store.add([(1, EAST, "e")])
        shelf = Shelf({1: EAST, 2: NORTH, 3: WEST})
        list(feed(store, live=[1, 2, 3], fetch=shelf, batch=10))
        assert shelf.asked == [2, 3]

    def test_a_row_without_a_vector_is_fed_when_it_has_one(self, store: Vectors) -> None:
        list(feed(store, live=[1, 2], fetch=Shelf({1: EAST}), batch=10))
        assert store.rows() == {1}
        list(feed(store, live=[1, 2], fetch=Shelf({1: EAST, 2: NORTH}), batch=10))
        assert store.rows() == {1, 2}


class Shelf:
    """Vectors to fetch, and which rows were asked for."""

    def __init__(self, vectors: dict[int, Vector]) -> None:
        self._vectors = vectors
        self.asked: list[int] = []

    def __call__(self, wanted: Sequence[int]) -> Iterable[tuple[int, Vector, str]]:
        self.asked += wanted
        return [(row, self._vectors[row], "words") for row in wanted if row in self._vectors]


def naive_order(vectors: Sequence[Vector], question: Vector) -> list[int]:
    """Rows from 1 on, the most similar first, by the definition of the cosine."""
    cosines = [float(one @ question / np.linalg.norm(one) / np.linalg.norm(question)) for one in vectors]
    return sorted(range(1, len(vectors) + 1), key=lambda row: -cosines[row - 1])
