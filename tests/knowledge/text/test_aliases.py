from __future__ import annotations

import pytest

from knowledge.notes import parse_front_matter
from knowledge.text.aliases import AliasFileBroken, Names, aliases_in, in_force, parse_alias_file
from knowledge.types import Alias, Note


def pairs(text: str, title: str = "note") -> set[frozenset[str]]:
    note = Note(path="n.md", title=title, front=parse_front_matter(text), text=text, digest="-")
    return {alias.pair for alias in aliases_in(note)}


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("灾难性遗忘（catastrophic forgetting）是", "灾难性遗忘", "catastrophic forgetting"),
        ("`RAG`(Retrieval Augmented Generation) 是", "RAG", "Retrieval Augmented Generation"),
        ("## 思维链 CoT\n", "思维链", "CoT"),
        ("**思维链 CoT**", "思维链", "CoT"),
        ("大语言模型，简称 LLM，", "大语言模型", "LLM"),
        ("| 术语 | 英文 |\n|---|---|\n| 幻觉 | hallucination |\n", "幻觉", "hallucination"),
    ],
)
def test_each_form_gives_its_pair(text: str, one: str, other: str) -> None:
    assert frozenset((one.lower(), other.lower())) in pairs(text)


@pytest.mark.parametrize(
    "text", ["注意力（Vaswani et al. 2017）", "模型（7B）", "米饭（先洗两遍）", "```\n幻觉（hallucination）\n```"]
)
def test_citations_sizes_remarks_and_code_give_none(text: str) -> None:
    assert pairs(text) == set()


def test_the_owner_adds_and_bans() -> None:
    own = parse_alias_file("add:\n- [思维链, CoT, chain of thought]\nban:\n- [幻觉, mirage]\n")
    found = Alias(one="幻觉", other="Mirage", path="a.md", line=3)
    assert {alias.pair for alias in in_force([*own, found])} == {
        frozenset(("思维链", "cot")),
        frozenset(("思维链", "chain of thought")),
        frozenset(("cot", "chain of thought")),
    }


@pytest.mark.parametrize("text", ["add: [", "- a", "other: []", "add: x", "add:\n- [one]", "add:\n- [1, 2]"])
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(AliasFileBroken, match=r"aliases\.yaml"):
        parse_alias_file(text)


def test_names_are_looked_up_whole_and_the_longest_first() -> None:
    names = Names([Alias(one="CoT", other="思维链", path="a", line=1), Alias(one="RAG", other="检索增强生成", path="a", line=1)])
    assert list(names.other_names("什么是 CoT 和 RAGs？")) == [("思维链",), ("检索增强生成",)]
    assert list(names.other_names("cottage dragon")) == []
