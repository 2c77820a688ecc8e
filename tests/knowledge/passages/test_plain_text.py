from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.passages import plain
from tests.knowledge.markdown import Written, chaos, notes

CASES = [
    ("", ""),
    ("# 注意力机制", "注意力机制"),
    ("###### six", "six"),
    ("标题\n====\n正文", "标题\n正文"),
    ("- 一\n  * 二\n    1. 三\n      2) 四", "一\n二\n三\n四"),
    ("- [ ] 未做\n- [x] 做完", "未做\n做完"),
    ("> 引用\n>> 再引用", "引用\n再引用"),
    ("**粗** *斜* ***粗斜*** ~~删~~ ==亮== `码`", "粗 斜 粗斜 删 亮 码"),
    ("snake_case_name and 2*3", "snake_case_name and 23"),
    ("[链接](https://example.org/a_(b)) 后", "链接 后"),
    ('[链接](a.md "标题") 后', "链接 后"),
    ("[[笔记]] [[笔记#节|显示]]", "笔记 显示"),
    ("![注意力示意图](a.png)", "注意力示意图"),
    ("![image](a.png)![图片 3](b.png)![x.png](x.png)![[embed.pdf]]", ""),
    ("[![徽章](b.svg)](https://example.org)", "徽章"),
    ("见 https://example.org/x?y=1 和 <https://example.org>。", "见 和 。"),
    ("| 名称 | 值 |\n|:--|--:|\n| 甲 | 1 |", "名称 值\n甲 1"),
    ("```python\nprint(1)\n```", "print(1)"),
    ("$$\nE = mc^2\n$$", "E = mc^2"),
    ("代价是 $O(n^2)$。", "代价是 O(n^2)。"),
    ("一<br>二<br/>三</p>四", "一 二 三 四"),
    ('<span style="color: red" class=x>红</span>的', "红的"),
    ("`vector<int>` 与 <think> 是字", "vector<int> 与 <think> 是字"),
    ("前<!-- 注释\n多行 -->后", "前 后"),
    ("前<script>alert(1)</script>后<style>p {}</style>", "前 后"),
    ("前 <!-- 没有结束", "前 <!-- 没有结束"),
    ("前 %%秘密%% 后", "前 后"),
    ("{% include x.html %}正文\n{: .note}", "正文"),
    ("A&amp;B &lt;x&gt; &#20013;&nbsp;文", "A&B <x> 中 文"),
    (r"\# 不是标题 \- 不是点 \\", "# 不是标题 - 不是点 \\"),
    ("***\n---\n___", ""),
    ("a\u00a0b\u3000c\t d", "a b c d"),
    ("\ufeff字\0符", "字 符"),
    ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
    ("C# 和 C++，5 < 6 > 4", "C# 和 C++，5 < 6 > 4"),
]


@pytest.mark.parametrize(("markdown", "words"), CASES)
def test_only_what_a_person_reads_is_left(markdown: str, words: str) -> None:
    assert plain(markdown) == words


@given(st.text(st.characters(whitelist_categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1))
def test_letters_and_digits_without_markup_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@given(chaos)
def test_whatever_goes_in_lines_come_out_trimmed_and_none_is_empty(text: str) -> None:
    words = plain(text)
    assert all(line and line == line.strip(" \t\u00a0\u3000") for line in words.split("\n")) or words == ""
    assert "\0" not in words


@given(notes)
def test_no_word_of_a_made_up_note_is_lost(written: Written) -> None:
    left = letters(plain(written.text))
    assert [part for part in written.parts if letters(plain_words(part)) not in left] == []


def plain_words(part: str) -> str:
    """The words of a row, a line of code or a sentence, without its own markup."""
    return re.sub(r"[|`#$]", " ", part)


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
