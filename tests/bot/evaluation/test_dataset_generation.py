from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluation import labelled_in
from bot.evaluation.dataset_generation import Drafted, draft_by_model, draft_by_rules
from knowledge.types import Alias
from tests.bot.making import passages
from tests.fakes.model import ScriptedModel

NOTE = (
    "# 量化\n\n**量化**是一种降低权重精度的方法。它能省下 75% 的显存。\n\n模型缓存最多保存 4096 个词元。\n\n"
    "论文 [2305.1] 在 2023 年发表。\n\n## Tokens\n\nA tokenizer is a program that cuts text. A page holds 512 tokens of text.\n"
)


def asked(drafts: list[Drafted]) -> dict[str, str]:
    return {draft.question: draft.evidence for draft in drafts}


def test_definitions_and_amounts_are_asked_for() -> None:
    found = asked(draft_by_rules(passages(NOTE), ()))
    assert found["什么是量化？"] == "**量化**是一种降低权重精度的方法。"
    assert found["模型缓存最多保存 多少 个词元？"] == "模型缓存最多保存 4096 个词元。"
    assert found["A page holds how many tokens of text?"] == "A page holds 512 tokens of text."


def test_sentences_that_point_back_dates_and_references_are_not_asked_for() -> None:
    found = asked(draft_by_rules(passages(NOTE), ()))
    assert not [question for question in found if "它" in question or "年" in question or "论文" in question]


def test_the_other_name_of_a_thing_is_asked_for() -> None:
    alias = Alias(one="量化", other="quantization", path="note.md", line=3, banned=False)
    assert "What is quantization?" in asked(draft_by_rules(passages(NOTE), (alias,)))


def test_no_more_are_drafted_than_wanted() -> None:
    assert len(draft_by_rules(passages(NOTE), (), most=2)) == 2


async def test_a_model_drafts_a_question_a_passage() -> None:
    model = ScriptedModel("量化省下多少显存？")
    drafts = await draft_by_model(model, passages(NOTE))
    assert {draft.question for draft in drafts} == {"量化省下多少显存？"}
    assert all(draft.evidence in NOTE for draft in drafts)


@pytest.mark.parametrize("model", [ScriptedModel("一\n二"), ScriptedModel(fails="gone"), ScriptedModel("")])
async def test_a_model_that_says_nothing_of_use_drafts_nothing(model: ScriptedModel) -> None:
    assert await draft_by_model(model, passages(NOTE)) == []


def test_a_draft_can_be_measured_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    drafts = draft_by_rules(passages(NOTE), ())
    file.write_text("\n".join(json.dumps(draft.line(n)) for n, draft in enumerate(drafts, 1)), encoding="utf-8")
    read = labelled_in(file)
    assert [one.question for one in read] == [draft.question for draft in drafts]
    assert all(one.evidence == (((draft.path, draft.evidence),),) for one, draft in zip(read, drafts, strict=True))
