"""Numbers and names: found in whatever form they are written, and missed only where they stand in none."""

from __future__ import annotations

import pytest

from bot.rag.facts import Held, amounts_in
from knowledge.text import Thesaurus

CASES = (
    # what the notes say, what an answer says, what of it stands nowhere
    ("预算是 2.35 亿元", "预算是 23500 万元", ()),
    ("预算是 2.35 万元", "预算是 2.35 亿元", ("2.35 亿",)),
    ("模型有 13B 参数", "模型有 130 亿参数", ()),
    ("模型有 13B 参数", "模型有 30B 参数", ("30B",)),
    ("窗口是 1024K", "窗口长 1024", ()),
    ("共 1,024 页", "共 1024 页", ()),
    ("用了十二天", "用了 12 天", ()),
    ("用了 12 天", "用了十三天", ("十三",)),
    ("三万二千人", "32000 人", ()),
    ("成立于二〇一九年", "成立于 2019 年", ()),
    ("成立于 2019 年", "成立于 2020 年", ("2020",)),
    ("有九成的人", "有 90% 的人", ()),
    ("有百分之四十的人", "有百分之五十的人", ("五十",)),
    ("用了 3 天", "十分重要，万一不行，千万别急，三四个人也行", ()),
    ("分两步做", "可以分三种情况", ()),
    ("每三天浇一次", "每四天浇一次", ("四",)),
    ("It opened on 5 June 2021", "它于 2021 年 6 月 5 日开放", ()),
    ("2021 年 6 月开放", "It opened in June 2021", ()),
    ("2021 年 6 月开放", "It opened in July 2021", ("July",)),
    ("25 people came", "Twenty-five people came", ()),
    ("25 people came", "Twelve people came", ("Twelve",)),
    ("It may rain", "You may stay, and march on", ()),
    ("用 GPT-4 做的", "用 GPT4 做的", ()),
    ("用 GPT-4 做的", "用 Claude 做的", ("Claude",)),
    ("周远航写的", "是周远航写的", ()),
    ("周远航写的", "是陈建国写的", ("陈建国",)),
    ("在北京开的会", "在北京市开的会", ()),
    ("在北京开的会", "在上海开的会", ("上海",)),
    ("written by Ada Lovelace", "It was written by Grace Hopper", ("Grace", "Hopper")),
    ("tuning models", "The Art of Tuning", ()),
)


@pytest.mark.parametrize(("notes", "answer", "lacking"), CASES)
def test_what_stands_nowhere_is_told_from_what_is_only_written_otherwise(
    notes: str, answer: str, lacking: tuple[str, ...]
) -> None:
    class English:
        def to_chinese(self, english_stem: str) -> dict[str, float]:
            return {"艺术": 1.0} if english_stem == "art" else {}

    assert Held([notes], Thesaurus(English())).lacks(answer) == lacking


def test_another_name_that_the_notes_give_is_no_invention() -> None:
    class Names:
        def other_names(self, question: str) -> list[tuple[str, ...]]:
            return [("检索增强生成",)] if "RAG" in question else []

    assert Held(["检索增强生成减少了幻觉"], Thesaurus(names=Names())).lacks("RAG 减少了幻觉") == ()  # type: ignore[arg-type]


def test_a_product_is_not_its_namesake() -> None:
    held = Held(["DeepSeek 的训练用了很多卡，R1 是路由器的型号"], Thesaurus(words={"deepseek", "r1"}))
    assert held.lacks_what_it_is_about("DeepSeek-R1 的训练成本是很多卡")
    assert not held.lacks_what_it_is_about("DeepSeek 的训练用了很多卡")


def test_a_number_that_only_looks_like_an_amount_is_none() -> None:
    assert [fact.text for fact in amounts_in("一些人十分高兴，千万别走")] == []
