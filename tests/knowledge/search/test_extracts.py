from __future__ import annotations

import pytest

from knowledge.passages import passages_of, sentences
from knowledge.search.extracts import choose_excerpts
from knowledge.search.quote_candidates import Excerpt
from knowledge.types import Hit, ScoredSpan
from tests.knowledge.writing import note_of

BEFORE = "这一行在前面。\n\n"


def hit(text: str, *worths: float, score: float = 1.0, path: str = "a.md") -> Hit:
    """A passage found with `score`; its sentences are worth `worths`, in order."""
    (cut,) = passages_of(note_of(text, path))
    spans = [ScoredSpan(start=start, end=end, score=worth) for (start, end), worth in zip(sentences(text), worths, strict=True)]
    return Hit(passage=cut.passage, score=score, sentences=tuple(sorted(spans, key=lambda span: -span.score)))


def quoted(question: str, *hits: Hit, most: int = 3, characters: int = 500) -> list[str]:
    return [excerpt.text for excerpt in choose_excerpts(question, hits, most=most, characters=characters)]


def test_without_hits_nothing_is_quoted() -> None:
    assert quoted("注意力") == []


def test_a_hit_without_sentences_gives_nothing_to_quote() -> None:
    found = hit("一。", 1.0)
    assert quoted("一", Hit(passage=found.passage, score=1.0)) == []


def test_sentences_that_stand_together_are_one_piece() -> None:
    assert quoted("？", hit("甲。乙。丙。", 1, 2, 3)) == ["甲。乙。丙。"]


def test_a_list_that_is_asked_for_comes_whole_with_its_lead() -> None:
    text = "优点有三：\n\n- 快\n- 省\n- 稳\n\n缺点以后再说。"
    assert quoted("有哪些优点？", hit(text, 2, 1, 1, 1, 0))[0] == "优点有三：\n\n- 快\n- 省\n- 稳"


def test_a_question_in_the_note_is_answered_by_what_follows() -> None:
    assert quoted("为什么慢？", hit("为什么慢？\n\n缓存太小。", 9, 1)) == ["缓存太小。"]


def test_a_row_is_quoted_with_the_heads_of_its_columns() -> None:
    (excerpt,) = choose_excerpts("狗的价", [hit("| 名 | 价 |\n|--|--|\n| 猫 | 3 |\n| 狗 | 5 |", 1, 0, 2)], most=5, characters=600)
    assert (excerpt.text, excerpt.columns) == ("| 狗 | 5 |", ("名", "价"))


def test_a_better_passage_comes_first() -> None:
    assert quoted("？", hit("甲。", 5, score=1.0), hit("乙。", 5, score=9.0, path="b.md"))[0] == "乙。"


def test_no_more_is_quoted_than_is_wanted() -> None:
    assert quoted("？", hit("甲。乙。丙。", 3, 2, 1), most=2) == ["甲。乙。"]


def test_the_best_sentence_is_quoted_however_long_it_is() -> None:
    assert quoted("？", hit("很长的一句话。短。", 3, 1), characters=4) == ["很长的一句话。"]


def test_what_does_not_fit_makes_room_for_what_does() -> None:
    assert quoted("？", hit("甲甲。非常长的第二句话。丙丙。", 3, 2, 1), characters=6) == ["甲甲。", "丙丙。"]


def test_headings_are_no_answers_but_belong_to_what_stands_right_under_them() -> None:
    assert quoted("？", hit("# 甲\n\n乙。", 9, 1)) == ["# 甲\n\n乙。"]
    assert quoted("？", hit("# 甲", 9)) == []


def test_only_the_best_passages_are_quoted_from() -> None:
    hits = [hit(f"第{at}句。", 1, score=9.0 - at, path=f"{at}.md") for at in range(5)]
    assert quoted("？", *hits, most=9) == ["第0句。", "第1句。", "第2句。"]


