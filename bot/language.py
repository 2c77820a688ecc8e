"""Detection of questions that nobody addressed to the bot, in Chinese and English.

It is for groups that want every question answered, so it would rather pass a question over than answer a remark. A question
mark counts; without one, a word that asks does, where it is not used in another sense (`没什么`, `我知道怎么煮`, "when I was
young"), and not in a sentence that ends with a full stop.
"""

from __future__ import annotations

import re

LONGEST = 400
"""Characters; a longer message is no question to everybody."""
NOT_WORDS = re.compile(r"https?://\S+|```.*?```|`[^`]*`|“[^“”]*”|「[^「」]*」|《[^《》]*》|(?m:^>.*$)", re.DOTALL)
SENTENCE = re.compile(r"[^。.!！?？;；\n]+[。.!！?？;；…~\n]*")
LETTERS = re.compile(r"[^\W\d_]")

CHINESE = re.compile(
    r"什么|什麼|怎么|怎麼|怎样|怎樣|如何|为何|為何|为啥|哪|谁|誰|多少|多久|多长|多大|几[个個种種次天年点步]|是否|"
    r"(?P<verb>[是有能会要对])[不没](?P=verb)|可不可以|有沒有"
)
OTHERWISE = re.compile(
    r"(?:没|沒|不|无论|無論|不管|随便|隨便|任何|不论)(?:有|是)?(?:什么|什麼|怎么|怎麼|谁|誰|哪|多少|如何)|"
    r"(?:什么|什麼|怎么|怎麼|谁|誰|哪[儿里裡个個]?)(?:都|也)|"
    r"(?:知道|明白|懂得?|学会|學會|讲|講|介绍|介紹|讨论|討論|说明|說明|展示|记录|總結|总结|分享)了?(?:是|该|該|一下)?"
    r"(?:什么|什麼|怎么|怎麼|怎样|怎樣|如何|为何|為何|哪|谁|誰|多少)|"
    r"多少有点|多少有點|不知怎么"
)
PARTICLE = re.compile(r"(?:吗|嗎)\W*$|^[^还還正在才着著]{1,10}呢\W*$")
REQUEST = re.compile(r"^(?:请问|請問|请(?:解释|介绍|讲|说明|比较|列出)|解释一下|介绍一下|讲讲|說說|说说|有人知道|有谁知道)")

ASKING = r"(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have)"
ENGLISH = re.compile(
    rf"(?:what|which|whose|how)(?:'s|\s+(?:\S+\s+){{0,2}}?(?:{ASKING}|to|about))\b|"
    rf"how\s+(?:many|much|long|often|far|big|hot)\b|(?:when|where)(?:'s|\s+{ASKING})\b|who(?:'s|m)?\s+\w+|why\s+\w+|"
    r"(?:is|are|was|were|does|did|can|could|should|would|will|has)\s+"
    r"(?:there|it|this|that|these|those|he|she|they|we|you|i|the|an?|my|our|your|some\w+|any\w*)\b|"
    r"(?:do|have)\s+(?:you|we|they|i|any\w*)\b|any(?:one|body)\s+know|any\s+idea|(?:please\s+)?explain\s+\w+",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|so|and|but|ok|well)\b|大家好|你好|那么|所以)[\s,，!！:：]*(?:(?:all|everyone|guys)\b[\s,，!！]*)?",
    re.IGNORECASE,
)


def looks_like_a_question(text: str) -> bool:
    words = NOT_WORDS.sub(" ", text).strip()
    return 3 <= len(text.strip()) <= LONGEST and any(_asks(found[0].strip()) for found in SENTENCE.finditer(words))


def _asks(sentence: str) -> bool:
    words = GREETING.sub("", sentence)
    if len(LETTERS.findall(words)) < 2:
        return False
    if re.search(r"[?？]", sentence):
        return True
    if PARTICLE.search(words):
        return True
    if re.search(r"[。.!！]$", sentence):
        return False
    return bool(REQUEST.match(words) or ENGLISH.match(words) or CHINESE.search(OTHERWISE.sub(" ", words)))
