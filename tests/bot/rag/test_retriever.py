from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.llm import OllamaModel
from bot.rag import EarlierTurn, Finder, Said
from bot.settings import ModelSettings
from knowledge.notebook import Notebook
from tests.bot.making import indexed, write
from tests.fakes.model import ScriptedModel
from tests.fakes.ollama import QWEN, FakeOllama, Reply, Trouble

# A follow-up whose own words point elsewhere, after an answer that is full of other words.
NOTES = {
    "kettle.md": "# 水壶\n\n水壶每个月用白醋除垢一次，浸泡半小时。\n",
    "pan.md": "# 铁锅\n\n铁锅每次用完要擦干，抹一层油。\n",
    "oven.md": "# 烤箱\n\n烤箱多久清洗一次：每季度用小苏打清洗一次。清洗要多久：半小时。\n",
}
BEFORE = (EarlierTurn(question="水壶里面有白色的东西怎么除垢？"),)
FOLLOW_UP = Said(text="那个多久清洗一次？", before=BEFORE)


@pytest.fixture
def kitchen(vault: Path, data: Path) -> Notebook:
    return indexed(write(vault, NOTES), data)


def best(found_hits: object) -> str:
    return found_hits.hits[0].passage.path  # type: ignore[attr-defined,no-any-return]


async def test_a_translation_reaches_notes_in_the_other_language(kitchen: Notebook) -> None:
    asked = "How should I look after my skillet?"
    alone = await Finder(kitchen).find(Said(text=asked))
    assert alone.abstained
    finder = Finder(kitchen, translator=ScriptedModel("铁锅用完怎么擦干抹油？"))
    found = await finder.find(Said(text=asked))
    assert best(found) == "pan.md"
    assert not found.abstained
    assert found.searched == f"{asked} / 铁锅用完怎么擦干抹油？"


async def test_a_name_that_the_notes_never_mention_stays_unknown_in_translation(kitchen: Notebook) -> None:
    finder = Finder(kitchen, translator=ScriptedModel("用 Zwilling 铁锅怎么擦干抹油？"))
    found = await finder.find(Said(text="How do I dry and oil a Zwilling pan?"))
    assert found.unknown == ("Zwilling",)
    assert found.abstained


@pytest.fixture
async def served(ollama: FakeOllama) -> AsyncIterator[OllamaModel]:
    model = OllamaModel(ModelSettings(name=QWEN.name, url=ollama.url))
    yield model
    await model.close()


async def test_a_model_that_is_slow_does_not_hold_up_a_search(
    kitchen: Notebook, ollama: FakeOllama, served: OllamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rag.enrichment.TRANSLATION_S", 0.2)
    ollama.always(Reply(trouble=Trouble.LOADING))
    by_rules = await Finder(kitchen).find(FOLLOW_UP)
    found = await Finder(kitchen, translator=served).find(FOLLOW_UP)
    assert found.hits == by_rules.hits
    ollama.resume()
