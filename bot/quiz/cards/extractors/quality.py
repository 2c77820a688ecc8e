"""Quality filters: whether a sentence or term makes sense without its page, judged by words and parts of speech."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    tag: str
    start: int
    end: int


@lru_cache(maxsize=4_000)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of `text` in order; together they are `text`."""
    import rjieba

    found = []
    at = 0
    for word, tag in rjieba.tag(text):
        found.append(Word(word, tag, at, at + len(word)))
        at += len(word)
    return tuple(found)


# What leans on another sentence.
LEANING_ZH = re.compile(
    r"它|牠|他们|她们|(?<![其吉])他(?![们国])|她|这|那(?!不勒斯)|(?<!应)该(?!校准)|此(?!外)|上述|以上(?!的)"
    r"|以下(?!的)|前者|后者|上文|下文|前文|后文|本文|本书|本节|本章|本鱼|本种|本作|本片|本曲|本剧"
    r"|如[上下]|[上下][图表面]|见[上下图表]|[图表]\s*\d|见原文|参见|参考|详见|点击|扫码|链接|站内|我们?"
    r"|咱们?|笔者|你们?|您|作者|楼主|本人|另一[个种方]|两者|二者|三者|同上|同样|其中的"
    r"|另外|[第其]一[个种]?挑战|后面|前面|刚才|之前提|前述|所述|这里|那里|今年|去年|明年|昨[天日]|今[天日]"
    r"|明[天日]|近日|日前|刚刚|上周|本周|本月|上个?月|最近|同年|同月|翌年|次年|次日|到现在|如今|下一[个代]"
    r"|上一[个代]|[几两三四五六七八九十数多]年前|(?<![年月日前])之前"
)
LEANING_EN = re.compile(
    r"\b(?:it|its|they|them|their|he|she|his|her|this|that|these|those|here|there|above|below|following"
    r"|former|latter|we|our|us|I|my|you|your"
    r"|the authors?|figure|fig|table|section|chapter|paper|see|refer|both|another|other|others|same"
    r"|such|yesterday|today|tomorrow|recently)\b",
    re.IGNORECASE,
)
JOINING_ZH = re.compile(
    r"^(?:但是?|然而|因此|因而|所以|而且?|并且?|此外|例如|比如|譬如|另外|同时|其次|首先|最后|于是|不过"
    r"|即(?!使用)|也|还|则|再|又|就|却|如果|若|虽然|尽管|由于|因为|当|除了|其中|其实|事实上|总之|综上"
    r"|一方面|另一方面|从而|以及|以便|之后|随后|后来|接着|然后"
    r"|可见|可以|能|只|更|甚至|显然|目前来看|换句话说|具体来说|说明|注意|备注|结论|原因|观点|实验|结果"
    r"|推测|发现|评论|论文|图示|资料|示例|比方|参考|来源|原文|作者|译文|简言之|简而言之|一般来说|通常"
    r"|无论|不管|其他|其它|另有|更多|近似|类似|有人|有些|一些|很多人|许多|大家|任何|为此|为了|不要"
    r"|不是|不仅|没有|让|使|使得|把|将|对于?|在此|相对|相比|与此|从此|至此|到此|至于|关于)"
)
JOINING_EN = re.compile(
    r"^(?:but|however|therefore|thus|so|and|or|also|moreover|furthermore|then|next|first|second|third"
    r"|finally|because|since|if|when|while|although|though"
    r"|for example|e\.g|instead|as|unlike|like|note|in addition|otherwise|similarly|hence|again|too"
    r"|only|even|nor|yet|which|where|who|to|with|by|let)\b",
    re.IGNORECASE,
)
JUNK = re.compile(
    r"\t|\[\[|\[\d+\]|[\U0001f000-\U0001ffff]|[{}<>|\\^~$=]|&[a-z]+;|https?:|www\.|\.(?:png|jpe?g|gif"
    r"|pdf)\b|[�□■▲●◆★☆]|（，*）|\(\s*\)|[，、；]{2,}|\.{3,}|…"
)
PAIRS = (("（", "）"), ("(", ")"), ("“", "”"), ("《", "》"), ("「", "」"), ("『", "』"), ("[", "]"), ("【", "】"))
SHORTEST = 10
LONGEST = 110
"""Characters of a sentence that is asked about as a whole."""

