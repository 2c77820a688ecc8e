from __future__ import annotations

import pytest

from knowledge.vectors import ExactVectors, Vectors
from tests.contracts.vectors import VectorsContract


class TestExactVectors(VectorsContract):
    @pytest.fixture
    def store(self) -> Vectors:
        return ExactVectors()
