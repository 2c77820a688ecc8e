"""A Markdown file that an admin sends is offered for adding to the notes."""

from __future__ import annotations

from tests.bot.platforms.telegram.serving import Home, answered
from tests.fakes.telegram import Chat, FakeTelegram, User

NOTE = "# 茶\n\n乌龙茶用九十五度的水泡三分钟。\n".encode()


def new_notes(home: Home) -> dict[str, bytes]:
    folder = home.notebook.vault.root / "inbox"
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())} if folder.exists() else {}


async def test_a_file_is_added_when_the_admin_says_so_and_is_answered_from_at_once(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    home.inbox, home.admins = "inbox", (str(alice.id),)
    async with home.serving():
        telegram.world.uploads(alice, alice, "../../乌龙:茶.md", NOTE)
        [offer] = await answered(telegram, alice)
        assert new_notes(home) == {}
    async with home.serving():  # the offer outlives the program
        message = telegram.world.private(alice).messages[offer.id]
        telegram.world.presses(alice, message, "加入笔记")
        await telegram.until(lambda: "已加入" in message.text)
        telegram.world.says(alice, alice, "/search 乌龙茶用多少度的水泡")
        *_, found = await answered(telegram, alice, 2)
    assert new_notes(home) == {"乌龙 茶.md": NOTE}
    assert "乌龙 茶.md" in offer.text
    assert "inbox/乌龙 茶.md" in message.text
    assert "九十五度" in found.text
    assert telegram.refusals == []


async def test_a_namesake_is_not_overwritten_and_the_same_file_twice_is_one_note(
    home: Home, telegram: FakeTelegram, alice: User
) -> None:
    home.inbox, home.admins = "inbox", (str(alice.id),)
    async with home.serving():
        for count, content in enumerate((NOTE, b"# Other\n", NOTE), 1):
            telegram.world.uploads(alice, alice, "tea.md", content)
            *_, offer = await answered(telegram, alice, count)
            message = telegram.world.private(alice).messages[offer.id]
            telegram.world.presses(alice, message, "加入笔记")
            await telegram.until(lambda message=message: "已加入" in message.text)
    assert new_notes(home) == {"tea.md": NOTE, "tea 2.md": b"# Other\n"}


async def test_nothing_is_offered_where_it_is_off_or_to_somebody_else_and_nobody_else_can_say_yes(
    home: Home, telegram: FakeTelegram, alice: User, bob: User, group: Chat
) -> None:
    home.allow(bob)
    home.admins = (str(alice.id),)
    async with home.serving():
        telegram.world.uploads(alice, alice, "tea.md", NOTE)
        [line] = await answered(telegram, alice)
        assert line.text == "我只能读文字，请把问题写出来。"
    home.inbox = "inbox"
    async with home.serving():
        telegram.world.uploads(bob, bob, "tea.md", NOTE)
        [line] = await answered(telegram, bob)
        telegram.world.uploads(alice, group, "tea.md", NOTE, caption="@notes_bot")
        [offer] = await answered(telegram, group)
        press = telegram.world.presses(bob, group.messages[offer.id], "加入笔记")
        await telegram.until(lambda: press.answer)
        telegram.world.presses(alice, group.messages[offer.id], "不用")
        await telegram.until(lambda: group.messages[offer.id].text == "好，没有加入。")
    assert "only read text" in line.text
    assert (press.answer or {})["text"] == "This button no longer works."
    assert new_notes(home) == {}


async def test_a_file_that_is_too_large_or_no_text_is_said_to_be(home: Home, telegram: FakeTelegram, alice: User) -> None:
    home.inbox, home.admins = "inbox", (str(alice.id),)
    home.notebook.vault.largest = 2048
    async with home.serving():
        telegram.world.uploads(alice, alice, "large.md", b"x" * 4000)
        [line] = await answered(telegram, alice)
        telegram.world.uploads(alice, alice, "picture.md", b"\x89PNG\x00\x01\x02\xff" * 50)
        _, offer = await answered(telegram, alice, 2)
        message = telegram.world.private(alice).messages[offer.id]
        telegram.world.presses(alice, message, "加入笔记")
        await telegram.until(lambda: "没有加入" in message.text)
    assert line.buttons == ()
    assert "4 KB" in line.text
    assert new_notes(home) == {}