def test_places_are_those_in_the_file() -> None:
    text = f"# 头\n\n{BEFORE}# 尾\n\n前面是一句开场的话。答案在此。"
    found = passages_of(note_of(text))[-1].passage
    start, end = sentences(found.text)[-1]
    one = Hit(passage=found, score=1.0, sentences=(ScoredSpan(start=start, end=end, score=1.0),))
    (excerpt,) = choose_excerpts("？", [one], most=1, characters=100)
    assert text[excerpt.start : excerpt.end] == excerpt.text == "答案在此。"
    assert excerpt == Excerpt(hit=one, start=text.index("答案"), end=len(text))


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("哪一年提出的？", "它很有名。它在 2017 年提出。", "它在 2017 年提出。"),
        ("何时提出的？", "它很有名。提出于20世纪。", "提出于20世纪。"),
        ("When was it found?", "It is well known. It was found in 1998.", "It was found in 1998."),
        ("有多少参数？", "参数不少。共有七十亿。", "共有七十亿。"),
        ("How many layers?", "Many layers are used. There are 12.", "There are 12."),
        ("为什么变慢？", "它变慢了。因为缓存太大。", "因为缓存太大。"),
        ("缓存是什么？", "缓存很大。缓存指存下来的键值。", "缓存指存下来的键值。"),
        ("What is a cache?", "Big caches cost. A cache is a store.", "A cache is a store."),
    ],
)
def test_a_sentence_of_the_kind_asked_for_is_preferred(question: str, text: str, answer: str) -> None:
    assert quoted(question, hit(text, 1, 1), most=1) == [answer]


def test_a_line_that_only_announces_is_not_preferred() -> None:
    assert quoted("优点", hit("优点有三：\n速度快。", 1, 0.9), most=1) == ["速度快。"]


def test_a_row_of_a_table_is_not_preferred_to_a_sentence() -> None:
    assert quoted("速度", hit("| 速度 | 快 |\n|--|--|\n\n速度快。", 1, 0.9), most=1) == ["速度快。"]


KETTLE = "水壶装一升水。\n\n它是铜做的。\n\n放在窗台上。\n\n烧开要六分钟。"


def test_where_two_things_are_asked_the_second_is_quoted_from_the_same_passage_too() -> None:
    pieces = quoted(
        "水壶装多少水？烧开要多久？", hit(KETTLE, 5, 0, 0, 2), hit("水壶是爷爷的。", 3, score=0.7, path="b.md"), most=5
    )
    assert pieces[0] == "水壶装一升水。"
    assert "烧开要六分钟。" in pieces


@pytest.mark.parametrize(
    ("question", "count"), [("水壶在哪？", 1), ("水壶在哪，杯子又在哪？", 2), ("Where are both of them?", 2)]
)
def test_a_passage_that_is_far_from_the_best_is_quoted_only_where_several_things_are_asked(question: str, count: int) -> None:
    hits = (hit("水壶在窗台上。", 5, score=1.0), hit("杯子在柜子里。", 5, score=0.55, path="b.md"))
    assert len(quoted(question, *hits, most=5)) == count


def test_a_bullet_that_leads_up_to_its_own_bullets_is_no_mere_announcement() -> None:
    text = "- 冲泡的办法:\n  - 手冲\n  - 法压\n- 办法很多，冲泡看口味"
    assert quoted("冲泡的办法", hit(text, 5, 0, 0, 4.5), most=1, characters=60)[0].startswith("冲泡的办法")


def test_what_names_nothing_that_is_asked_fills_no_room() -> None:
    hits = (hit("水壶在窗台上。", 5, score=1.0), hit("最近一次更新：昨天。", 0, score=0.9, path="b.md"))
    assert quoted("水壶在哪？", *hits, most=5) == ["水壶在窗台上。"]
    assert quoted("水壶在哪？", hit("水壶在窗台上。\n\n几个尺寸（量过！\n\n水壶高一尺。", 5, 4, 1), most=1) == ["水壶在窗台上。"]


def test_a_piece_does_not_grow_to_the_lead_of_a_list_that_it_leaves_out() -> None:
    text = "水壶是铜做的。它用了三十年。保养分三步：\n\n- 倒空\n- 擦干\n- 上油"
    assert quoted("水壶是什么做的？", hit(text, 9, 0, 0, 0, 0, 0), most=3)[0] == "水壶是铜做的。它用了三十年。"
