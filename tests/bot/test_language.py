from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import looks_like_a_question

QUESTIONS = """
粥要煮多久？
怎么煮粥
米饭和水的比例是多少
大家好，请问 RAG 是什么
有没有人试过隔夜饭
炒饭是不是要用冷饭
你们的锅能不能煮粥
那水呢
吃了吗
请解释注意力机制
有人知道这个参数的意思吗
粥要煮多久？谢谢大家！
我查了一下。为什么要隔夜饭？
What is rice
How many cups of water does it take
Rice is done?
does it need salt
where is the rice cooker
Hi all, which rice do you use
anyone know how hot the tea should be
why not use cold rice
can you cook it twice
explain fried rice
我知道怎么煮饭，但是粥要煮多久
"""
REMARKS = """
今天煮粥。
ok
？
??!
好的谢谢
没什么
我没怎么看懂，先放着
什么都行
谁都可以来
我知道怎么做了
今天讲了如何微调模型
我还在家呢
多少有点道理
我讲一下怎么煮饭。
When I was young we ate rice
What a day
do it now
have fun
Is fine by me
which reminds me of rice
see https://example.org/?q=what
他说“什么是注意力？”然后走了
> 粥要煮多久？
1?
"""


@pytest.mark.parametrize("text", QUESTIONS.strip().splitlines())
def test_a_question_is_taken_for_one(text: str) -> None:
    assert looks_like_a_question(text)


@pytest.mark.parametrize("text", REMARKS.strip().splitlines())
def test_a_remark_is_left_alone(text: str) -> None:
    assert not looks_like_a_question(text)


def test_a_speech_is_no_question() -> None:
    assert not looks_like_a_question("吃了" * 300 + "？")


@given(st.text(alphabet="什么?？。 what\nis的呢`“”>", max_size=400))
def test_no_text_breaks_the_rule(text: str) -> None:
    assert looks_like_a_question(text) in (True, False)
