"""What is quoted without a model, kind by kind: the cases of `cases.yaml`, asked as a person would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.rag.pipeline import Assistant
from bot.storage import TurnStore
from knowledge.notebook import Notebook, Query
from knowledge.notes import Vault
from tests.bot.making import question, write

TABLE = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]


@pytest.mark.parametrize("case", CASES, ids=[f"{at} {case['kind']}" for at, case in enumerate(CASES)])
async def test_the_answer_is_what_a_person_would_quote(case: dict[str, Any], vault: Path, data: Path) -> None:
    write(vault, {**({} if case.get("alone") else TABLE["filler"]), **case["notes"]})
    notebook = Notebook(Vault(vault), data)
    skipped = [skip.path for skip in notebook.index_now().skipped]
    found = notebook.search_now(Query(question=case["question"]))
    for hit in found.hits:
        text = (vault / hit.passage.path).read_bytes().decode()
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text
    state = await TurnStore.open_file(data / "state.sqlite")
    answer = [a async for a in Assistant(notebook=notebook, state=state).ask(question(case["question"], alone=True))][-1]
    await state.close()
    notebook.close()
    for citation in answer.citations:
        assert (vault / citation.path).read_bytes().decode()[citation.start : citation.end] == citation.text
    _check(case, answer.text, str(answer.state), found.hits[0].passage.text if found.hits else "", skipped)


def _check(case: dict[str, Any], answer: str, mode: str, top: str, skipped: list[str]) -> None:
    first = next((line for line in answer.splitlines() if line.startswith(">")), "")
    said = f"{case['question']}\n{mode}\n{answer}\nTOP {top}"
    assert all(words in top for words in case.get("top", ())), said
    assert all(words in first for words in case.get("first", ())), said
    assert all(words in answer for words in case.get("answer", ())), said
    assert not any(words in answer for words in case.get("not", ())), said
    assert case.get("mode", mode) == mode, said
    assert all(any(words in path for path in skipped) for words in case.get("skipped", ())), skipped
