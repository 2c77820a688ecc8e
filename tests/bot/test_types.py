from __future__ import annotations

import pytest

from bot.types import Answer, AnswerState, Language, Person, Place, language_of, language_of_locale


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("米饭要煮多久？", "zh"),
        ("什么是 RAG？", "zh"),
        ("attention 是怎么计算的？", "zh"),
        ("繁體字也是中文", "zh"),
        ("How long does rice cook?", "en"),
        ("What does 熵 mean in this context?", "en"),
        ("¿Cuánto tiempo?", "en"),
        ("RAG 中", "zh"),
        ("Transformer 的 attention 是什么？", "zh"),
        ("Retrieval-Augmented Generation 是什么？", "zh"),
        ("怎么用 LangChain 接 Ollama embeddings", "zh"),
        ("RAG 和 fine-tuning 的区别", "zh"),
        ("attention is all you need 讲了什么", "zh"),
        ("“attention is all you need” 的作者", "zh"),
        ("米饭", "zh"),
        ("What is 注意力机制 in transformers?", "en"),
        ("What does “什么是注意力” mean?", "en"),
        ("Translate 《红楼梦》", "en"),
        ("attention heads 熵", "en"),
        ("“米饭”", "zh"),
        ("`rice`?", "en"),
    ],
)
@pytest.mark.parametrize("default", ["zh", "en"])
def test_a_text_with_letters_tells_its_language(text: str, language: Language, default: Language) -> None:
    assert language_of(text, default) == language


@pytest.mark.parametrize("text", ["", "   ", "2", "???", "3.5 + 4", "👍"])
@pytest.mark.parametrize("default", ["zh", "en"])
def test_a_text_without_letters_is_in_the_language_of_the_interface(text: str, default: Language) -> None:
    assert language_of(text, default) == default


def test_people_are_told_apart_by_platform_and_id_and_not_by_name() -> None:
    ann = Person(platform="telegram", id="7", name="Ann")
    assert ann.key == Person(platform="telegram", id="7", name="Bob", language="en").key
    assert len({ann.key, Person(platform="discord", id="7").key, Person(platform="telegram", id="8").key}) == 3


def test_places_are_told_apart_by_platform_chat_and_thread() -> None:
    places = [
        Place(platform="telegram", chat="7"),
        Place(platform="telegram", chat="7", thread="1"),
        Place(platform="telegram", chat="7", thread="2"),
        Place(platform="telegram", chat="71"),
        Place(platform="discord", chat="7"),
    ]
    assert len({place.key for place in places}) == 5


def test_only_the_last_snapshot_is_final() -> None:
    final = {state for state in AnswerState if Answer(state=state).final}
    assert final == set(AnswerState) - {AnswerState.THINKING, AnswerState.PARTIAL}


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_CN.UTF-8", "zh"), ("zh-Hant", "zh"), ("ZH", "zh"), ("en-GB", "en"), ("C.UTF-8", "en"), ("", "en"), ("de", "en")],
)
def test_a_locale_is_chinese_or_else_english(locale: str, language: Language) -> None:
    assert language_of_locale(locale) == language
