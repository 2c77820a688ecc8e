from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import Telling, fold, key_of, keys, parts_of_question, stem, terms
from tests.knowledge.markdown import chaos

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("，。！ ... _", []),
        ("字", ["字"]),
        ("注意力", ["注", "意", "力", "注意", "意力"]),
        ("注意，力", ["注", "意", "注意", "力"]),
        ("attention", ["attent"]),
        ("Attentions attending", ["attent", "attend"]),
        ("用GPU训练", ["用", "gpu", "训", "练", "训练"]),
        ("3.5 1,000 2023", ["3.5", "1000", "2023"]),
        ("GPT-3.5", ["gpt", "3.5", "gpt35"]),
        ("StreamingLLM", ["stream", "llm", "streamingllm"]),
        ("code_davinci", ["code", "davinci", "codedavinci"]),
        ("C++ C# F#", ["c++", "c#", "f#"]),
        ("Karpathy's", ["karpathi"]),
        ("café", ["café"]),
        ("k" * 41, []),
    ],
)
def test_text_gives_its_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＫＶ　ｃａｃｈｅ", "KV cache"),
        ("注意力機制", "注意力机制"),
        ("臺灣", "台湾"),
        ("RAG", "rag"),
        ("tokens", "token"),
        ("１２", "12"),
        ("ﬁne", "fine"),
        ("1,000", "1000"),
        ("e\u0301tude", "étude"),
        ("GPT-4", "gpt-4"),
        ("Porter’s", "porter's"),
    ],
)
def test_what_reads_the_same_gives_the_same_terms(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("part", "whole"), [("LLM", "StreamingLLM"), ("3.5", "GPT-3.5"), ("GPT-35", "GPT-3.5"), ("gpt", "GPT-4o")]
)
def test_a_compound_is_found_by_its_parts(part: str, whole: str) -> None:
    assert set(terms(part)) & set(terms(whole))


def test_folding_leaves_simplified_chinese_as_it_is() -> None:
    assert fold("注意力机制 KV cache。") == "注意力机制 KV cache。"


@pytest.mark.parametrize(
    ("word", "expected"), [("Running", "run"), ("models", "model"), ("c++", "c++"), ("Überblick", "überblick")]
)
def test_english_words_are_cut_to_their_stems(word: str, expected: str) -> None:
    assert stem(word) == expected


@given(HAN)
def test_every_chinese_character_and_every_pair_is_a_term(text: str) -> None:
    folded = fold(text)
    found = set(terms(text))
    assert set(folded) <= found
    assert {folded[at : at + 2] for at in range(len(folded) - 1)} <= found


@given(chaos)
def test_terms_stand_in_the_order_of_their_text(text: str) -> None:
    assert terms(f"{text}\n{text}") == terms(text) * 2


@given(st.text())
def test_any_text_at_all_has_terms_that_are_not_empty(text: str) -> None:
    assert all(terms(text)) or not terms(text)


@given(st.sets(st.text(min_size=1, max_size=6), max_size=50), st.sets(HAN, max_size=50))
def test_different_terms_have_different_keys(words: set[str], chinese: set[str]) -> None:
    found = words | chinese
    assert len({key_of(term) for term in found}) == len(found)
    assert all(0 < key_of(term) < 2**63 for term in found)


def test_keys_are_those_of_the_terms() -> None:
    assert keys("注意力 attention") == [key_of(term) for term in terms("注意力 attention")]


def test_keys_are_the_same_in_every_process() -> None:
    """They are stored; Python's own hashes differ from run to run."""
    assert (key_of("注意"), key_of("attent")) == (0x6CE8 << 21 | 0x610F, 0x32563826130390A3)


@pytest.mark.parametrize("word", ["什么", "how", "的", "where", "what's", "they’re", "isn't", "是啥", "咋办", "有啥区别"])
def test_question_words_are_known(word: str) -> None:
    assert Telling.FULLY not in {part.telling for part in parts_of_question(word)}


@pytest.mark.parametrize("word", ["注意力", "attention", "2023", "Bayes's", "O'Neil"])
def test_telling_words_are_no_question_words(word: str) -> None:
    assert {part.telling for part in parts_of_question(word)} == {Telling.FULLY}


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        ("ばらの剪定は二月", ["ばら", "剪定", "二月"], ["の剪", "は二"]),
        ("コンパイラとは", ["コン", "イラ", "とは"], ["ラと"]),
        ("학습률이 크다", ["학습", "습률"], ["률이크"]),
    ],
)
def test_japanese_and_korean_give_pairs_within_a_script(text: str, there: list[str], absent: list[str]) -> None:
    found = terms(text)
    assert set(there) <= set(found)
    assert not set(absent) & set(found)


@pytest.mark.parametrize(
    ("text", "term"),
    [("room 17", "room17"), ("第 18 次", "第18"), ("型号33", "号33"), ("issue #5", "issu5"), ("Steps 4", "step4")],
)
def test_a_number_and_the_word_that_it_numbers_are_one_term_too(text: str, term: str) -> None:
    assert term in terms(text)


@pytest.mark.parametrize("text", ["in 1998", "在1998年", "17 | 26", "seats. 26"])
def test_a_number_beside_any_other_word_stands_alone(text: str) -> None:
    assert not any(term[-1].isdigit() and not term.isdigit() for term in terms(text))


@pytest.mark.parametrize(
    ("taiwan", "mainland"), [("記憶體", "内存"), ("伺服器", "服务"), ("陣列", "数组"), ("走訪", "遍历"), ("預設", "默认")]
)
def test_words_of_taiwan_are_found_by_those_of_the_mainland(taiwan: str, mainland: str) -> None:
    assert mainland in terms(taiwan)
    assert fold(taiwan)[:2] in terms(taiwan)
