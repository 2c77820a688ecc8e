"""What a message is, by examples of each kind in both languages."""

from __future__ import annotations

import pytest

from bot.rag.message_kind import MessageKind, MessageReading, read_message
from bot.rag.smalltalk import Talk

KINDS = {
    MessageKind.ALONE: (
        "什么是注意力机制|困惑度是什么|谁是姚班学生|束搜索是啥意思|请介绍一下贝叶斯优化|温度系数是干什么用的|那什么是早停"
        "|What is dropout?|what's a tokenizer|who is Geoffrey Hinton|explain beam search|so what is a transformer"
        "|What does RMSNorm stand for?|tell me about contrastive learning"
    ),
    MessageKind.LEANS: (
        "它有多大|为什么|第二种一定是对的吗|那创业公司也能用上吗|"
        "第三种呢|缺点是什么|那训练要多久|具体怎么做|举个例子吧|还有别的吗|前者更快吗|另一个呢|他后来怎么说"
        "|主要原因是什么|英文的呢|两个系数分别取多少|那两个门分别管什么"
        "|why?|and its drawbacks|what about speed|how does it work|who made them"
        "|the second one?|what is the main reason|any other ways"
        "|what are the limitations|then what|is that still true"
    ),
    MessageKind.UNCLEAR: (
        "能在手机上跑吗|卷积核一般取多大|训练时显存不够怎么办|蒸馏那个实验用了几张卡|一群人一起干活 这叫什么"
        "|LAMB 里用的那两个系数分别取多少"
        "|can I run a quantized model on a phone|how many layers does BERT have|is it possible to train embeddings on a laptop"
    ),
    MessageKind.BACK: (
        "回到剪枝，能省多少内存|刚才说的束搜索有什么缺点|前面那个蒸馏 用了几张卡|再讲讲困惑度|之前提到的早停怎么设"
        "|back to pruning, how much does it save|going back to beam search: what width"
        "|the tokenizer you mentioned earlier, is BERT using it"
    ),
    MessageKind.CORRECTS: (
        "不对，我问的是剪枝|不是，我说的是束搜索的宽度|我是想问蒸馏的温度|错了，是早停|你理解错了，我要问的是困惑度"
        "|no, I meant pruning|that's not what I asked, I was asking about beam width"
        "|not that one, the tokenizer|sorry, I meant to ask about BERT"
    ),
    MessageKind.TALK: "你好呀|多谢|哈哈|你是谁|hi there|thanks a lot|what can you do",
    MessageKind.ABOUT_NOTES: (
        "这些笔记都讲了什么|你的资料主要是关于什么的|总结一下所有笔记|这里有哪些主题|笔记的概览"
        "|what are these notes about?|what's in your notes|summarize all the notes|give me an overview|which topics do you cover"
        "|笔记里面都有啥呀|你们这儿存了些什么|这份资料是关于什么的|我能从这里学到什么|你都知道些啥"
        "|what's in here?|what can I find in the notes"
        "|what do you know?"
    ),
    MessageKind.LIST_OF_NOTES: (
        "都有哪些笔记|列出所有文档|你这里存了什么资料|一共有几篇笔记|which notes are there"
        "|what files do you have|list all the notes"
    ),
    MessageKind.COMPARES: (
        "剪枝和蒸馏有什么区别|比较一下 GRU 和 LSTM|早停跟正则化哪个更好|Adam 与 SGD 的差异在哪"
        "|Adam vs SGD|what's the difference between GRU and LSTM|how does pruning differ from distillation|compare BERT with GPT"
    ),
}
NOTES = {
    (
        MessageKind.ABOUT_NOTE,
        "cooking.md",
    ): "cooking.md 里有什么|what is in cooking.md|cooking.md 讲了什么|what does cooking.md say?",
    (MessageKind.ABOUT_NOTE, "面试准备"): "《面试准备》写了些什么|《面试准备》里面主要讲什么",
    (
        MessageKind.SUM_UP_NOTE,
        "cooking.md",
    ): "总结一下 cooking.md|sum up cooking.md|please summarize cooking.md|把 cooking.md 概括一下",
    (MessageKind.ABOUT_NOTE, "BERT"): "BERT 那篇写了什么|what's in the BERT note",
    (MessageKind.ABOUT_NOTE, "这篇"): "这篇笔记主要讲什么",
    (MessageKind.SUM_UP_NOTE, "蒸馏"): "总结一下蒸馏那篇|把蒸馏这篇概括一下",
    (MessageKind.SUM_UP_NOTE, "this note"): "summarize this note please",
    (MessageKind.LIST_OF_NOTES, "剪枝"): "哪些笔记提到过剪枝|有没有讲剪枝的笔记|有关于剪枝的笔记吗",
    (MessageKind.LIST_OF_NOTES, "pruning"): "which notes are about pruning?|do you have any notes on pruning",
    (MessageKind.SUM_UP_NOTE, "第二篇"): "总结第二篇笔记|帮我概括一下第二篇",
    (MessageKind.SUM_UP_NOTE, "first note"): "summarize the first note",
    (MessageKind.SUM_UP_NOTE, "贝叶斯优化"): "总结一下贝叶斯优化",
}
QUESTIONS = (
    "归纳法是怎么证明的|总结能力强的模型有哪些|剪枝的总结写在哪里好|文件系统有什么作用|资料来源有多少|不是说要早停吗|错了会怎样"
    "|不对称加密是什么"
    "|这里有什么问题|都有哪些|里面有哪些参数|这篇论文讲了什么|学到了什么特征|你知道剪枝吗"
    "|what do they have in common|what can we learn from this"
    "|no free lunch theorem|what does the file format contain|notes on which paper are longest|which model is wrong most often"
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts.split("|")])
def test_a_message_is_of_its_kind(kind: MessageKind, text: str) -> None:
    assert read_message(text).kind is kind


