"""Sentences find the passages that support them, in either language, and none when nothing does."""

from __future__ import annotations

import pytest

from bot.rag.attribution import Attributor
from bot.rag.citations import citation_of
from knowledge.text import Thesaurus
from tests.bot.making import hit

GIVEN = tuple(
    citation_of(n, hit(text, f"{n}.md"))
    for n, text in enumerate(
        (
            "# 阳台种番茄\n\n番茄每三天浇一次水，盆要深 30 厘米。授粉靠摇动花枝。",
            "# 腌黄瓜\n\n黄瓜要先用盐腌两小时，再倒掉水分。醋和糖的比例是二比一。",
            "# Sourdough\n\nFeed the starter with rye flour every morning. Bake at 240 degrees with steam for the first half.",
        ),
        1,
    )
)


class English:
    def to_chinese(self, english_stem: str) -> dict[str, float]:
        words = {
            "cucumb": "黄瓜",
            "salt": "盐分",
            "vinegar": "米醋",
            "pickl": "腌制",
            "hour": "小时",
            "tomato": "番茄",
            "pollin": "授粉",
        }
        return {words[english_stem]: 1.0} if english_stem in words else {}


def sources(sentence: str, question: str = "", hints: tuple[int, ...] = ()) -> tuple[int, ...]:
    return Attributor(GIVEN, question=question, thesaurus=Thesaurus(English())).attribute(sentence, hints).sources


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("番茄每 3 天浇一次水。", (1,)),
        ("先拿盐把黄瓜腌上两小时，然后把水分倒掉。", (2,)),
        ("**授粉**时摇动花枝即可", (1,)),
        ("The starter is fed with rye flour each morning.", (3,)),
        ("Bake it at 240 degrees, with steam at first.", (3,)),
        ("Pollinate the tomatoes.", (1,)),
        ("今天天气很好，适合出门散步。", ()),
        ("番茄每 9 天浇一次水。", ()),
        ("要不要给番茄浇水？", ()),
    ],
)
def test_a_sentence_names_the_passage_that_supports_it_and_no_other(sentence: str, wanted: tuple[int, ...]) -> None:
    assert sources(sentence) == wanted


def test_a_sentence_of_two_passages_names_both() -> None:
    assert set(sources("番茄每三天浇一次水，而黄瓜要先用盐腌两小时再倒掉水分。")) == {1, 2}


def test_what_only_repeats_the_question_has_no_source() -> None:
    question = "阳台上的番茄该怎么浇水，盆有什么讲究？"
    assert sources("关于阳台上的番茄该怎么浇水、盆有什么讲究，情况很复杂。", question) == ()
    assert sources("番茄每三天浇一次，盆深 30 厘米。", question) == (1,)


def test_the_models_own_mark_is_kept_only_where_the_passage_bears_it_out() -> None:
    assert sources("醋和糖是二比一。", hints=(2,)) == (2,)
    assert sources("醋和糖是二比一。", hints=(3,)) == (2,)
    assert sources("好。", hints=(3,)) == (3,)


def test_what_no_passage_says_is_not_the_notes() -> None:
    attributor = Attributor(GIVEN, question="番茄怎么浇水？")
    assert attributor.attribute("番茄最怕蚜虫和白粉病，需要定期喷洒杀虫剂。").unsupported
    assert attributor.attribute("番茄一共要浇 45 次水。").lacking == ("45",)
    assert not attributor.attribute("笔记里没有提到这一点。").unsupported
    assert not attributor.attribute("The notes do not say.").unsupported


def test_what_was_said_in_the_conversation_may_be_repeated() -> None:
    assert Attributor(GIVEN, said=["我的盆深 45 厘米"]).attribute("你的盆深 45 厘米。").lacking == ()
