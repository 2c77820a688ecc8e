"""A number goes in; a vault of that many made-up notes comes out: Chinese and English words in a natural (Zipf) mixture."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

CHINESE = (
    "模型 训练 注意力 数据 语言 推理 记忆 检索 词元 参数 梯度 评测 对齐 生成 向量 窗口 缓存 提示 幻觉 微调 量化 损失 采样".split()
)
ENGLISH = "transformer token attention prompt retrieval embedding gradient sampling cache benchmark alignment agent".split()
VERBS = "需要 使用 提高 减少 依赖 说明 避免 测量 比较 决定 影响 分成".split()


class Writer:
    """Writes notes; two writers with one seed write the same."""

    def __init__(self, seed: int = 0, words: int = 4000) -> None:
        self._random = random.Random(seed)
        rare = ["".join(self._random.sample(CHINESE, 2)) for _ in range(words)]
        self._words = [*CHINESE, *ENGLISH, *dict.fromkeys(rare)]
        self._weights = [1 / (rank + 1) for rank in range(len(self._words))]

    def word(self) -> str:
        return self._random.choices(self._words, self._weights)[0]

    def sentence(self) -> str:
        words = self._random.choices(self._words, self._weights, k=self._random.randint(6, 14))
        words.insert(len(words) // 2, self._random.choice(VERBS))
        number = f"{self._random.randint(1, 999)}" if self._random.random() < 0.3 else ""
        return "".join(f" {word} " if word.isascii() else word for word in words) + number + "。"

    def note(self, sections: int = 4) -> str:
        """Some 400 characters a section: a heading, a paragraph, a list."""
        parts = [f"# {self.word()}{self.word()}"]
        for _ in range(sections):
            parts.append(f"## {self.word()}与{self.word()}")
            parts.append("".join(self.sentence() for _ in range(4)))
            parts.append("\n".join(f"- {self.sentence()}" for _ in range(4)))
        return "\n\n".join(parts) + "\n"

    def question(self) -> str:
        return f"{self.word()}为什么{self._random.choice(VERBS)}{self.word()}和{self.word()}？"


def write_vault(folder: Path, notes: int, *, seed: int = 0, sections: int = 4) -> None:
    """Fill `folder`, twenty notes to a sub-folder."""
    writer = Writer(seed)
    for number in range(notes):
        file = folder / f"{number // 20:04}" / f"{number:05}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(writer.note(sections), encoding="utf-8")


def questions(count: int, *, seed: int = 1) -> Iterator[str]:
    writer = Writer(seed)
    for _ in range(count):
        yield writer.question()


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
