"""Validation of what is to be remembered: clean and borne out by its source, or rejected.

Small models write down what nobody said, what others said, their own chatter and orders that somebody hid in a message
(one reported store of 10,134 entries held 97.8 % of that). Nothing is remembered that does not pass here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.storage.memories import Item, NewItem
from bot.storage.memories.facts import Fate
from knowledge.text import fillers, fold, terms

LONGEST = 200
"""Characters of an item."""
SUPPORT = 0.6
"""The part of an item's telling terms that its source must hold."""
SUPPORT_OF_SUMMARY = 0.5
"""The same for a sentence of a summary, which may use words of its own."""
SAME = 0.85
"""Overlap of terms from which on two items say the same."""

THOUGHT = re.compile(
    r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)|\A.*?</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE
)
CHATTER = re.compile(
    r"\bas an? (?:ai|language model|assistant)\b|\bi(?: am|'m) (?:an ai|happy to|sorry)|\b(?:sure|certainly|of course)[,!]"
    r"|\bhere(?: is|'s| are) (?:the|a|your)\b|\bthe (?:user|conversation|summary|assistant)\b.*\b(?:did not|does not|no )\b"
    r"|\b(?:no|not enough) information\b|\blet me know\b|\bnone\b\s*$"
    r"|作为(?:一个)?(?:AI|人工智能|语言模型|助手)|^好的[，,！!]|以下是|如下[：:]"
    r"|没有(?:提到|提供|相关信息|足够)|无法(?:确定|得知)|暂无|^无[。.]?$",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}"
    r"\b(?:instruction|prompt|rule|message|above|previous|prior|everything|system)"
    r"|\b(?:from now on|always|never|you must|you should|you are now|act as|pretend|respond with|reply with|answer with|do not"
    r" tell|don't tell)\b.{0,60}\b(?:you|respond|reply|answer|say|users?|everyone|must|as|output|print|reveal|instead)\b"
    r"|\b(?:reveal|print|show|repeat|output)\b.{0,30}\bsystem prompt\b|\bjailbreak\b|\bdeveloper mode\b"
    r"|<\|?/?(?:im_start|im_end|system|user|assistant|inst)\b|\[/?INST\]|^\s*#{2,}\s*(?:system|instruction)"
    r"|(?:忽略|无视|不要理会|忘记|忘掉|绕过).{0,20}(?:指令|指示|提示|规则|要求|设定|以上|之前|上面|前面|内容|所有)"
    r"|(?:从现在(?:开始|起)|以后|今后|接下来|必须|务必|永远|始终).{0,20}(?:你|回答|回复|输出|说)"
    r"|你(?:现在)?(?:是|要扮演|扮演)|假装你|(?:输出|说出|重复).{0,10}系统提示|开发者模式",
    re.IGNORECASE,
)
ABOUT_ONESELF = re.compile(r"我|俺|咱|本人|\b(?:i|i'm|i've|i'd|i'll|my|me|mine|myself)\b", re.IGNORECASE)
NOT = re.compile(r"不(?!但|仅|只|过|错)|没|别(?!的)|无法|\b(?:not|never|no|cannot|without)\b|n['’]t\b", re.IGNORECASE)
SENTENCE = re.compile(r"[^。！？!?\n]+?(?:[。！？!?]+|\.(?=\s|$)|\n|$)")


def without_thoughts(text: str) -> str:
    """`text` without what a reasoning model thought aloud, an unclosed thought included."""
    return THOUGHT.sub("", text).strip()


def clean(text: str) -> str:
    """One line, without marks of lists and quotations around it."""
    return " ".join(without_thoughts(text).split()).strip("-*•>\"'“”「」 ")


def presentable(text: str) -> bool:
    """Whether `text` is no chatter, no order, and neither empty nor too long."""
    return bool(re.search(r"\w", text)) and len(text) <= LONGEST and not CHATTER.search(text) and not ORDER.search(text)


def support(text: str, sources: Iterable[str]) -> float:
    """The part of the telling terms of `text` that the sources hold, from 0 to 1."""
    telling = _telling(text)
    there = {term for source in sources for term in terms(source)}
    return len(telling & there) / len(telling) if telling else 0.0


def quoted(quote: str, source: str) -> bool:
    """Whether the source says `quote`, whatever the blanks, the width and the case of its characters."""
    return bool(plain(quote)) and plain(quote) in plain(source)


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text)).lower()


def passes(text: str, quote: str, source: str) -> bool:
    """Whether a person may be remembered to have said `text` of themselves, given the `quote` from their own words `source`."""
    return (
        presentable(text)
        and not ORDER.search(quote)
        and quoted(quote, source)
        and bool(ABOUT_ONESELF.search(quote))
        and not _asks(quote)
        and support(text, [quote]) >= SUPPORT
        and bool(NOT.search(text)) == bool(NOT.search(quote))
    )


def supported_sentences(text: str, sources: Sequence[str]) -> str:
    """The sentences of a summary that its sources bear out, without chatter and orders."""
    kept = []
    for sentence in SENTENCE.findall(without_thoughts(text)):
        words = clean(sentence)
        if presentable(words) and support(words, sources) >= SUPPORT_OF_SUMMARY and words not in kept:
            kept.append(words)
    return " ".join(kept)


def decide(current: Sequence[Item], new: NewItem) -> Fate:
    """Whether an item says something new. Of two that contradict each other, the one that was said later holds."""
    for item in current:
        if item.kind == new.kind and _same(item, new):
            return Fate(repeats=item.id)
    about = [item for item in current if new.about and item.about == new.about]
    later = [item for item in about if item.at > new.at]
    if later:
        return Fate(history=later[-1].id)
    return Fate(replaces=tuple(item.id for item in about))


def _same(item: Item, new: NewItem) -> bool:
    if plain(item.text) == plain(new.text):
        return True
    if bool(NOT.search(item.text)) != bool(NOT.search(new.text)) or new.kind == "topic":
        return False
    one, two = _telling(item.text), _telling(new.text)
    return bool(one | two) and len(one & two) / len(one | two) >= SAME


def _telling(text: str) -> set[str]:
    found = set(terms(text))
    return found - fillers() or found


def _asks(text: str) -> bool:
    return bool(re.search(r"[?？]\s*$|[吗呢么]\s*$", text))
