"""The headings above go in; the few words that tell a stranger what is talked about come out."""

from __future__ import annotations

import re

NUMBERING = re.compile(
    r"^\s*(?:\d+(?:\.\d+)*[.、)）:：]?\s+|\d+(?:\.\d+)*[.、)）]\s*|[(（]?[一二三四五六七八九十\d]+[)）、.]\s*"
    r"|第[一二三四五六七八九十\d]+[章节讲课步部分篇]+[：:、\s]*|【[^】]*】|[^\w\s《“\"'(（「]+\s*)"
)
TAGS = re.compile(r"(?:^|\s)#[^\s#]+")
TRAILING = re.compile(r"[\s:：。,，、]+$")
UNTELLING = frozenset(
    "思考 名词 其它 其他 案例 示例 例子 例证 最新进展 进展 原因 结论 总结 小结 介绍 简介 背景 概述"
    " 概览 概念 定义 分类 方法 解决方案 方案 资料 参考"
    " 参考资料 参考文献 附录 备注 问题 优点 缺点 优缺点 特点 步骤 流程 原理 应用 实现 代码 效果 分析"
    " 评价 评论 说明 注意 注意事项 对比 比较"
    " 意义 历史 发展 现状 现状分析 挑战 局限 局限性 未来 展望 观点 核心观点 要点 重点 内容 目录 前言"
    " 引言 正文 正方 反方 公式 直觉 练习 复习"
    " 复习卡片 卡片 术语 术语表 笔记 待办 更多 相关 链接 数据 模型 训练 实验 结果 讨论 工具 补充 使用"
    " 架构 算法 技术 趋势 理论 结构 论文 洞见"
    " introduction overview background summary conclusion conclusions example examples note notes definition definitions method"
    " methods result results discussion references appendix misc other faq todo cards flashcards usage details motivation"
    " problem problems solution solutions pros cons limitations future history concepts terms content contents glossary".split()
)
SILENT = frozenset(
    "复习 复习卡片 卡片 总结 小结 笔记 待办 更多 其它 其他 补充 cards flashcards notes note todo misc other summary".split()
)
"""Headings that add nothing even below one that says something."""
PICTURED = re.compile(r"[\U0001f000-\U0001ffff\u2600-\u27bf\ufe0f]")
MACHINE_NAME = re.compile(r"(?=.*\d)[0-9a-zA-Z_\-.]+$")
LONGEST = 40
"""Characters; a longer heading is a sentence, and is cut at its first stop."""
PARTS = 2


def topic_of(headings: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The innermost heading that says something, with the one above it; outermost first.

    A heading such as "Advantages" says nothing alone and is kept only below one that does.
    """
    named = [name for name in map(clean, (title, *headings)) if name and not MACHINE_NAME.match(name)]
    named = list(dict.fromkeys(named))
    telling = [at for at, name in enumerate(named) if not is_untelling(name)]
    if not telling:
        return ()
    first = telling[-1]
    above = [at for at in telling if at < first][-(PARTS - 1) :]
    below = tuple(name for name in named[first + 1 : first + 2] if name.casefold() not in SILENT)
    return (*(named[at] for at in above), named[first], *below)


def clean(heading: str) -> str:
    """The heading without numbers, tags and pictures."""
    words = PICTURED.sub("", TAGS.sub("", heading)).strip()
    while (shorter := NUMBERING.sub("", words, count=1)) not in (words, ""):
        words = shorter
    words = TRAILING.sub("", words)
    return words if len(words) <= LONGEST else TRAILING.sub("", re.split(r"[。？！?!，,；;：:（(]", words)[0])[:LONGEST]


def is_untelling(name: str) -> bool:
    """A heading that could stand in any note."""
    return name.casefold() in UNTELLING or len(name) < 2
