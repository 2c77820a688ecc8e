"""Cards from structure: what is asked, and what is left alone."""

from __future__ import annotations

import pytest

from tests.bot.quiz.cards.reading import found_in

TOPIC = "# 模型压缩\n\n"


@pytest.mark.parametrize(
    ("text", "prompt", "answer"),
    [
        ("**量化**是一种用更少位数存储权重的技术。", "【模型压缩】“量化”是什么？", "一种用更少位数存储权重的技术"),
        ("`剪枝`指删除网络中不重要的权重。", "【模型压缩】“剪枝”是什么？", "删除网络中不重要的权重"),
        (
            "- **混合精度**：通过同时使用两种精度来节省显存",
            "【模型压缩】“通过同时使用两种精度来节省显存”，这说的是哪个术语或做法？",
            "混合精度",
        ),
        (
            "- **Beam Search with Diverse Hypotheses**: 在束搜索中考虑多样性，鼓励探索不同的生成路径，以减少重复",
            "【模型压缩】“在束搜索中考虑多样性，鼓励探索不同的生成路径，以减少重复”，这说的是哪个术语或做法？",
            "Beam Search with Diverse Hypotheses",
        ),
        ("**知识蒸馏（Knowledge Distillation）**很常用。", "“知识蒸馏”的英文或外文名是什么？", "Knowledge Distillation"),
        (
            "**人类反馈强化学习（Reinforcement Learning from Human Feedback, RLHF）**",
            "“人类反馈强化学习”的英文缩写是什么？",
            "RLHF",
        ),
        ("RAG (Retrieval Augmented Generation) is popular here.", "缩写 RAG 的全称是什么？", "Retrieval Augmented Generation"),
        ("GPT-3 的训练一共使用了 3000 亿个词元。", "【模型压缩】GPT-3 的训练一共使用了 ____词元", "3000 亿个"),
        ("GPT-2 于 2019 年 2 月发布了最小的版本。", "【模型压缩】GPT-2 于 ____发布了最小的版本", "2019 年 2 月"),
        ("量化感知训练的目标是减小低精度带来的误差。", "【模型压缩】量化感知训练的目标是什么？", "减小低精度带来的误差"),
        ("压缩模型的三种方法：量化、剪枝、蒸馏。", "【模型压缩】压缩模型的三种方法：分别是什么？（共 3 个）", "量化、剪枝、蒸馏"),
        ("| 模型 | 层数 |\n|---|---|\n| base | 12 |\n| large | 24 |", "【模型压缩】“large”的“层数”是什么？", "24"),
        (
            "先把权重映射到整数的做法称为**线性量化**，误差可以估计。",
            "【模型压缩】先把权重映射到整数的做法称为____，误差可以估计",
            "线性量化",
        ),
    ],
)
def test_structure_gives_its_question(text: str, prompt: str, answer: str) -> None:
    assert found_in(TOPIC + text).get(prompt) == answer


@pytest.mark.parametrize(
    "text",
    [
        "它是一种用更少位数存储权重的技术。",
        "这种方法是一种用更少位数存储权重的技术。",
        "如上图所示，**量化**是一种技术，见下表。",
        "**问题**：效果不好",
        "**注意**：先备份再运行",
        "该模型一共使用了 3000 亿个词元。",
        "我们在 2019 年 2 月发布了最小的版本。",
        "去年 GPT-2 一共用了 3000 亿个词元。",
        "这里有 3 个问题。",
        "![图](a.png)",
        "[链接](https://example.org)",
        "```\n**量化**是一种用更少位数存储权重的技术。\n```",
        "| 模型 | 备注 |\n|---|---|\n| base | 小一点 |\n| large | 大一点 |",
        "| 1 | 2 |\n|---|---|\n| 3 | 4 |",
        "为什么 GPT-3 使用了 3000 亿个词元？",
        "编码器（BERT）不加掩码。",
        "三种方法：很多人喜欢，也有人不喜欢，没有结论。",
        "理想的尺寸可以小于 540 万字节。",
        "它在**标准化测试**（SAT，LSAT）里取得了好成绩。",
        "- **微调**：提高任务能力\n- **护栏**：确保产出质量\n- **反馈**：构建数据飞轮",
    ],
)
def test_what_cannot_be_asked_is_left_alone(text: str) -> None:
    assert found_in(TOPIC + text) == {}


def test_a_generic_heading_gets_the_one_above_it() -> None:
    assert "【Transformer › 优点】“稀疏注意力”是什么？" in found_in(
        "# Transformer\n\n## 优点\n\n**稀疏注意力**是一种只看一部分位置的机制。"
    )


def test_a_long_sentence_is_clipped_to_what_the_question_needs() -> None:
    text = "# 大模型\n\nGPT-3 一共拥有 1750 亿个参数，最近的模型还要大得多，许多人认为继续增大"
    text += "已经没有意义，也有人反对，他们的理由各不相同，讨论还在继续。"
    assert found_in(text) == {"【大模型】GPT-3 一共拥有 ____参数": "1750 亿个"}


def test_a_clause_that_waits_for_another_ends_no_question() -> None:
    text = "# 涌现\n\nOpenAI 研究人员在 2020 年进行的一项分析发现，随着模型规模的扩大，"
    text += "它的损失会按照幂律平稳地下降，而且这个规律跨越了许多个数量级，没有人见过例外，大家都很惊讶。"
    assert not [prompt for prompt in found_in(text) if prompt.endswith("随着模型规模的扩大")]


def test_markup_belongs_to_the_answer_or_does_not_but_is_never_cut() -> None:
    (answer,) = (answer for prompt, answer in found_in("# 推理\n\n推理的核心是两个概念：`事实`和`规则`。").items())
    assert answer == "`事实`和`规则`"


def test_a_column_gives_its_other_cells_as_siblings() -> None:
    from tests.bot.quiz.cards.reading import cards_in

    cards = cards_in("# 配置\n\n| 模型 | 层数 |\n|---|---|\n| base | 12 |\n| large | 24 |\n| xl | 48 |")
    assert {card.answer: card.siblings for card in cards} == {"12": ("24", "48"), "24": ("12", "48"), "48": ("12", "24")}