HOLLOW_ZH = frozenset(
    "问题 方法 结果 原因 目标 特点 优点 缺点 优势 劣势 步骤 作者 研究 论文 实验 模型 数据 系统 效果"
    " 核心 关键 重点 本质 目的 作用 结论 观点 内容 思路"
    " 前提 区别 不同 情况 现象 过程 方式 方案 功能 能力 任务 领域 方面 部分 阶段 时间 地点 人物 名称"
    " 名字 意思 定义 概念 公式 例子 案例 说明 备注 注意 提示"
    " 输入 输出 参数 代码 文件 链接 图片 资料 背景 介绍 总结 挑战 难点 瓶颈 答案 想法 建议 理由 依据"
    " 事实 趋势 影响 意义 价值 条件 要求 规则 标准 类型 种类"
    " 数量 大小 长度 速度 成本 效率 性能 质量 水平 程度 范围 比例 训练 推理 测试 评估 应用 使用 实现"
    " 设计 开发 分析 对比 比较 发展 历史 未来 现状 世界 人类 人们"
    " 大家 公司 团队 用户 产品 技术 算法 工具 机器 计算机 语言 人 事 第一 第二 第三 首先 其次 最后"
    " 其一 其二 其三 一种 另一种 前者 后者 主要 目前 现在 当前"
    " 核心思想 主要思想 基本思想 基本思路 主要原因 核心问题 最终结果 实验结果 结果表明 一种观点 适用场景"
    " 应用场景 代表 格式 示例 全文 正文 原文 标题 关键词 摘要"
    " 名词 动词 技术点 目录 来源 出处 版本 更新 日期 分类 种 个 类 项 条 人士 专家 学者 研究者 研究人员"
    " 主题 主持人 嘉宾 地址 官网 论文地址 项目地址 代码地址".split()
)
HOLLOW_EN = frozenset(
    "problem method result results reason goal step author study paper experiment model data system"
    " effect key point answer idea example note"
    " input output parameter code file link figure background summary challenge what why how who when"
    " where size name one two three first second"
    " third another other each all some many most both the a an pros cons advantage disadvantage conclusion"
    " todo tip tips warning remark".split()
)
LOOSE = frozenset(("ad", "r", "p", "c", "d", "uj", "ul", "uz", "ug", "ud", "uv", "y", "e", "o", "f", "m", "u", "mq", "q"))
"""Parts of speech that no term is made of."""
MARKED_LOOSE = frozenset(("ad", "r", "uj", "ul", "y", "e", "o"))


def stands_alone(text: str) -> bool:
    """A whole sentence that points at nothing outside itself."""
    if not SHORTEST <= len(text) <= LONGEST or JUNK.search(text) or not is_closed(text):
        return False
    if (
        re.search(r"[?？!！]|^【|[:：]\s*(?:尽管|虽然|如果|由于|为了|随着)|^[两二三四五几]个?(?:数字|数据)", text)
        or JOINING_ZH.match(text)
        or JOINING_EN.match(text)
    ):
        return False
    return not leans(text)


def leans(text: str) -> bool:
    """It points at something outside itself: a pronoun, a picture, another paragraph, the day it was written on."""
    return bool(LEANING_ZH.search(text) or LEANING_EN.search(text))


def is_closed(text: str) -> bool:
    """Every bracket and quotation mark has its other half."""
    return all(text.count(opening) == text.count(closing) for opening, closing in PAIRS) and text.count('"') % 2 == 0


def is_term(text: str, *, marked: bool = False, hollow: bool = False) -> bool:
    """It can be the name of something: short, of nouns, and not a word that stands in every note.

    `marked` terms were set off by their author, who is trusted with the parts of speech; `hollow` lets common words pass.
    """
    if not text or not is_closed(text) or JUNK.search(text) or re.search(r"[，。；：！？,;:!?、]", text):
        return False
    if not hollow and (text in HOLLOW_ZH or text.casefold() in HOLLOW_EN):
        return False
    if text.startswith("的") or text.endswith("的") or not re.search(r"[^\W\d_]", text):
        return False
    if text.isascii():
        return 2 <= len(text) <= 40 and len(text.split()) <= 5 and not LEANING_EN.search(text) and not JOINING_EN.match(text)
    words = words_of(text)
    banned = MARKED_LOOSE if marked else LOOSE
    return (
        2 <= len(text) <= (16 if marked else 12) and not any(word.tag in banned for word in words) and not LEANING_ZH.search(text)
    )


def ends_in_noun(text: str) -> bool:
    """Its last word can be what the whole is: a noun, a noun-like verb, a Latin word, a set phrase."""
    words = [word for word in words_of(text) if word.text.strip(" ）)”」")]
    return bool(words) and (words[-1].tag[0] in "njli" or words[-1].tag in ("eng", "vn", "v", "an", "x", "k", "g"))