@pytest.mark.parametrize(
    ("kind", "target", "text"), [(kind, target, text) for (kind, target), texts in NOTES.items() for text in texts.split("|")]
)
def test_a_message_about_a_note_says_which(kind: MessageKind, target: str, text: str) -> None:
    reading = read_message(text)

    assert (reading.kind, reading.target) == (kind, target)


@pytest.mark.parametrize("text", QUESTIONS.split("|"))
def test_a_question_is_no_correction_and_not_about_the_notes_because_of_a_word(text: str) -> None:
    assert read_message(text).kind in (MessageKind.ALONE, MessageKind.UNCLEAR, MessageKind.LEANS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("不对，我问的是剪枝", "剪枝"),
        ("no, I meant the tokenizer", "the tokenizer"),
        ("回到剪枝，能省多少内存", "剪枝,能省多少内存"),
        ("back to pruning, how much does it save", "pruning, how much does it save"),
        ("什么是 Ａdam？ ", "什么是 Ａdam？"),
    ],
)
def test_what_is_looked_up_is_the_message_without_what_leads_to_it(text: str, words: str) -> None:
    assert read_message(text).words == words


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("剪枝和蒸馏有什么区别", ("剪枝", "蒸馏")),
        ("GRU 跟 LSTM 两种网络有啥不同", ("GRU", "LSTM")),
        ("What is the difference between the encoder and the decoder?", ("encoder", "decoder")),
    ],
)
def test_a_comparison_names_its_sides(text: str, sides: tuple[str, str]) -> None:
    assert read_message(text).sides == sides


def test_a_comparison_with_what_was_spoken_of_leans_on_it() -> None:
    assert read_message("那跟蒸馏有什么区别").kind is MessageKind.LEANS
    assert read_message("how is it different from pruning").kind is MessageKind.LEANS


@pytest.mark.parametrize("text", ["不" * 150, "介绍一下" * 39, "这里里面" * 39, "A 和 B 的" * 20, "please " * 20, "有" * 150])
def test_a_message_of_nothing_but_beginnings_is_read_too(text: str) -> None:
    """Patterns that may be read in two ways would take for ever."""
    assert read_message(text).kind in (MessageKind.UNCLEAR, MessageKind.LEANS)


def test_small_talk_says_of_which_kind_it_is() -> None:
    assert read_message("多谢啦") == MessageReading(kind=MessageKind.TALK, words="多谢啦", talk=Talk.THANKS)
