from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.llm import OllamaModel
from bot.rag import EarlierTurn, Finder, QueryOptions, Said
from bot.rag.pipeline import Assistant, Models
from bot.settings import ModelSettings
from bot.storage import TurnStore
from knowledge.notebook import Notebook
from tests.bot.making import indexed, question, write
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
STANDALONE = "水壶多久除垢一次？"


@pytest.fixture
def kitchen(vault: Path, data: Path) -> Notebook:
    return indexed(write(vault, NOTES), data)


def best(found_hits: object) -> str:
    return found_hits.hits[0].passage.path  # type: ignore[attr-defined,no-any-return]


async def test_a_rewritten_follow_up_is_searched_for_as_it_was_written(kitchen: Notebook) -> None:
    assert (await Finder(kitchen).find(FOLLOW_UP)).searched != STANDALONE
    finder = Finder(kitchen, model=ScriptedModel(STANDALONE), help_=QueryOptions(rewrite=True))
    found = await finder.find(FOLLOW_UP)
    assert best(found) == "kettle.md"
    assert found.searched == STANDALONE


@pytest.mark.parametrize("said", ["", "我不知道。\n请再说一遍。", "How do I clean a Tesla Model 3?"])
async def test_a_wording_that_cannot_be_used_leaves_it_to_the_rules(kitchen: Notebook, said: str) -> None:
    finder = Finder(kitchen, model=ScriptedModel(said), help_=QueryOptions(rewrite=True))
    by_rules, found = await Finder(kitchen).find(FOLLOW_UP), await finder.find(FOLLOW_UP)
    assert (found.hits, found.searched) == (by_rules.hits, by_rules.searched)


async def test_the_model_is_not_asked_when_the_rules_are_enough_or_it_is_switched_off(kitchen: Notebook) -> None:
    model = ScriptedModel(STANDALONE)
    await Finder(kitchen, model=model, help_=QueryOptions(rewrite=True)).find(
        Said(text="水壶多久用白醋除垢，烤箱多久用小苏打清洗一次？", before=BEFORE)
    )
    await Finder(kitchen, model=model, help_=QueryOptions(rewrite=True)).find(Said(text=FOLLOW_UP.text))
    await Finder(kitchen, model=model).find(FOLLOW_UP)
    assert not model.told


async def test_a_translation_reaches_notes_in_the_other_language(kitchen: Notebook) -> None:
    asked = "How should I look after my skillet?"
    alone = await Finder(kitchen).find(Said(text=asked))
    assert alone.abstained
    finder = Finder(kitchen, model=ScriptedModel("铁锅用完怎么擦干抹油？"), help_=QueryOptions(translate=True))
    found = await finder.find(Said(text=asked))
    assert best(found) == "pan.md"
    assert not found.abstained
    assert found.searched == f"{asked} / 铁锅用完怎么擦干抹油？"


async def test_a_name_that_the_notes_never_mention_stays_unknown_in_translation(kitchen: Notebook) -> None:
    finder = Finder(kitchen, model=ScriptedModel("用 Zwilling 铁锅怎么擦干抹油？"), help_=QueryOptions(translate=True))
    found = await finder.find(Said(text="How do I dry and oil a Zwilling pan?"))
    assert found.unknown == ("Zwilling",)
    assert found.abstained


@pytest.fixture
async def served(ollama: FakeOllama) -> AsyncIterator[OllamaModel]:
    model = OllamaModel(ModelSettings(name=QWEN.name, url=ollama.url))
    yield model
    await model.close()


async def test_the_rewritten_question_is_in_the_receipt(
    kitchen: Notebook, state: TurnStore, ollama: FakeOllama, served: OllamaModel
) -> None:
    ollama.once("用白醋除垢 [1]。")
    ollama.once(STANDALONE)
    ollama.once("每个月一次 [1]。")
    finder = Finder(kitchen, model=served, help_=QueryOptions(rewrite=True))
    assistant = Assistant(notebook=kitchen, state=state, models=Models(fast=served), finder=finder)
    [_ async for _ in assistant.ask(question("水壶里面有白色的东西，要除垢，怎么用白醋？"))]
    answers = [answer async for answer in assistant.ask(question("那多久一次？"))]
    assert answers[-1].receipt.searched == STANDALONE
    assert [citation.path for citation in answers[-1].citations] == ["kettle.md"]


async def test_a_model_that_is_slow_does_not_hold_up_a_search(
    kitchen: Notebook, ollama: FakeOllama, served: OllamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rag.query_rewriter.PATIENCE_S", 0.2)
    ollama.always(Reply(trouble=Trouble.LOADING))
    by_rules = await Finder(kitchen).find(FOLLOW_UP)
    found = await Finder(kitchen, model=served, help_=QueryOptions(rewrite=True)).find(FOLLOW_UP)
    assert found.hits == by_rules.hits
    ollama.resume()
