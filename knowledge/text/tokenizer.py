"""Tokenizer: Chinese characters and their pairs, stems of Latin words, numbers, all in one form."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from hashlib import blake2b
from operator import add
from typing import TYPE_CHECKING, Any

from knowledge.foreign_text import normalized

if TYPE_CHECKING:
    from opencc import OpenCC

VERSION = 2
"""Goes up with every change here that makes other terms; an index of another version is rebuilt beside the old one."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HIRAGANA, KATAKANA = "\u3041-\u309f", "\u30a1-\u30ff\u31f0-\u31ff"
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
UNSPACED = f"{HAN}々{HIRAGANA}{KATAKANA}{HANGUL}"
"""Scripts whose words are not told by blanks alone, or carry their particles with them."""
RUN = re.compile(f"[{HAN}々]+|[{HIRAGANA}]+|[{KATAKANA}]+|[{HANGUL}]+")
TOKEN = re.compile(rf"{RUN.pattern}|\d+(?:[.,]\d+)*|[^\W\d_{UNSPACED}][^\W_{UNSPACED}]*(?:['’._+#-]+[^\W_{UNSPACED}]+)*[+#]*")
ALONE = re.compile(f"[{HAN}々{HANGUL}]")
"""Scripts of which a single character is a term too; a single kana says nothing."""
BESIDE = re.compile(r"[ \t\u00a0]?(?:[#-]|№)?[ \t\u00a0]?")
"""What may stand between a word and its number: `room 17`, `第 18`, `issue #5`."""
NOT_NUMBERED = frozenset(
    "a an the of to in on for with and or by from at as is are was were be been has have had about over under than since until"
    " 在 于 是 了 到 约 近 有 为 和 与 及 或 共 达 过 的 从 至 以 被 对 用 把 将 需 要 仅 只 就 也 才 每 前 后 按 比 等".split()
)
"""Words before a number that do not name it."""
PART = re.compile(r"\d+(?:\.\d+)*|[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+")
FIRST_UNSPACED = "\u3005"
"""The first character that may begin a run, but for Hangul's letters, which nobody writes apart."""
LONGEST_WORD = 40
"""Characters; what is longer is a key, a hash or an address, and nobody asks for it by name."""

MAINLAND = dict(
    pair.split("/")
    for pair in (
        "預設/默认 走訪/遍历 傳回/返回 回傳/返回 支援/支持 搜尋/搜索 儲存/保存 設定/设置 匯入/导入 匯出/导出 登入/登录 當機/死机"
        " 範本/模板 人工智慧/人工智能 品質/质量 資料/数据 列印/打印 檢視/查看 轉檔/转换 除錯/调试 訊息/消息 權杖/令牌"
    ).split()
)
"""Words of Taiwan that OpenCC's phrases lack."""
SAME_IN_BOTH = re.compile("伺服|滑鼠|程式|介面|字串|快取|巨集|迴圈|登入|登出|影片|光碟|列印|位元|行程|函式")
"""Words of Taiwan without a character that is simplified elsewhere: text with none, and of simplified characters, has none."""
LACKING = re.compile("|".join(MAINLAND))


def fold(text: str) -> str:
    """One form for what looks or reads the same: NFKC (full width, ligatures) and traditional -> simplified characters."""
    return str(_converter("t2s").convert(normalized("NFKC", text)))


def mainland(text: str) -> str:
    """The same with Taiwan's words put as the mainland has them: 記憶體 -> 内存."""
    whole = normalized("NFKC", text)
    if whole.isascii():
        return whole
    return str(_converter("tw2sp").convert(LACKING.sub(lambda word: MAINLAND[word[0]], whole)))


@cache
def _converter(name: str) -> OpenCC:
    from opencc import OpenCC

    return OpenCC(name)


