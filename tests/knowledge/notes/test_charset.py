from __future__ import annotations

import codecs
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.notes import decode
from knowledge.notes.charset import Undecodable

SIMPLIFIED = "# 注意力机制\n\n缓存会占显存。上下文越长，键值缓存越大；每读一个词元，都要看前面所有词元。\n"
TRADITIONAL = "# 注意力機制\n\n快取會佔記憶體。上下文越長，鍵值快取越大；每讀一個詞元，都要看前面所有詞元。\n"
ENGLISH = "# Attention\n\nThe cache of keys and values grows with the text.\n"
MIXED = "# KV cache\r\n\r\n缓存 (cache) 占 3.5 GB 显存，GQA 可以省 8 倍。\r\n"


@pytest.mark.parametrize("text", ["", "a", "字", SIMPLIFIED, TRADITIONAL, ENGLISH, MIXED, "👩\u200d🔬\n", "a\rb\u2028c\x0b"])
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode("utf-8")) == text


def test_the_mark_of_utf8_stays_in_the_text() -> None:
    assert decode(codecs.BOM_UTF8 + SIMPLIFIED.encode()) == "\ufeff" + SIMPLIFIED


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("text", ["", "字", SIMPLIFIED, TRADITIONAL, ENGLISH, MIXED])
def test_the_marks_of_other_encodings_go(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_big_endian_marks_are_understood_too() -> None:
    assert decode(codecs.BOM_UTF16_BE + MIXED.encode("utf-16-be")) == MIXED
    assert decode(codecs.BOM_UTF32_BE + MIXED.encode("utf-32-be")) == MIXED


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Hello\n", ENGLISH, "# 笔记\n\n这里记下读过的文章。\n", MIXED])
def test_utf16_without_a_mark_is_recognised(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


GB_TEXTS = ["笔记", "注意力", "# 注意力机制", "缓存 KV cache 会占显存", SIMPLIFIED, MIXED, SIMPLIFIED * 500]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
@pytest.mark.parametrize("text", GB_TEXTS)
def test_chinese_of_the_mainland_is_recognised(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_characters_that_only_gb18030_has_are_read() -> None:
    text = SIMPLIFIED + "𠮷㐂 emoji 🙂\n"
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize(
    "text", ["筆記", "注意力機制", "# 注意力機制", "快取 KV cache 會佔記憶體", TRADITIONAL, TRADITIONAL * 500]
)
def test_chinese_of_taiwan_is_recognised(text: str) -> None:
    assert decode(text.encode("big5")) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Café déjà vu, naïve façade, être à Nîmes\n", "latin-1"),
        ("It’s “quoted” – naïve prose, and a café\n", "cp1252"),
        ("日本語のメモです。注意機構について。\n", "shift_jis"),
        ("Заметки о моделях внимания и памяти.\n", "cp1251"),
    ],
)
def test_other_encodings_of_the_time_before_unicode_are_recognised(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


BINARY = {
    "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0" + Random(1).randbytes(2000),
    "archive": b"PK\x03\x04\x14\0\0\0\x08\0" + Random(2).randbytes(2000),
    "zeros": bytes(1000),
    "numbers": b"".join(at.to_bytes(4, "little") for at in range(1000)),
    "noise": Random(3).randbytes(4000),
}


@pytest.mark.parametrize("kind", BINARY)
def test_what_is_no_text_is_refused(kind: str) -> None:
    with pytest.raises(Undecodable):
        decode(BINARY[kind])


def test_a_stray_zero_does_not_make_a_text_binary() -> None:
    text = SIMPLIFIED * 5 + "\0" + SIMPLIFIED
    assert decode(text.encode()) == text


def test_broken_utf8_is_refused_with_its_line() -> None:
    data = SIMPLIFIED.encode() * 20 + b"\n\xe6\xb3 end\n" + SIMPLIFIED.encode() * 20
    with pytest.raises(Undecodable, match=r"broken UTF-8 at line 62"):
        decode(data)


@pytest.mark.parametrize("lost", [1, 2])
def test_a_long_note_that_ends_inside_a_character_is_refused(lost: int) -> None:
    with pytest.raises(Undecodable, match="UTF-8"):
        decode((SIMPLIFIED * 10).rstrip().encode()[:-lost])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "big5"])
def test_a_note_of_any_encoding_that_ends_inside_a_character_is_refused(encoding: str) -> None:
    text = TRADITIONAL.rstrip("\n。")
    with pytest.raises(Undecodable):
        decode(text.encode(encoding)[:-1])


def test_the_reason_tells_the_owner_what_to_do() -> None:
    with pytest.raises(Undecodable, match="save the file as UTF-8"):
        decode((SIMPLIFIED * 10).rstrip().encode()[:-1])


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_any_text_saved_as_utf8_comes_back_whole(text: str) -> None:
    if not text.encode().startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and "\0" not in text:
        assert decode(text.encode()) == text


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_a_text_comes_out_or_a_reason(data: bytes) -> None:
    with suppress(Undecodable):
        decode(data).encode("utf-8")
