"""The fake, asked by the real client: it must answer, and refuse, as the real server does."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import telegram as library
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import Application, MessageHandler, filters
from telegram.request import HTTPXRequest

from tests.fakes.telegram import ONLY_HERE, Chat, FakeTelegram, Flood, Trouble, User, units
from tests.fakes.telegram.formatting import formatted
from tests.fakes.telegram.refusals import Refused
from tests.fakes.telegram.webhook import SECRET

Sending = Callable[..., Awaitable[library.Message]]
MARKUP = InlineKeyboardMarkup([[InlineKeyboardButton("来源", callback_data="source:1")]])


def request(*, read_timeout: float = 10) -> HTTPXRequest:
    """Without certificates: loading them takes longer than most tests here, and this is plain HTTP."""
    return HTTPXRequest(connection_pool_size=32, read_timeout=read_timeout, httpx_kwargs={"trust_env": False, "verify": False})


def client(fake: FakeTelegram, *, token: str = "", read_timeout: float = 10) -> library.Bot:
    return library.Bot(
        token or fake.token,
        base_url=fake.base_url,
        base_file_url=fake.base_file_url,
        request=request(read_timeout=read_timeout),
        get_updates_request=request(),
    )


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[library.Bot]:
    async with client(fake) as asking:
        yield asking


@pytest.fixture(autouse=True)
def seconds_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def alice(fake: FakeTelegram) -> User:
    return fake.world.person("Alice", username="alice")


@pytest.fixture
def group(fake: FakeTelegram, alice: User) -> Chat:
    return fake.world.supergroup("厨房", members=[alice])


@pytest.fixture
def forum(fake: FakeTelegram, alice: User) -> Chat:
    return fake.world.forum("学习", topics=["米饭", "面条"], members=[alice])


async def refused(asking: Awaitable[Any], kind: type[Exception] = BadRequest) -> str:
    """What the server said no with."""
    with pytest.raises(kind) as caught:
        await asking
    return str(caught.value)


async def heard(bot: library.Bot) -> list[library.Update]:
    updates = list(await bot.get_updates(allowed_updates=library.Update.ALL_TYPES))
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


def seconds(wait: RetryAfter) -> float:
    assert isinstance(wait.retry_after, timedelta)
    return wait.retry_after.total_seconds()


def entity(kind: str, offset: int, length: int, **more: Any) -> MessageEntity:
    return MessageEntity(type=kind, offset=offset, length=length, **more)


# Who it is, and who may ask


async def test_it_knows_its_bot(fake: FakeTelegram, bot: library.Bot) -> None:
    me = await bot.get_me()
    assert (me.username, me.is_bot, me.supports_inline_queries, me.can_read_all_group_messages) == (
        "notes_bot",
        True,
        True,
        False,
    )


async def test_a_wrong_token_is_unauthorized_and_a_malformed_one_is_not_found(fake: FakeTelegram) -> None:
    for token, said in [("7000000001:" + "X" * 35, "Unauthorized"), ("7:short", "Not Found")]:
        with pytest.raises(InvalidToken, match="was rejected"):
            await client(fake, token=token).__aenter__()
        assert fake.refusals[-1].description == said


async def test_a_method_it_does_not_serve_is_not_found(fake: FakeTelegram, bot: library.Bot) -> None:
    with pytest.raises(library.error.EndPointNotFound):
        await bot.do_api_request("sendRichMessage", api_kwargs={"chat_id": 1})
    assert fake.refusals[-1].description == "Not Found: method not found"


async def test_a_parameter_that_does_not_exist_is_refused(bot: library.Bot, alice: User) -> None:
    assert (
        await refused(bot.send_message(alice.id, "好", api_kwargs={"colour": "red"}))
        == f"Sendmessage has no parameter 'colour' {ONLY_HERE}"
    )


async def test_requests_may_be_forms_or_json_or_queries_and_method_names_any_case(fake: FakeTelegram, alice: User) -> None:
    async with httpx.AsyncClient(trust_env=False) as raw:
        url = f"{fake.base_url}{fake.token}/SENDMESSAGE"
        markup = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
        for ask in (
            {"json": {"chat_id": alice.id, "text": "a", "reply_markup": markup}},
            {"data": {"chat_id": str(alice.id), "text": "a", "reply_markup": json.dumps(markup)}},
            {"params": {"chat_id": str(alice.id), "text": "a", "reply_markup": json.dumps(markup)}},
        ):
            answer = (await raw.post(url, **ask)).json()
            assert (answer["ok"], answer["result"]["text"], answer["result"]["reply_markup"]) == (True, "a", markup)


# Messages


async def test_what_the_bot_says_is_what_people_read(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    asked = fake.world.says(alice, alice, "米饭要煮多久？")
    sent = await bot.send_message(
        alice.id, "  <b>二十</b>分钟 \n", parse_mode="HTML", reply_markup=MARKUP, reply_parameters=ReplyParameters(asked.id)
    )
    (_, seen) = fake.read(alice)
    assert (seen.id, seen.by, seen.text, seen.styles) == (sent.message_id, "Notes", "二十分钟", (("bold", "二十"),))
    assert (seen.buttons, seen.reply_to, seen.edits) == ((("来源",),), asked.id, 0)
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "米饭要煮多久？"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Message text is empty"),
        (" \n ", "Text must be non-empty"),
        ("\u200b\u2800", "Text must be non-empty"),
        ("好" * 4097, "Message is too long"),
        ("🍚" * 2049, "Message is too long"),
    ],
)
async def test_a_text_has_1_to_4096_utf16_units(bot: library.Bot, alice: User, text: str, said: str) -> None:
    assert await refused(bot.send_message(alice.id, text)) == said
    assert (await bot.send_message(alice.id, "🍚" * 2048)).text == "🍚" * 2048


async def test_the_length_counts_after_the_markup_is_read(bot: library.Bot, alice: User) -> None:
    assert units((await bot.send_message(alice.id, f"<b>{'a' * 4096}</b>", parse_mode="HTML")).text or "") == 4096


async def test_control_characters_do_not_arrive(bot: library.Bot, alice: User) -> None:
    sent = await bot.send_message(alice.id, "a\r\n\tb\u2028c\u202ed", entities=[entity("bold", 4, 1)])
    assert (sent.text, [(one.offset, one.length) for one in sent.entities]) == ("a\n bcd", [(3, 1)])


async def test_chats_that_the_bot_may_not_write_to(fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat) -> None:
    stranger = fake.world.person("Bob", started=False)
    assert await refused(bot.send_message(12345, "a")) == "Chat not found"
    assert (
        await refused(bot.send_message(stranger.id, "a"), Forbidden) == "Forbidden: bot can't initiate conversation with a user"
    )
    fake.world.blocks(alice)
    assert await refused(bot.send_message(alice.id, "a"), Forbidden) == "Forbidden: bot was blocked by the user"
    fake.world.says(alice, alice, "/start")
    assert (await bot.send_message(alice.id, "a")).text == "a"
    fake.world.sets_bot(group, "restricted")
    assert await refused(bot.send_message(group.id, "a")) == "Not enough rights to send text messages to the chat"
    fake.world.sets_bot(group, "kicked")
    assert await refused(bot.send_message(group.id, "a"), Forbidden) == "Forbidden: bot was kicked from the supergroup chat"
    assert [update.my_chat_member is not None for update in await heard(bot)] == [True, False, True, True]


async def test_a_reply_needs_its_message(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    gone = fake.world.says(alice, alice, "a")
    fake.world.deletes(gone)
    assert (
        await refused(bot.send_message(alice.id, "b", reply_parameters=ReplyParameters(gone.id)))
        == "Message to be replied not found"
    )
    lone = await bot.send_message(alice.id, "b", reply_parameters=ReplyParameters(gone.id, allow_sending_without_reply=True))
    assert lone.reply_to_message is None
    there = fake.world.says(alice, alice, "two words")
    assert (
        await refused(bot.send_message(alice.id, "b", reply_parameters=ReplyParameters(there.id, quote="no")))
        == "Quote_text_invalid"
    )
    quoted = await bot.send_message(alice.id, "b", reply_parameters=ReplyParameters(there.id, quote="words"))
    assert quoted.quote is not None
    assert quoted.quote.text == "words"


# Markup and entities


@pytest.mark.parametrize(
    ("mode", "markup", "said"),
    [
        ("HTML", "🍚<b>好", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "🍚<think>", 'Unsupported start tag "think" at byte offset 4'),
        ("HTML", "1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("HTML", "好<b>a</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("HTML", "好</b>", "Unexpected end tag at byte offset 3"),
        ("HTML", "<a href='x", "Unclosed start tag at byte offset 0"),
        ("HTML", '<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("MarkdownV2", "好 *a", "Can't find end of Bold entity at byte offset 4"),
        ("MarkdownV2", "a `b", "Can't find end of Code entity at byte offset 2"),
        ("MarkdownV2", "1. a", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "[a](b", "Can't find end of a URL at byte offset 4"),
        ("MarkdownV2", ">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
        ("Markdown", "好 _a", "Can't find end of the entity starting at byte offset 4"),
    ],
)
async def test_markup_that_cannot_be_read_is_refused_in_telegrams_words(
    fake: FakeTelegram, bot: library.Bot, alice: User, mode: str, markup: str, said: str
) -> None:
    await refused(bot.send_message(alice.id, markup, parse_mode=mode))
    assert fake.refusals[-1].description == f"Bad Request: can't parse entities: {said}"


async def test_a_parse_mode_that_does_not_exist_is_refused(bot: library.Bot, alice: User) -> None:
    assert await refused(bot.send_message(alice.id, "a", parse_mode="reST")) == "Unsupported parse_mode"


@pytest.mark.parametrize(
    ("mode", "markup", "text", "entities"),
    [
        ("HTML", "<b>米<i>饭</i></b> &lt;&amp;", "米饭 <&", [("bold", 0, 2), ("italic", 1, 1)]),
        ("HTML", '🍚<pre><code class="language-py">x=1</code></pre>', "🍚x=1", [("pre", 2, 3)]),
        ("HTML", "<pre><code>x</code></pre>", "x", [("pre", 0, 1)]),
        ("HTML", "<code>a<b>b</b></code>", "ab", [("code", 0, 2)]),
        ("HTML", "<blockquote expandable>a<blockquote>b</blockquote></blockquote>", "ab", [("expandable_blockquote", 0, 2)]),
        ("HTML", '<a href="example.com">a</a> <a href="nowhere">b</a>', "a b", [("text_link", 0, 1)]),
        ("HTML", '<tg-time unix="1700000000" format="wDT">soon</tg-time>', "soon", [("date_time", 0, 4)]),
        (
            "MarkdownV2",
            "*a _b_* ~c~ ||d||",
            "a b c d",
            [("bold", 0, 3), ("italic", 2, 1), ("strikethrough", 4, 1), ("spoiler", 6, 1)],
        ),
        ("MarkdownV2", "__a _b___ \\.", "a b .", None),
        ("MarkdownV2", "```py\nx=1```", "x=1", [("pre", 0, 3)]),
        ("MarkdownV2", ">a\n>b||\nc", "a\nb\nc", [("expandable_blockquote", 0, 4)]),
        ("Markdown", "*a* [b](example.com) `c`", "a b c", [("bold", 0, 1), ("text_link", 2, 1), ("code", 4, 1)]),
    ],
)
async def test_markup_becomes_entities(
    bot: library.Bot, alice: User, mode: str, markup: str, text: str, entities: list[tuple[str, int, int]] | None
) -> None:
    if entities is None:
        assert await refused(bot.send_message(alice.id, markup, parse_mode=mode))
        return
    sent = await bot.send_message(alice.id, markup, parse_mode=mode)
    assert (sent.text, [(one.type, one.offset, one.length) for one in sent.entities]) == (text, entities)


@pytest.mark.parametrize(
    ("entities", "said"),
    [
        ([entity("bold", 4, 1)], "Entity begins after the end of the text at UTF-16 offset 4"),
        ([entity("bold", 3, 2)], "Entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 5"),
        ([entity("bold", 1, 2)], "Entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        ([entity("bold", 0, 1)], "Entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4"),
        ([entity("bold", -1, 1)], "Receive an entity with incorrect offset -1"),
        ([entity("shiny", 0, 2)], "Can't parse messageentity: unsupported type specified"),
        ([entity("bold", 2, 0)], f"A bold entity of no length at offset 2 {ONLY_HERE}"),
        ([entity("text_link", 0, 2, url="nowhere")], "Entity url 'nowhere' is invalid: wrong http url"),
        ([entity("bold", 0, 3), entity("italic", 2, 2)], f"Italic at 2..4 crosses the end of bold at 0..3 {ONLY_HERE}"),
        ([entity("code", 0, 4), entity("bold", 2, 1)], f"Bold at 2..3 lies in code at 0..4 {ONLY_HERE}"),
        (
            [entity("blockquote", 0, 4), entity("blockquote", 2, 1)],
            f"Blockquote at 2..3 is a quote in blockquote at 0..4 {ONLY_HERE}",
        ),
        ([entity("bold", 0, 4), entity("bold", 2, 1)], f"Bold at 2..3 repeats bold at 0..4 {ONLY_HERE}"),
    ],
)
async def test_entities_that_do_not_fit_are_refused(
    bot: library.Bot, alice: User, entities: list[MessageEntity], said: str
) -> None:
    assert (await refused(bot.send_message(alice.id, "🍚ab", entities=entities))).lower() == said.lower()


async def test_entities_that_nest_are_taken_as_they_are(bot: library.Bot, alice: User) -> None:
    entities = [
        entity("blockquote", 0, 4),
        entity("bold", 0, 4),
        entity("text_link", 0, 2, url="https://a.com/"),
        entity("italic", 0, 2),
    ]
    sent = await bot.send_message(alice.id, "🍚ab", entities=entities)
    assert [one.type for one in sent.entities] == ["blockquote", "bold", "text_link", "italic"]


async def test_links_mentions_and_commands_are_found_in_what_the_bot_says(bot: library.Bot, alice: User) -> None:
    sent = await bot.send_message(alice.id, "/help @alice #饭 https://a.com/b a@b.com 见 notes.md `x`")
    assert [sent.parse_entity(one) for one in sent.entities] == [
        "/help",
        "@alice",
        "#饭",
        "https://a.com/b",
        "a@b.com",
        "notes.md",
    ]


async def test_after_100_entities_formatting_is_lost_and_far_too_many_are_refused(bot: library.Bot, alice: User) -> None:
    some = await bot.send_message(alice.id, "a " * 300, entities=[entity("bold", 2 * index, 1) for index in range(300)])
    assert len(some.entities) == 100
    many = bot.send_message(alice.id, "a " * 900, entities=[entity("bold", 2 * index, 1) for index in range(900)])
    assert await refused(many) == "Entities_too_long"


STYLED = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "<pre>", "</pre>", "<blockquote>", "</blockquote>", "🍚", "a", " ", "\n"]
)


@settings(max_examples=200)
@given(st.lists(STYLED, max_size=20))
def test_whatever_markup_is_taken_has_entities_that_lie_in_the_text_and_nest(parts: list[str]) -> None:
    try:
        content = formatted("".join(parts), "HTML", may_be_empty=True)
    except Refused:
        return
    for one in content.entities:
        assert content.of(one)
        for other in content.entities:
            apart = one.end <= other.offset or other.end <= one.offset
            assert (
                apart
                or (one.offset <= other.offset and other.end <= one.end)
                or (other.offset <= one.offset and one.end <= other.end)
            )
            assert one is other or apart or one.type not in ("code", "pre") or other.type == "blockquote"


# Buttons


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ({"text": "a", "callback_data": "米" * 22}, "Button_data_invalid"),
        ({"text": "a"}, "Can't parse inlinekeyboardbutton: text buttons are not allowed in the inline keyboard"),
        ({"text": "", "callback_data": "a"}, "Can't parse inlinekeyboardbutton: can't find field \"text\""),
        ({"text": "a", "url": "nowhere"}, "Inline keyboard button url 'nowhere' is invalid: wrong http url"),
        (
            {"text": "a", "url": "javascript://a.com"},
            "Inline keyboard button url 'javascript://a.com' is invalid: unsupported url protocol",
        ),
        (
            {"text": "a", "url": "a.com", "callback_data": "b"},
            f"An inline keyboard button does one thing, not ['url', 'callback_data'] {ONLY_HERE}",
        ),
    ],
)
async def test_buttons_that_cannot_be_are_refused(bot: library.Bot, alice: User, button: dict[str, str], said: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert (await refused(bot.send_message(alice.id, "a", api_kwargs={"reply_markup": markup}))).lower() == said.lower()


async def test_a_keyboard_has_at_most_100_buttons_of_at_most_64_bytes(bot: library.Bot, alice: User) -> None:
    rows = [[InlineKeyboardButton("a", callback_data="x" * 64)] * 5] * 20
    await bot.send_message(alice.id, "a", reply_markup=InlineKeyboardMarkup(rows))
    more = InlineKeyboardMarkup([*rows, [InlineKeyboardButton("b", url="a.com")]])
    assert await refused(bot.send_message(alice.id, "a", reply_markup=more)) == "Reply markup is too long"


async def test_a_press_is_answered_once_and_in_time(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    sent = await bot.send_message(alice.id, "a", reply_markup=MARKUP)
    message = fake.world.private(alice).messages[sent.message_id]
    press = fake.world.presses(alice, message, "来源")
    (update,) = await heard(bot)
    assert update.callback_query is not None
    assert (update.callback_query.data, update.callback_query.from_user.id) == ("source:1", alice.id)
    assert await refused(update.callback_query.answer("x" * 201)) == "Message_too_long"
    await update.callback_query.answer("好")
    assert press.answer is not None
    assert press.answer["text"] == "好"
    too_old = "Query is too old and response timeout expired or query id is invalid"
    assert await refused(update.callback_query.answer()) == too_old
    late = fake.world.presses(alice, message, "source:1")
    fake.clock.advance(3600)
    assert await refused(bot.answer_callback_query(late.id)) == too_old
    with pytest.raises(ValueError, match="no button"):
        fake.world.presses(alice, message, "Nothing")


# Edits


async def test_edits_change_the_message_in_place(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    sent = await bot.send_message(alice.id, "a", reply_markup=MARKUP)
    await sent.edit_text("b", reply_markup=MARKUP)
    await sent.edit_text("c")
    await sent.edit_reply_markup(MARKUP)
    (seen,) = fake.read(alice)
    assert (seen.text, seen.edits, seen.buttons) == ("c", 2, (("来源",),))


async def test_edits_that_cannot_be_are_refused(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    sent = await bot.send_message(alice.id, "<b>a</b>", parse_mode="HTML", reply_markup=MARKUP)
    theirs = fake.world.says(alice, alice, "b")
    same = sent.edit_text("a ", entities=[entity("bold", 0, 1)], reply_markup=MARKUP)
    assert (await refused(same)).startswith("Message is not modified: specified new message content and reply markup are exactly")
    assert (await refused(sent.edit_reply_markup(MARKUP))).startswith("Message is not modified")
    assert await refused(bot.edit_message_text("x", alice.id, theirs.id)) == "Message can't be edited"
    assert await refused(bot.edit_message_text("x", alice.id, 999)) == "Message to edit not found"
    assert await refused(sent.edit_text("a" * 4097)) == "Message is too long"
    file = await bot.send_document(alice.id, b"# a", filename="a.md")
    assert await refused(file.edit_text("x")) == "There is no text in the message to edit"
    await sent.delete()
    assert await refused(sent.edit_text("x")) == "Message to edit not found"
    assert await refused(sent.delete()) == "Message to delete not found"


async def test_only_an_administrator_deletes_what_others_said(
    fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat
) -> None:
    theirs = fake.world.says(alice, group, "a")
    assert await refused(bot.delete_message(group.id, theirs.id)) == "Message can't be deleted"
    fake.world.sets_bot(group, "administrator")
    await bot.delete_message(group.id, theirs.id)
    mine = await bot.send_message(alice.id, "b")
    fake.clock.advance(49 * 3600)
    assert await refused(mine.delete()) == "Message can't be deleted for everyone"


# Drafts and typing


async def test_drafts_are_for_private_chats_and_fade(fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat) -> None:
    await bot.send_message_draft(alice.id, 7, "")
    await bot.send_message_draft(alice.id, 7, "二十")
    draft = fake.draft(alice)
    assert draft is not None
    assert (draft.content.text, draft.changes, fake.read(alice)) == ("二十", 2, [])
    fake.clock.advance(31)
    assert fake.draft(alice) is None
    await bot.send_message_draft(alice.id, 8, "二十分")
    await bot.send_message(alice.id, "二十分钟")
    assert fake.draft(alice) is None
    assert await refused(bot.send_message_draft(group.id, 7, "a")) == "Textdraft_peer_invalid"
    assert await refused(bot.send_message_draft(alice.id, 0, "a")) == "Random_id_empty"


async def test_typing_is_seen_for_five_seconds(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    await bot.send_chat_action(alice.id, "typing")
    assert fake.types(alice)
    fake.clock.advance(6)
    assert not fake.types(alice)
    assert await refused(bot.send_chat_action(alice.id, "pondering")) == "Wrong parameter action in request"


# Groups and topics


async def test_with_privacy_the_bot_hears_only_what_is_meant_for_it(
    fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat
) -> None:
    other = fake.world.person("Other", username="other_bot", is_bot=True)
    mine = group.messages[(await bot.send_message(group.id, "你好")).message_id]
    said = [
        fake.world.says(alice, group, text, reply_to=reply)
        for text, reply in [
            ("闲聊", None),
            ("@notes_bot 米饭？", None),
            ("@Notes_Bot again", None),
            ("@alice 你呢", None),
            ("/ask 米饭", None),
            ("/ask@notes_bot 米饭", None),
            ("/ask@other_bot 米饭", None),
            ("为什么", mine),
        ]
    ]
    fake.world.says(other, group, "@notes_bot hello")
    fake.world.joins(fake.world.person("Carol"), group)
    got = [update.effective_message for update in await heard(bot)]
    assert [one.text for one in got if one and one.text] == [said[index].text for index in (1, 2, 4, 5, 7)]
    assert got[-1] is not None
    assert got[-1].new_chat_members[0].first_name == "Carol"


@pytest.mark.parametrize("why", ["privacy off", "administrator"])
async def test_without_privacy_or_as_administrator_it_hears_everything(
    fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat, why: str
) -> None:
    fake.state.privacy = why != "privacy off"
    group.bot = "administrator" if why == "administrator" else "member"
    fake.world.edits(fake.world.says(alice, group, "闲聊"), "闲谈")
    first, second = await heard(bot)
    assert (first.message and first.message.text, second.edited_message and second.edited_message.text) == ("闲聊", "闲谈")


async def test_topics_are_places_and_the_general_one_has_no_number(
    fake: FakeTelegram, bot: library.Bot, alice: User, forum: Chat
) -> None:
    rice = fake.world.topic(forum, "米饭")
    await bot.send_message(forum.id, "一", message_thread_id=rice)
    await bot.send_message(forum.id, "二")
    assert [seen.text for seen in fake.read(forum, rice)] == ["一"]
    assert [seen.text for seen in fake.read(forum, None)] == ["二"]
    assert await refused(bot.send_message(forum.id, "三", message_thread_id=1)) == "Message thread not found"
    assert await refused(bot.send_message(forum.id, "三", message_thread_id=999)) == "Message thread not found"
    assert await refused(bot.send_message(alice.id, "三", message_thread_id=rice)) == "Message thread not found"
    await bot.send_chat_action(forum.id, "typing", message_thread_id=1)
    fake.world.closes_topic(alice, forum, rice)
    assert await refused(bot.send_message(forum.id, "三", message_thread_id=rice)) == "Topic_closed"


async def test_a_message_in_a_topic_replies_to_the_opening_of_the_topic(
    fake: FakeTelegram, bot: library.Bot, alice: User, forum: Chat
) -> None:
    rice = fake.world.topic(forum, "米饭")
    fake.world.says(alice, forum, "@notes_bot 米饭？", topic=rice)
    asked = fake.world.says(alice, forum, "@notes_bot 面条？")
    in_topic, in_general = (update.message for update in await heard(bot))
    assert in_topic is not None
    assert (in_topic.is_topic_message, in_topic.message_thread_id) == (True, rice)
    assert in_topic.reply_to_message is not None
    assert in_topic.reply_to_message.forum_topic_created is not None
    assert in_general is not None
    assert (in_general.is_topic_message, in_general.message_thread_id, in_general.reply_to_message) == (None, None, None)
    reply = await bot.send_message(forum.id, "一", reply_parameters=ReplyParameters(asked.id))
    assert reply.message_thread_id is None


async def test_a_group_that_became_a_supergroup_says_where_it_went(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    old = fake.world.group("厨房", members=[alice])
    await bot.send_message(old.id, "a")
    new = fake.world.upgrades(old)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(old.id, "b")
    assert caught.value.new_chat_id == new.id
    assert fake.refusals[-1].description == "Bad Request: group chat was upgraded to a supergroup chat"
    left, came = (update.message for update in await heard(bot))
    assert (left and left.migrate_to_chat_id, came and came.migrate_from_chat_id) == (new.id, old.id)
    assert (await bot.send_message(new.id, "b")).text == "b"


async def test_it_tells_who_is_in_a_chat(fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat) -> None:
    fake.world.promotes(group, alice)
    assert (await bot.get_chat(group.id)).title == "厨房"
    assert (await bot.get_chat_member(group.id, alice.id)).status == "administrator"
    assert [admin.user.id for admin in await bot.get_chat_administrators(group.id)] == [alice.id]
    assert (await bot.get_chat_member(group.id, fake.bot.id)).status == "member"
    assert await bot.get_chat_member_count(group.id) == 2
    assert await refused(bot.get_chat_administrators(alice.id)) == "There are no administrators in the private chat"


# Reactions, polls, inline mode, files, commands


async def test_reactions_come_only_when_they_are_asked_for(
    fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat
) -> None:
    message = fake.world.private(alice).messages[(await bot.send_message(alice.id, "a")).message_id]
    fake.world.reacts(alice, message, "👍")
    await bot.get_updates(allowed_updates=library.Update.ALL_TYPES)
    fake.world.reacts(alice, message, "👎")
    fake.world.reacts(alice, fake.world.says(alice, group, "b"), "👎")
    (update,) = await bot.get_updates()
    assert update.message_reaction is not None
    assert [one.to_dict()["emoji"] for one in update.message_reaction.old_reaction] == ["👍"]
    await bot.set_message_reaction(alice.id, message.id, "👀")
    assert fake.read(alice)[0].reactions == ("👎", "👀")
    assert await refused(bot.set_message_reaction(alice.id, message.id, "🥦")) == "Reaction_invalid"


async def test_quizzes(fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat) -> None:
    sent = await bot.send_poll(
        group.id,
        "米饭要煮多久？",
        ["十", "二十"],
        type="quiz",
        correct_option_ids=[1],
        explanation="书里写的",
        is_anonymous=False,
    )
    fake.world.votes(alice, group.messages[sent.message_id], "二十")
    answers = [update.poll_answer for update in await heard(bot) if update.poll_answer]
    assert [(answer.option_ids, answer.user and answer.user.id) for answer in answers] == [((1,), alice.id)]
    closed = await bot.stop_poll(group.id, sent.message_id)
    assert (closed.is_closed, closed.total_voter_count, [option.voter_count for option in closed.options]) == (True, 1, [0, 1])
    assert await refused(bot.stop_poll(group.id, sent.message_id)) == "Poll has already been closed"


@pytest.mark.parametrize(
    ("question", "options", "more", "said"),
    [
        ("a" * 301, ["a", "b"], {}, "Poll question length must not exceed 300"),
        ("a", ["a"], {}, "Poll must have at least 2 options"),
        ("a", ["a"] * 13, {}, "Poll can't have more than 12 options"),
        ("a", ["a", "b" * 101], {}, "Poll options length must not exceed 100"),
        ("a", ["a", ""], {}, "Poll options must be non-empty"),
        ("a", ["a", "b"], {"type": "quiz"}, "Wrong correct option id specified"),
        ("a", ["a", "b"], {"type": "quiz", "correct_option_ids": [2]}, "Wrong correct option id specified"),
        ("a", ["a", "b"], {"type": "quiz", "correct_option_ids": [0], "explanation": "x" * 201}, "Message_too_long"),
    ],
)
async def test_polls_that_cannot_be_are_refused(
    bot: library.Bot, alice: User, question: str, options: list[str], more: dict[str, Any], said: str
) -> None:
    assert await refused(bot.send_poll(alice.id, question, options, **more)) == said


def article(identity: str, text: str = "a") -> library.InlineQueryResultArticle:
    return library.InlineQueryResultArticle(identity, "title", library.InputTextMessageContent(text, parse_mode="HTML"))


async def test_inline_mode(fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat) -> None:
    asked = fake.world.asks_inline(alice, "米饭")
    (update,) = await heard(bot)
    assert update.inline_query is not None
    assert await refused(bot.answer_inline_query(asked.id, [article("a"), article("a")])) == "Result_id_duplicate"
    assert (await refused(bot.answer_inline_query(asked.id, [article("a", "<b>")]))).startswith("Can't parse entities")
    many = [article(str(index)) for index in range(51)]
    assert await refused(bot.answer_inline_query(asked.id, many)) == "Results_too_much"
    await update.inline_query.answer([article("a", "<b>二十</b>分钟")])
    assert fake.world.picks(asked, 0, group).via_bot is fake.bot
    assert fake.read(group)[-1].styles == (("bold", "二十"),)
    chosen, message = await heard(bot)
    assert chosen.chosen_inline_result is not None
    assert message.message is not None
    assert (await refused(update.inline_query.answer([]))).startswith("Query is too old")


async def test_files_go_both_ways(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    fake.world.uploads(alice, alice, "米饭.md", "# 米饭".encode(), caption="新的")
    (update,) = await heard(bot)
    assert update.message is not None
    assert update.message.document is not None
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()).decode() == "# 米饭"
    assert await refused(bot.get_file("nothing")) == "Invalid file_id"
    await bot.send_document(alice.id, b"a,b", filename="cards.csv", caption="<b>x</b>", parse_mode="HTML")
    assert (fake.read(alice)[-1].file, fake.read(alice)[-1].styles) == ("cards.csv", (("bold", "x"),))
    assert await refused(bot.send_document(alice.id, b"a", caption="x" * 1025)) == "Message caption is too long"
    await bot.send_photo(alice.id, b"\x89PNG", filename="a.png")


async def test_commands_are_kept_by_scope_and_language(bot: library.Bot, group: Chat) -> None:
    await bot.set_my_commands([("ask", "Ask"), ("quiz", "Quiz")])
    await bot.set_my_commands([("ask", "提问")], language_code="zh")
    await bot.set_my_commands([("status", "Status")], scope=library.BotCommandScopeChat(group.id))
    assert [command.command for command in await bot.get_my_commands()] == ["ask", "quiz"]
    assert [command.description for command in await bot.get_my_commands(language_code="zh")] == ["提问"]
    assert [command.command for command in await bot.get_my_commands(scope=library.BotCommandScopeChat(group.id))] == ["status"]
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()


@pytest.mark.parametrize(
    ("commands", "more", "said"),
    [
        ([("Ask", "a")], {}, "Bot_command_invalid"),
        ([("a" * 33, "a")], {}, "Command length must not exceed 32"),
        ([("ask", "")], {}, "Command description must be non-empty"),
        ([("ask", "a" * 257)], {}, "Command description length must not exceed 256"),
        ([(f"a{index}", "a") for index in range(101)], {}, "Bot_commands_too_much"),
        ([("ask", "a")], {"language_code": "zh-hans"}, "Invalid language code specified"),
        ([("ask", "a")], {"scope": library.BotCommandScopeChat(1)}, "Chat not found"),
    ],
)
async def test_commands_that_cannot_be_are_refused(
    bot: library.Bot, commands: list[tuple[str, str]], more: dict[str, Any], said: str
) -> None:
    assert await refused(bot.set_my_commands(commands, **more)) == said


# Updates


async def test_updates_come_again_until_they_are_confirmed(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    for text in "abc":
        fake.world.says(alice, alice, text)
    first = await bot.get_updates()
    assert [update.update_id for update in first] == [500_000_001, 500_000_002, 500_000_003]
    assert await bot.get_updates() == first
    assert await bot.get_updates(offset=first[1].update_id, limit=1) == (first[1],)
    assert await bot.get_updates(offset=-1) == (first[2],)
    fake.clock.advance(25 * 3600)
    assert await bot.get_updates() == ()


async def test_a_long_poll_waits_for_the_next_update(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await fake.until(lambda: fake.updates.polled)
    fake.world.says(alice, alice, "a")
    assert len(await poll) == 1


async def test_a_second_poller_ends_the_first(fake: FakeTelegram, bot: library.Bot) -> None:
    async with client(fake) as second:
        first = asyncio.create_task(bot.get_updates(timeout=5))
        await fake.until(lambda: fake.updates.polled)
        assert await second.get_updates() == ()
    said = await refused(first, Conflict)
    assert said == "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def test_a_poller_that_dies_loses_nothing(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    async with client(fake) as dying:
        poll = asyncio.create_task(dying.get_updates(timeout=5))
        await fake.until(lambda: fake.updates.polled)
        poll.cancel()
    await fake.until(lambda: not fake.updates.polled)
    fake.world.says(alice, alice, "a")
    assert [update.message and update.message.text for update in await bot.get_updates(timeout=1)] == ["a"]
    assert fake.refusals == []


def application(fake: FakeTelegram) -> Application[Any, Any, Any, Any, Any, Any]:
    async def echo(update: library.Update, _: object) -> None:
        assert update.message is not None
        await update.message.reply_text(f"{update.message.text}!", do_quote=True)

    builder = Application.builder().token(fake.token).base_url(fake.base_url).base_file_url(fake.base_file_url)
    app = builder.request(request()).get_updates_request(request()).concurrent_updates(8).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    return app


async def test_a_whole_application_polls_and_answers_what_came_while_it_was_away(fake: FakeTelegram, alice: User) -> None:
    for text in "ab":
        fake.world.says(alice, alice, text)
        async with application(fake) as app:
            await app.start()
            assert app.updater is not None
            await app.updater.start_polling(timeout=2, allowed_updates=library.Update.ALL_TYPES)
            await fake.until(lambda: f"{text}!" in [seen.text for seen in fake.read(alice)])  # noqa: B023
            await app.updater.stop()
            await app.stop()
    assert [(seen.by, seen.text) for seen in fake.read(alice)] == [
        ("Alice", "a"),
        ("Notes", "a!"),
        ("Alice", "b"),
        ("Notes", "b!"),
    ]
    assert fake.refusals == []
    assert fake.updates.pending == []


async def test_a_whole_application_takes_webhooks(fake: FakeTelegram, alice: User) -> None:
    pytest.importorskip("tornado")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with application(fake) as app:
        await app.start()
        assert app.updater is not None
        url = f"http://127.0.0.1:{port}/telegram"
        await app.updater.start_webhook(
            listen="127.0.0.1", port=port, url_path="telegram", webhook_url=url, secret_token="s3cret"
        )
        fake.world.says(alice, alice, "a")
        await fake.until(lambda: len(fake.read(alice)) == 2)
        await fake.until(lambda: fake.updates.pending == [])
        assert fake.webhook.sent[-1][1] == 200
        await app.updater.stop()
        await app.stop()


async def test_a_webhook_is_tried_again_in_order_until_it_is_taken(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    got: list[tuple[str, str | None]] = []

    async def take(http: web.Request) -> web.Response:
        got.append(((await http.json())["message"]["text"], http.headers.get(SECRET)))
        return web.Response(status=503 if len(got) < 3 else 200)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/", secret_token="s3cret")
    assert "can't use getUpdates method while webhook is active" in await refused(bot.get_updates(), Conflict)
    fake.world.says(alice, alice, "a")
    fake.world.says(alice, alice, "b")
    await fake.until(lambda: fake.updates.pending == [])
    assert got == [("a", "s3cret")] * 3 + [("b", "s3cret")]
    assert (await bot.get_webhook_info()).last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    await runner.cleanup()


async def test_webhooks_that_cannot_be_are_refused(bot: library.Bot) -> None:
    assert await refused(bot.set_webhook("http://a.com/")) == "Bad webhook: an https url must be provided for webhook"
    assert (
        await refused(bot.set_webhook("http://127.0.0.1:1/", secret_token="a b")) == "Secret token contains unallowed characters"
    )


# Flood control and trouble


async def test_flood_control_is_off_unless_it_is_asked_for(
    fake: FakeTelegram, bot: library.Bot, alice: User, group: Chat
) -> None:
    await asyncio.gather(*(bot.send_message(chat, "a") for chat in (alice.id, group.id) for _ in range(25)))
    assert fake.refusals == []


async def test_a_private_chat_takes_a_burst_and_then_one_message_a_second() -> None:
    async with FakeTelegram(flood=Flood(private_burst=3)) as fake, client(fake) as bot:
        alice = fake.world.person("Alice")
        for _ in range(3):
            await bot.send_message(alice.id, "a")
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(alice.id, "a")
        assert seconds(caught.value) == 1
        assert fake.refusals[-1].description == "Too Many Requests: retry after 1"
        assert fake.violations == []
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(alice.id, "a")
        assert (seconds(caught.value), len(fake.violations)) == (2, 1)
        fake.clock.advance(2.1)
        await bot.send_message(alice.id, "a")
        assert len(fake.read(alice)) == 4


async def test_a_group_takes_20_a_minute_edits_among_them_and_the_bot_may_say_30_a_second() -> None:
    async with FakeTelegram(flood=Flood()) as fake, client(fake) as bot:
        group = fake.world.supergroup("厨房")
        sent = await bot.send_message(group.id, "0")
        for index in range(1, 20):
            await sent.edit_text(str(index))
            await bot.send_chat_action(group.id, "typing")
        with pytest.raises(RetryAfter) as caught:
            await sent.edit_text("20")
        assert 50 < seconds(caught.value) <= 60
        people = [fake.world.person(f"P{index}") for index in range(40)]
        fake.clock.advance(61)
        answers = await asyncio.gather(*(bot.send_message(one.id, "a") for one in people), return_exceptions=True)
        assert sum(isinstance(answer, RetryAfter) for answer in answers) >= 5


@pytest.mark.parametrize(
    ("trouble", "kind", "done"),
    [
        (Trouble.SERVER_ERROR, NetworkError, False),
        (Trouble.BAD_GATEWAY, NetworkError, False),
        (Trouble.CUT_BEFORE, NetworkError, False),
        (Trouble.TOO_MANY, RetryAfter, False),
        (Trouble.CUT_AFTER, NetworkError, True),
        (Trouble.GATEWAY_TIMEOUT, NetworkError, True),
        (Trouble.GARBAGE, library.error.TelegramError, True),
    ],
)
async def test_the_server_can_fail_before_and_after_it_acted(
    fake: FakeTelegram, bot: library.Bot, alice: User, trouble: Trouble, kind: type[Exception], done: bool
) -> None:
    fake.fail(trouble, "sendMessage", skip=1)
    await bot.send_message(alice.id, "a")
    await refused(bot.send_message(alice.id, "b"), kind)
    await bot.send_message(alice.id, "c")
    assert [seen.text for seen in fake.read(alice)] == (["a", "b", "c"] if done else ["a", "c"])
    assert fake.refusals == []


async def test_a_message_arrives_even_if_the_client_does_not_wait_for_the_answer(fake: FakeTelegram, alice: User) -> None:
    fake.fail(Trouble.SLOW, "sendMessage", seconds=0.3)
    async with client(fake, read_timeout=0.1) as impatient:
        await refused(impatient.send_message(alice.id, "a"), TimedOut)
        assert fake.read(alice) == []
        await fake.until(lambda: [seen.text for seen in fake.read(alice)] == ["a"])


async def test_while_the_network_is_down_nothing_gets_through(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await fake.until(lambda: fake.updates.polled)
    fake.go_down(0.2)
    await refused(poll, NetworkError)
    await refused(bot.send_message(alice.id, "a"), NetworkError)
    fake.world.says(alice, alice, "b")
    await asyncio.sleep(0.25)
    assert len(await bot.get_updates()) == 1
    assert [seen.text for seen in fake.read(alice)] == ["b"]


async def test_every_request_is_remembered_with_its_answer(fake: FakeTelegram, bot: library.Bot, alice: User) -> None:
    await bot.send_message(alice.id, "a", reply_markup=MARKUP)
    await refused(bot.send_message(alice.id, ""))
    good, wrong = fake.calls("sendMessage")
    assert (good.params["text"], good.chat, good.status, good.response["result"]["text"]) == ("a", alice.id, 200, "a")
    assert (wrong.status, wrong.description, wrong.refused) == (400, "Bad Request: message text is empty", True)
    assert fake.refusals == [wrong]
