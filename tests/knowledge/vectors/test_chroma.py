from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.vectors import ChromaVectors, ExactVectors, Vectors, VectorsTaken
from tests.contracts.vectors import EAST, NORTH, WEST, VectorsContract, random_vectors, rows

FILL_AND_DIE = """
import os, sys, numpy
from pathlib import Path
from knowledge.vectors import ChromaVectors

class Dying:
    def astype(self, kind):
        os._exit(9)

store = ChromaVectors(Path(sys.argv[1]), collection="notes")
store.add([(1, numpy.ones(2, numpy.float32), "one")])
store.add([(2, Dying(), "two")])
"""


def opened(data: Path, collection: str = "notes") -> ChromaVectors:
    return ChromaVectors(data / "chroma", collection=collection)


class TestChromaVectors(VectorsContract):
    @pytest.fixture
    def store(self, data: Path) -> Iterator[Vectors]:
        with closing(opened(data)) as store:
            yield store


@pytest.fixture
def filled(data: Path) -> Path:
    """A folder in which Chroma has held two rows."""
    with closing(opened(data)) as store:
        store.add([(1, EAST, "e"), (2, NORTH, "n")])
    return data


def test_what_was_added_is_there_after_opening_again(filled: Path) -> None:
    with closing(opened(filled)) as store:
        assert store.rows() == {1, 2}
        assert rows(store.nearest(NORTH, 2)) == [2, 1]


def test_more_rows_than_one_page_are_all_listed(data: Path) -> None:
    wanted = range(1, 5_200)
    with closing(opened(data)) as store:
        store.add([(row, EAST, "") for row in wanted])
        assert store.rows() == set(wanted)
        store.drop(list(wanted)[1:])
        assert store.rows() == {1}


def test_a_folder_is_held_by_one_at_a_time(filled: Path) -> None:
    with closing(opened(filled)), pytest.raises(VectorsTaken):
        opened(filled)
    with closing(opened(filled)) as store:
        assert store.rows() == {1, 2}


def test_another_process_is_kept_out_too(filled: Path) -> None:
    with closing(opened(filled)):
        result = subprocess.run(
            [sys.executable, "-c", FILL_AND_DIE, str(filled / "chroma")], capture_output=True, text=True, check=False
        )
    assert "VectorsTaken" in result.stderr


def test_vectors_of_another_model_are_not_shown_and_do_not_stay(filled: Path) -> None:
    with closing(opened(filled, "other")) as store:
        assert store.rows() == set()
        store.add([(1, WEST, "w")])
    with closing(opened(filled)) as store:
        assert store.rows() == set()


def test_after_a_death_in_the_middle_of_a_write_everything_is_begun_anew(data: Path) -> None:
    died = subprocess.run([sys.executable, "-c", FILL_AND_DIE, str(data / "chroma")], capture_output=True, check=False)
    assert died.returncode == 9
    with closing(opened(data)) as store:
        assert store.rows() == set()
        store.add([(1, EAST, "e")])
    with closing(opened(data)) as store:
        assert store.rows() == {1}


def test_a_folder_that_was_deleted_is_empty_and_works(filled: Path) -> None:
    shutil.rmtree(filled / "chroma")
    with closing(opened(filled)) as store:
        assert store.rows() == set()
        store.add([(1, EAST, "e")])
        assert rows(store.nearest(EAST, 1)) == [1]


def test_chroma_and_one_by_one_agree_on_order_and_similarity(data: Path) -> None:
    vectors = [(row, vector, "") for row, vector in enumerate(random_vectors(400, 32), 1)]
    exact = ExactVectors()
    exact.add(vectors)
    with closing(opened(data)) as chroma:
        chroma.add(vectors)
        for question in random_vectors(420, 32)[400:]:
            one, other = exact.nearest(question, 10), chroma.nearest(question, 10)
            assert rows(one) == rows(other)
            assert dict(one) == pytest.approx(dict(other), abs=1e-4)
