"""Which questions ask the same. Every pair here is one that embeddings hold near-duplicates."""

from __future__ import annotations

import pytest

from bot.rag.answer_cache import asks_the_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("注意力机制是什么？", "什么是注意力机制"),
        ("注意力机制是什么？", "请问，注意力机制是什么呢"),
        ("请解释一下注意力机制", "注意力机制是什么意思？"),
        ("米饭怎么煮？", "米饭如何煮"),
        ("米饭要煮多久？", "请问米饭到底要煮多长时间呢？"),
        ("为什么要先洗米？", "为何要先洗米"),
        ("我想知道 KV cache 有什么用", "KV Cache有啥用？"),
        ("水和米要加盐吗？", "水和米要加盐吗"),
        ("What is attention?", "Please explain attention"),
        ("How long does rice cook?", "Could you please tell me, how long does the rice cook?"),
        ("注意力機制是什麼？", "注意力机制是什么"),
        ("A model is trained how?", "The model is trained how"),
        ("你好！米饭怎么煮？！", "米饭怎么煮~"),
    ],
)
def test_wordings_of_one_question_ask_the_same(one: str, other: str) -> None:
    assert asks_the_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("炒饭要不要加盐？", "炒饭不要加盐？"),
        ("煮饭要放盐吗？", "煮饭不要放盐吗？"),
        ("有盐的米饭怎么煮？", "没有盐的米饭怎么煮？"),
        ("加糖的茶怎么泡", "不加糖的茶怎么泡"),
        ("为什么要洗米？", "为什么不要洗米？"),
        ("How to cook rice with salt?", "How to cook rice without salt?"),
        ("Why does it help?", "Why doesn't it help?"),
        ("Which models can do this?", "Which models cannot do this?"),
        ("第 1 章讲什么？", "第 2 章讲什么？"),
        ("7B 模型要多少显存？", "70B 模型要多少显存？"),
        ("温度 0.2 好吗", "温度 0.7 好吗"),
        ("x > 3 是什么意思", "x < 3 是什么意思"),
        ("GPT-4 是什么？", "GPT-3 是什么？"),
        ("C 是什么？", "C++ 是什么？"),
        ("张三的生日是什么时候？", "李四的生日是什么时候？"),
        ("注意力的优点是什么？", "注意力的缺点是什么？"),
        ("洗米之前做什么？", "洗米之后做什么？"),
        ("最大的模型是什么？", "最小的模型是什么？"),
        ("谁发明了电话？", "为什么发明了电话？"),
        ("猫咬狗怎么办？", "狗咬猫怎么办？"),
        ("从北京到上海多久", "从上海到北京多久"),
        ("小明喜欢谁？", "谁喜欢小明？"),
        ("老师是谁的学生？", "谁是老师的学生？"),
        ("Is A larger than B?", "Is B larger than A?"),
        ("What causes attention?", "What does attention cause?"),
        ("米饭能吃吗", "米饭吃什么"),
        ("所有模型都支持吗", "有的模型支持吗"),
        ("能不能加盐", "要不要加盐"),
        ("只用水可以吗", "用水可以吗"),
        ("我的密码是什么", "你的密码是什么"),
        ("我想知道的是什么", "知道的是什么意思"),
        ("What is vitamin A?", "What is a vitamin?"),
        ("a != b 是什么意思", "a = b 是什么意思"),
        ("a && b 是什么", "a || b 是什么"),
        ("__init__ 是什么", "init 是什么"),
        ("A→B 是什么意思", "A←B 是什么意思"),
        ("∑ 是什么", "∏ 是什么"),
        ("什么是 .NET", "什么是 net"),
        ("5! 是多少", "5 是多少"),
        ("What is 5!", "What is 5"),
        ("$100 是多少", "¥100 是多少"),
    ],
)
def test_what_differs_in_a_word_that_counts_does_not(one: str, other: str) -> None:
    assert not asks_the_same(one, other)
    assert asks_the_same(one, one)
