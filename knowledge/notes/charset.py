"""Text of a file in any usual encoding, or the reason why it has none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

BINARY_SHARE = 0.01
"""A file with more NUL bytes than this share, in no UTF-16 pattern, is a picture or an archive and not a note."""

USUAL = re.compile("[\\t\\n\\r\u0020-\u007e\u00a0-\u00ff\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uff00-\uff65]")
USUAL_SHARE = 0.95
"""Text is UTF-16 when this share of it, read so, are characters that Chinese and English notes are made of."""

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

COMMON_SHARE = 0.8
"""Chinese text is Chinese in an encoding when this share of its double bytes are that encoding's common characters."""

SAMPLE = 64 * 1024
"""Bytes that are looked at to tell the two Chinese encodings apart; the whole file is decoded afterwards."""

ELSEWHERE = ("cp1252", "cp1251", "shift_jis", "euc_jp", "cp949", "big5hkscs")
"""Encodings tried for what is not common Chinese; what fits none is named with its owner's remedy, saving as UTF-8."""


class Undecodable(ValueError):
    """The text cannot be read; the message says why, in words for the note's owner."""


def decode(data: bytes) -> str:
    """Return the text of `data`, never a part of it.

    A UTF-8 byte order mark stays in the text as its first code point, so that offsets agree with a plain
    `bytes.decode("utf-8")`; the marks of UTF-16 and UTF-32 belong to the encoding and go.

    Raises:
        Undecodable: the bytes are no text, or text in no encoding that could be told apart.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" in data:
        return _with_zeros(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(data):
            line = data.count(b"\n", 0, error.start) + 1
            raise Undecodable(f"broken UTF-8 at line {line}: save the file as UTF-8 again") from error
    return _in_legacy_encoding(data)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Undecodable(f"broken {encoding.upper()} at byte {error.start}: save the file as UTF-8") from error


def _with_zeros(data: bytes) -> str:
    """UTF-16 without a mark (a zero in every Latin character and in `一`), UTF-8 with stray zeros, or no text at all."""
    encoding = _unmarked_utf16(data)
    if encoding:
        return _strictly(data, encoding)
    if data.count(0) > len(data) * BINARY_SHARE:
        raise Undecodable("not text: it holds binary data")
    return _strictly(data, "utf-8")


def _unmarked_utf16(data: bytes) -> str:
    """The byte order in which nearly all of it is what Chinese and English text is made of; empty when it is neither."""
    sample = data[:SAMPLE]
    if len(data) % 2 or not data:
        return ""
    shares = {encoding: _share_of_usual(sample.decode(encoding, "replace")) for encoding in ("utf-16-le", "utf-16-be")}
    encoding, share = max(shares.items(), key=lambda item: item[1])
    return encoding if share >= USUAL_SHARE else ""


def _share_of_usual(text: str) -> float:
    return len(USUAL.findall(text)) / len(text)


def _is_damaged_utf8(data: bytes) -> bool:
    """True when most of what is not ASCII is good UTF-8, which text in another encoding hardly ever is by chance."""
    kept = data.decode("utf-8", "ignore")
    lost = len(data) - len(kept.encode("utf-8"))
    good = sum(len(character.encode("utf-8")) for character in kept if character >= "\u0080")
    return 3 * lost <= good


def _in_legacy_encoding(data: bytes) -> str:
    """Tell GB18030 from Big5 by their common characters, and leave every other encoding to charset-normalizer.

    On 8 to 60 characters of Chinese, charset-normalizer confuses the two in 3 to 13 of 100 texts, this in none or one.
    """
    sample = data[:SAMPLE]
    shares = {"gb18030": _share(sample, _common_in_gb), "big5": _share(sample, _common_in_big5)}
    encoding, share = max(shares.items(), key=lambda item: item[1])
    if share < COMMON_SHARE:
        encoding = _unmarked_utf16(data) or _guessed_encoding(data)
    return _strictly(data, encoding)


def _guessed_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=list(ELSEWHERE), threshold=0.3).best()
    if best is None:
        raise Undecodable("in no encoding that could be recognised: save the file as UTF-8")
    return best.encoding


def _share(data: bytes, common: Callable[[int, int], bool]) -> float:
    pairs = good = at = 0
    while at < len(data) - 1:
        if data[at] < 0x80:
            at += 1
            continue
        pairs += 1
        good += common(data[at], data[at + 1])
        at += 2
    return good / max(1, pairs)


def _common_in_gb(lead: int, trail: int) -> bool:
    """GB 2312's punctuation (rows 1 to 3) and its level 1, the 3,755 most used characters (rows 16 to 55)."""
    return trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)


def _common_in_big5(lead: int, trail: int) -> bool:
    """Big5's punctuation and its level 1, the 5,401 most used characters."""
    return trail >= 0x40 and 0xA1 <= lead <= 0xC6
