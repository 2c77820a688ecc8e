"""A real conversation over the fake Bot API is drawn as a phone shows it: `python -m tests.pictures FILE.html` and a browser.

The bot is the whole one, on the sample notes; the words of the model are given here, and so are the looks of the bubbles.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.llm import Chunk
from bot.storage import TurnStore
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.bot.platforms.telegram.serving import Home, answered
from tests.fakes.model import ScriptedModel
from tests.fakes.telegram import FakeTelegram, Seen

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

ANSWERS = (
    "因为第一遍检索不够准。**交叉编码器**把问题和文档拼在一起读，读得准；代价是每对都要算一遍 [1]。",
    "20～50 条 [1]。每对都要算一遍，再多就太慢了。",
)
SAMPLES = Path(__file__).parents[1] / "knowledge" / "samples"
TAGS = {
    "bold": "b",
    "italic": "i",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
PAGE = """<!doctype html><meta charset="utf-8"><title>notesbot</title><style>
body{margin:0;padding:18px;background:#cfe0c8;font:15px/1.45 "Noto Sans CJK SC","PingFang SC",sans-serif;width:560px}
.m{background:#fff;border-radius:14px;padding:9px 13px;margin:7px 60px 0 0;white-space:pre-wrap;overflow-wrap:anywhere}
.m.me{background:#e6fbd0;margin:7px 0 0 120px}.m b.n{color:#3a86c8;display:block}
.re{border-left:3px solid #3a86c8;padding-left:8px;color:#567;font-size:13px;margin-bottom:4px}
blockquote{margin:3px 0;padding:4px 9px;border-left:3px solid #3a86c8;background:#eef5fb;border-radius:4px;display:block}
code{font:13px monospace;color:#a33}.k{display:flex;gap:5px;margin:4px 60px 0 0}
.k span{flex:1;background:#7fa27acc;color:#fff;border-radius:8px;text-align:center;padding:6px 4px;font-size:13px}
</style>"""


class Writer(ScriptedModel):
    """Gives one answer after the other."""

    async def stream(self, messages: Sequence[BaseMessage]) -> AsyncIterator[Chunk]:
        self.told.append(list(messages))
        yield Chunk(text=ANSWERS[len(self.told) - 1])


async def main(file: Path) -> None:
    """Ask in a group, follow up by a reply, open a source."""
    async with FakeTelegram() as telegram:
        mei = telegram.world.person("小美", username="mei", language="zh-hans")
        group = telegram.world.supergroup("LLM 学习小组", members=[mei])
        with tempfile.TemporaryDirectory() as folder:
            notebook = Notebook(Vault(SAMPLES), Path(folder, "notes"))
            await notebook.index()
            state = await TurnStore.open_file(Path(folder, "state.sqlite"))
            home = Home(telegram=telegram, notebook=notebook, state=state, model=Writer())
            home.allow(mei)
            async with home.serving():
                telegram.world.says(mei, group, "@notes_bot RAG 为什么要重排？")
                [first] = await answered(telegram, group)
                telegram.world.says(mei, group, "那它最多看几条？", reply_to=group.messages[first.id])
                await answered(telegram, group, 2)
                telegram.world.presses(mei, group.messages[first.id], "[1] 重排")
                await answered(telegram, group, 3)
            file.write_text(page_of(telegram.read(group)), encoding="utf-8")
            await state.close()
            notebook.close()


def page_of(messages: list[Seen]) -> str:
    """The chat as HTML."""
    by_id = {message.id: message for message in messages}
    return PAGE + "".join(_bubble(message, by_id) for message in messages)


def _bubble(message: Seen, by_id: dict[int, Seen]) -> str:
    mine = message.by != "Notes"
    name = "" if mine else '<b class="n">notesbot</b>'
    replied = by_id.get(message.reply_to or 0)
    quoted = f'<div class="re">{html.escape(replied.by)}: {html.escape(replied.text[:40])}…</div>' if replied else ""
    rows = "".join(
        f'<div class="k">{"".join(f"<span>{html.escape(one)}</span>" for one in row)}</div>' for row in message.buttons
    )
    return f'<div class="m{" me" if mine else ""}">{name}{quoted}{_styled(message)}</div>{rows}'


def _styled(message: Seen) -> str:
    """The words of each entity in its tag; an entity's words are taken where they come first after the one before."""
    text, at, parts = message.text, 0, []
    for kind, words in message.styles:
        start = text.find(words, at)
        if kind in TAGS and start >= 0:
            parts += [html.escape(text[at:start]), f"<{TAGS[kind]}>{html.escape(words)}</{TAGS[kind]}>"]
            at = start + len(words)
    return re.sub(r"</blockquote>\n", "</blockquote>", "".join([*parts, html.escape(text[at:])]))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