def terms(text: str) -> list[str]:
    """The index terms of `text`, in order, repeated as often as they occur.

    A run of Chinese, Japanese or Korean characters gives each pair of neighbours, and each character that means something
    alone; a Latin word gives its stem; a compound (`GPT-3.5`, `StreamingLLM`, `code_davinci`) gives its parts and itself
    without its joints; a number gives itself, and itself with the word before it. What Taiwan calls otherwise follows in
    the mainland's words.
    """
    if text.isascii():
        return _terms(text)
    whole = normalized("NFKC", text)
    folded = str(_converter("t2s").convert(whole))
    found = _terms(folded)
    if (folded != whole or SAME_IN_BOTH.search(whole)) and (other := mainland(whole)) != folded:
        found += (Counter(_terms(other)) - Counter(found)).elements()
    return found


def _terms(folded: str) -> list[str]:
    found: list[str] = []
    before: re.Match[str] | None = None
    for match in TOKEN.finditer(folded):
        token = match[0]
        if token[0] >= FIRST_UNSPACED and RUN.match(token):
            found += of_run(token)
        elif len(token) <= LONGEST_WORD:
            found += _of_word(token)
            if before and token[0].isdigit():
                found += numbered(folded, before, match)
        before = match
    return found


def of_run(run: str) -> list[str]:
    """The terms of a run of characters of one script."""
    singles = list(run) if ALONE.match(run) or len(run) == 1 else []
    return [*singles, *map(add, run, run[1:])]


def numbered(folded: str, before: re.Match[str], number: re.Match[str]) -> tuple[str, ...]:
    """A number together with the token before it, when that is what it numbers: `第18`, `room17`."""
    word = before[0]
    if word[0].isdigit() or not BESIDE.fullmatch(folded, before.end(), number.start()):
        return ()
    name = word[-1] if word[0] >= FIRST_UNSPACED and RUN.match(word) else stem(word)
    return () if name in NOT_NUMBERED or word.lower() in NOT_NUMBERED else (name + _of_word(number[0])[0],)


def script_of(text: str) -> str:
    """The language that `text` is mostly written in, as its script tells: zh, ja, ko or en; empty without words."""
    kana, hangul, han = (len(re.findall(f"[{script}]", text)) for script in (HIRAGANA + KATAKANA, HANGUL, HAN))
    latin = len(re.findall(r"[A-Za-z]{2,}", text))
    if not kana + hangul + han + latin:
        return ""
    if hangul > han + kana:
        return "ko"
    if kana > 0.15 * (kana + han):
        return "ja"
    return "zh" if 2 * han > latin else "en"


def keys(text: str) -> list[int]:
    """The keys of the index terms of `text`."""
    return list(map(key_of, terms(text)))


@lru_cache(maxsize=50_000)
def _of_word(token: str) -> tuple[str, ...]:
    if token[0].isdigit():
        return (re.sub(r",(?=\d{3}\b)", "", token).replace(",", "."),)
    token = re.sub(r"['’]s$", "", token)
    parts = PART.findall(token)
    if len(parts) < 2:
        return (stem(token),)
    whole = "".join(character for character in token.lower() if character.isalnum() or character in "+#")
    telling = (part for part in parts if len(part) > 1 or part.isdigit())
    return (*dict.fromkeys([*map(stem, telling), whole]),)


def stem(word: str) -> str:
    """The English stem of a Latin word, in lower case (Porter2); `C++` and `C#` keep their signs."""
    word = word.lower()
    return str(_stemmer().stemWord(word)) if word.isascii() and word.isalpha() else word


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english")


@lru_cache(maxsize=200_000)
def key_of(term: str) -> int:
    """A term as a 63-bit number: short Chinese terms by their code points, the rest by a hash (collisions: none in 10^8)."""
    if len(term) <= 2 and term[0] >= FIRST_UNSPACED and not term[-1].isdigit():
        return (ord(term[0]) << 21) | (ord(term[1]) if len(term) == 2 else 0)
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 2 | 1 << 61
