"""How long an answer of 20,000 characters takes to become messages, against the parser alone, and whether time grows evenly.

`python -m tests.benchmarks.text` prints milliseconds of processor time (the best of five), the ratio to parsing, and for
hostile texts how much longer twice the length takes (2 is linear).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.markup import discord_messages, plain, telegram_messages
from bot.markup.grammar import parse

ANSWER = """## 小结

根据笔记，**思维链（CoT）** 的要点见 [论文](https://arxiv.org/abs/2201.11903) [1]：
参数量大约超过 $10^{10}$ 时，效果才明显；小模型反而会*降低*。

1. **规模**：大约超过一百亿参数时才明显，小模型上使用思维链反而会降低效果，蒸馏过的模型是例外。
   - 代码训练与推理能力的相关性很强，这一点在多篇论文中得到了验证，见 `notes/cot.md`。
2. **数据**：高质量的数据比规模更重要，尤其是在微调的阶段。

> 目前的规模定律依然有效，即通过堆算力、堆数据，能够获取更优的结果。

```python
def answer(question: str) -> str:
    return question
```

"""
HOSTILE: dict[str, Callable[[int], str]] = {
    "nested quotes": lambda n: ">" * n + " a",
    "nested lists": lambda n: "".join("  " * (depth % 40) + "- a\n" for depth in range(n // 40)),
    "open brackets": lambda n: "[" * n,
    "open pictures": lambda n: "![" * (n // 2),
    "stars": lambda n: "*a **b " * (n // 7),
    "tildes": lambda n: "~~a" * (n // 3),
    "bold words": lambda n: "**字** " * (n // 6),
    "dollars": lambda n: "$a " * (n // 3),
    "open formulas": lambda n: "\\(" * (n // 2),
    "open formula lines": lambda n: "\\[\n" * (n // 3),
    "open comments": lambda n: "x <!-- " * (n // 7),
    "links": lambda n: "[a](https://b.example.com) " * (n // 27),
    "one line each": lambda n: "a\n" * (n // 2),
    "table rows": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * (n // 6),
    "one long word": lambda n: "字" * n,
}


def main() -> None:
    answer = (ANSWER * (20_000 // len(ANSWER) + 1))[:20_000]
    baseline = best(parse, answer)
    print(f"parsing alone      {baseline:7.1f} ms")
    for draw in (telegram_messages, discord_messages, plain):
        took = best(draw, answer)
        print(f"{draw.__name__:18} {took:7.1f} ms   {took / baseline:.1f} x parsing")
    for name, made in HOSTILE.items():
        for draw in (telegram_messages, discord_messages):
            once, twice = best(draw, made(5_000), tries=3), best(draw, made(10_000), tries=3)
            print(f"{name:18} {draw.__name__:18} 10,000 characters {twice:7.1f} ms   {twice / max(once, 0.1):.1f} x 5,000")


def best(work: Callable[[str], object], text: str, *, tries: int = 5) -> float:
    """Milliseconds of processor time."""
    took = []
    for _ in range(tries):
        started = time.process_time()
        work(text)
        took.append((time.process_time() - started) * 1000)
    return min(took)


if __name__ == "__main__":
    main()
