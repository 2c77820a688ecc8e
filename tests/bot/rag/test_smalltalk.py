"""Messages that are nothing but talk, and questions that only look like it."""

from __future__ import annotations

import pytest

from bot.rag.smalltalk import Talk, talk_of

TALK = {
    Talk.ABILITY: (
        "你会做什么|你都能干点啥呀|这个机器人有什么用|怎么用你|我能问你些什么"
        "|使用说明|what else can you do?|how do I use this bot|Help!!|can u help me"
    ),
    Talk.IDENTITY: (
        "你究竟是谁|您是真人吗|是谁开发了你|说说你自己|怎么称呼您"
        "|who r u|Who built you?|are you a real person?|what's ur name|how old are you"
    ),
    Talk.BEYOND: "今晚吃点啥好呢|明天天气怎么样|现在几点啦|给我讲个笑话吧|what's the weather like?|what should we eat tonight",
    Talk.PRESENCE: "在么|还有人吗|喂喂|you there?|anybody home",
    Talk.GREETING: "哈喽～|各位晚上好|早呀|您好！|heyyy|good mornin|hello everyone 👋|hlelo",
    Talk.WELLBEING: "你今天心情怎么样|吃饭了没|how r u doing|what's up?",
    Talk.COMPLAINT: "你好笨啊|答非所问|this is so useless|bad bot",
    Talk.DISSENT: (
        "不对|不对不对|错了吧|你理解错了|不是这个意思|我问的不是这个|这不是我要的|感觉不对啊"
        "|No, that's wrong|wrong answer|that isn't what I asked|not that one|you're mistaken"
    ),
    Talk.THANKS: "感谢大家的帮助|谢谢啦🙏|好的谢谢|解决了|thanxx|thansk a lot|that really helped, thank you",
    Talk.PRAISE: "讲得太清楚了|厉害厉害|666|what a great answer|wow",
    Talk.FAREWELL: "先这样吧|下次再聊|88|see ya tomorrow|ok good night|that's all for today",
    Talk.APOLOGY: "不好意思，发错了|oops, wrong chat",
    Talk.LAUGHTER: "哈哈哈哈哈|笑死我了|2333|lmaooo|hahaha",
    Talk.ASSENT: "嗯嗯|原来如此啊|我大概懂了|那好吧|okie|got it!|makes sense now|never mind",
    Talk.REACTION: "👍|😂😂😂|……|？",
}
QUESTIONS = (
    "谢谢，那剪枝呢|好的，缺点有哪些|哈哈，那为什么叫这个名字|你好，什么是困惑度|你会怎么解释注意力|怎么用它做检索|"
    "怎么用 vLLM|有什么用处|它有什么功能|他是谁|谁提出的|猫吃什么|怎么吃才健康|天气预报的模型|今天讲了什么"
    "|这个怎么样|好的模型有哪些|早停法|牛顿法|对抗样本|"
    "再见面的概率|机器人学|可以吗|有用吗|然后呢|为什么|给我介绍一下|我是谁|thanks! and what about pruning|"
    "ok so why|hi, what is perplexity?|how do I use vLLM|how does it work|who wrote that paper|what is it|who is he|"
    "help me compare them|can you help me with dropout|hello world example|is it any good|true negatives|fine tuning|"
    "testing|great circle distance|why?|哪里不对|是不是错了|对不对|不对称加密|what is wrong|is that wrong?|not quite the same"
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in TALK.items() for text in texts.split("|")])
def test_what_is_only_said_is_talk_of_its_kind(kind: Talk, text: str) -> None:
    assert talk_of(text) is kind


@pytest.mark.parametrize("text", QUESTIONS.split("|"))
def test_a_question_is_no_talk_however_it_begins(text: str) -> None:
    assert talk_of(text) is None


def test_of_several_things_said_the_most_demanding_is_answered() -> None:
    assert talk_of("你好呀！你是谁？") is Talk.IDENTITY
    assert talk_of("ok thanks, bye") is Talk.THANKS


def test_a_long_message_and_an_empty_one_are_no_talk() -> None:
    assert talk_of("哈" * 200) is None
    assert talk_of("  ") is None
