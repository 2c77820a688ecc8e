"""Small talk: messages made of nothing but greetings, thanks, laughter and questions about the bot itself.

A message is small talk when the phrases below use it up to its last word; whatever is left over makes it a question
("谢谢，那 RLHF 呢" leaves "那 RLHF 呢"). So no question is taken for talk because it begins politely.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from unicodedata import category

from knowledge.foreign_text import parse_yaml
from knowledge.text import fold

LONGEST = 60
"""Characters; what is longer is looked up."""


class Talk(StrEnum):
    """What is said, the most demanding first: of several in one message that one is answered."""

    ABILITY = "ability"
    """What can you do, how is this used, help."""
    IDENTITY = "identity"
    """Who are you, who made you, are you a robot."""
    BEYOND = "beyond"
    """What everybody asks and no notes tell: the weather, the time, what to eat, a joke."""
    PRESENCE = "presence"
    """Are you there."""
    GREETING = "greeting"
    WELLBEING = "wellbeing"
    """How are you."""
    COMPLAINT = "complaint"
    """You are no use."""
    DISSENT = "dissent"
    """No, that is wrong: nothing else is said of what was meant."""
    THANKS = "thanks"
    PRAISE = "praise"
    FAREWELL = "farewell"
    APOLOGY = "apology"
    LAUGHTER = "laughter"
    ASSENT = "assent"
    """OK, I see, never mind."""
    REACTION = "reaction"
    """A picture sign, or marks alone."""


NAMES = {
    "你": "(你|您|妳)",
    "YOU": "(you|yo|u)",
    "BOT": "(这个?(机器人|bot|软件|工具)|机器人|(this|the) (bot|robot|chat ?bot|assistant)|notesbot)",
}
PARTICLES = "[啊呀哦呢吧啦了哈嘛噢喔哟耶咯喽哇诶欸么的嘞滴儿呐]*"
ADDRESS_ZH = "(机器人|小助手|助手|老师|大佬|老板|亲爱的|亲|同学|朋友|兄弟|哥们?|各位|大家|bot)?"
ADDRESS_EN = (
    "( (bot|robot|notesbot|assistant|mate|man|dude|buddy|bro|sir|(my )?friend|guys|all|everyone|there|pal|please|pls"
    "|then|now|today|again|anyway|btw))*"
)
MISTYPED = ("thanks", "thank", "hello", "please", "morning", "sorry", "great", "awesome", "goodbye", "welcome")
"""Words whose letters people put in another order."""
WORD = re.compile(r"[a-z]{4,}")


def talk_of(text: str) -> Talk | None:
    """What kind of small talk `text` is; None when anything in it remains to be answered."""
    if len(text) > 2 * LONGEST or not text.strip():
        return None
    words = _plain(text)
    if not words:
        return Talk.REACTION
    said = _said(words) or _said(re.sub(r"([a-z])\1+", r"\1", words)) or _said(WORD.sub(_in_order, words))
    return min(said, key=list(Talk).index) if said and len(words) <= LONGEST else None


def _said(words: str) -> set[Talk]:
    """All that is said, when phrases use the message up; otherwise nothing. `reached` are the places where a phrase may end."""
    reached: dict[int, set[Talk]] = {0: set()}
    for at in range(len(words)):
        if at in reached:
            for kind, phrase in _phrases():
                match = phrase.match(words, at)
                if match and match.end() > at:
                    reached.setdefault(match.end(), reached[at] | {kind})
    return reached.get(len(words), set())


def _plain(text: str) -> str:
    """Small letters, one blank between Latin words, no marks and no picture signs; a letter thrice is a letter twice."""
    folded = re.sub(r"([a-z])\1{2,}", r"\1\1", fold(text).lower().replace("’", "'"))
    kept = "".join(character if category(character)[0] in "LN" or character == "'" else " " for character in folded)
    return re.sub(r"(?<![a-z0-9'])\s+|\s+(?![a-z0-9'])", "", " ".join(kept.split()))


def _in_order(word: re.Match[str]) -> str:
    """The word that this one has the letters of, and the first of them in its place."""
    mixed = word[0]
    return next((one for one in MISTYPED if one[0] == mixed[0] and sorted(one) == sorted(mixed)), mixed)


@cache
def _phrases() -> tuple[tuple[Talk, re.Pattern[str]], ...]:
    """Each phrase of the table, with what may stand around it."""
    table = parse_yaml((files("bot.rag") / "smalltalk.yaml").read_text(encoding="utf-8"))
    found = []
    for kind, phrases in table.items():
        chinese = (rf"(?:{phrase}){PARTICLES}{ADDRESS_ZH}{PARTICLES} ?" for phrase in phrases["zh"])
        english = (rf"(?<![a-z0-9])(?:{phrase}){ADDRESS_EN}(?![a-z0-9']) ?" for phrase in phrases["en"])
        found += [(Talk(kind), re.compile(_named(phrase))) for phrase in (*chinese, *english)]
    return tuple(found)


def _named(phrase: str) -> str:
    for name, all_of_them in NAMES.items():
        phrase = phrase.replace(name, all_of_them)
    return phrase
