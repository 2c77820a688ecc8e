"""People, chats and messages as they stand, and the JSON that the Bot API gives of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fakes.telegram.texts import Formatted

Kind = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
GENERAL = 1
"""The number of a forum's first topic, which no message carries."""
IN_IT = ("creator", "administrator", "member", "restricted")


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A person, or a bot."""

    id: int
    first_name: str
    username: str = ""
    language: str = ""
    is_bot: bool = False
    blocks_bot: bool = False
    started_bot: bool = False
    """Whether the person ever wrote to the bot in private; before that the bot may not write."""

    def json(self) -> dict[str, Any]:
        told = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        more = {"username": self.username, "language_code": self.language}
        return told | {name: value for name, value in more.items() if value}


@dataclass(slots=True, kw_only=True, eq=False)
class Topic:
    """A topic of a forum; its number is the id of the service message that opened it."""

    id: int
    name: str
    closed: bool = False
    deleted: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message in its present state."""

    id: int
    chat: Chat = field(repr=False)
    sender: User
    date: int
    content: Formatted = field(default_factory=Formatted)
    media: dict[str, Any] = field(default_factory=dict)
    """`document`, `photo` and the like, as JSON."""
    service: dict[str, Any] = field(default_factory=dict)
    buttons: dict[str, Any] | None = None
    """The inline keyboard, as JSON."""
    reply_to: Message | None = field(default=None, repr=False)
    quote: str = ""
    topic: int | None = None
    edits: int = 0
    edit_date: int = 0
    deleted: bool = False
    poll: Poll | None = None
    inline_id: str = ""
    """Set for messages sent through inline mode."""
    via_bot: User | None = None
    reactions: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By the id of who reacted."""

    @property
    def text(self) -> str:
        return self.content.text

    def json(self, *, with_reply: bool = True) -> dict[str, Any]:
        told: dict[str, Any] = {"message_id": self.id, "date": self.date, "chat": self.chat.json(), "from": self.sender.json()}
        told |= self.content.json("caption" if self.media else "text") | self.media | self.service
        if self.poll:
            told["poll"] = self.poll.json()
        if self.edit_date:
            told["edit_date"] = self.edit_date
        if self.via_bot:
            told["via_bot"] = self.via_bot.json()
        if self.buttons:
            told["reply_markup"] = self.buttons
        if self.quote:
            told["quote"] = {"text": self.quote, "position": 0, "is_manual": True}
        return told | self._thread() | (self._replied() if with_reply else {})

    def _thread(self) -> dict[str, Any]:
        """In a topic its number; in other supergroups that of the first message of a chain of replies."""
        if self.topic is not None:
            return {"message_thread_id": self.topic, "is_topic_message": True}
        if self.chat.kind != "supergroup" or self.chat.is_forum or self.reply_to is None:
            return {}
        root = self.reply_to
        while root.reply_to is not None:
            root = root.reply_to
        return {"message_thread_id": root.id}

    def _replied(self) -> dict[str, Any]:
        """What it answers; in a topic the message that opened the topic, where it answers nothing else."""
        if self.reply_to is not None:
            return {} if self.reply_to.deleted else {"reply_to_message": self.reply_to.json(with_reply=False)}
        opener = self.chat.messages.get(self.topic or 0)
        return {"reply_to_message": opener.json(with_reply=False)} if opener is not None and opener is not self else {}


@dataclass(slots=True, kw_only=True, eq=False)
class Poll:
    """A poll or a quiz, and who chose what."""

    id: str
    question: Formatted
    options: tuple[Formatted, ...]
    is_quiz: bool
    anonymous: bool
    many: bool
    correct: tuple[int, ...] = ()
    explanation: Formatted = field(default_factory=Formatted)
    closed: bool = False
    votes: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        counts = [sum(index in chosen for chosen in self.votes.values()) for index in range(len(self.options))]
        told: dict[str, Any] = {
            "id": self.id,
            **self.question.json("question"),
            "options": [
                {"persistent_id": str(index), **option.json(), "voter_count": count}
                | ({"text_entities": entities} if (entities := [one.json() for one in option.entities]) else {})
                for index, (option, count) in enumerate(zip(self.options, counts, strict=True))
            ],
            "total_voter_count": len(self.votes),
            "is_closed": self.closed,
            "is_anonymous": self.anonymous,
            "type": "quiz" if self.is_quiz else "regular",
            "allows_multiple_answers": self.many,
            "allows_revoting": not self.is_quiz,
            "members_only": False,
            **self.explanation.json("explanation"),
        }
        return told | ({"correct_option_ids": list(self.correct)} if self.is_quiz else {})


@dataclass(slots=True, kw_only=True, eq=False)
class Draft:
    """A text that the bot is writing; it fades 30 seconds after its last change."""

    content: Formatted
    topic: int | None
    at: float
    changes: int = 1
    can_stop: bool = False
    """Whether people see a Stop button below it (Bot API 10.3)."""
    keep_on_stop: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Chat:
    """A private chat, a group, a supergroup or a forum."""

    id: int
    kind: Kind
    ids: Iterator[int] = field(repr=False)
    title: str = ""
    username: str = ""
    person: User | None = None
    is_forum: bool = False
    bot: Status = "member"
    """What the bot is there."""
    members: dict[int, Status] = field(default_factory=dict, repr=False)
    topics: dict[int, Topic] = field(default_factory=dict, repr=False)
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    drafts: dict[int, Draft] = field(default_factory=dict, repr=False)
    upgraded_to: Chat | None = field(default=None, repr=False)
    typing_until: dict[int | None, float] = field(default_factory=dict, repr=False)
    """By topic: until when people see that the bot does something."""

    @property
    def private(self) -> bool:
        return self.kind == "private"

    @property
    def visible(self) -> list[Message]:
        return [message for message in self.messages.values() if not message.deleted]

    def json(self) -> dict[str, Any]:
        if self.person is not None:
            told = {"first_name": self.person.first_name, "username": self.person.username}
        else:
            told = {"title": self.title, "username": self.username}
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.kind} | {name: value for name, value in told.items() if value} | forum


def member_json(user: User, status: Status) -> dict[str, Any]:
    """A `ChatMember`."""
    told: dict[str, Any] = {"user": user.json(), "status": status}
    rights: Mapping[str, Mapping[str, Any]] = {
        "creator": {"is_anonymous": False},
        "administrator": {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(ADMIN_RIGHTS, True)},
        "restricted": {"is_member": True, "until_date": 0, **dict.fromkeys(MEMBER_RIGHTS, False)},
        "kicked": {"until_date": 0},
    }
    return told | dict(rights.get(status, {}))


ADMIN_RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members"),
    *("can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories", "can_pin_messages"),
    *("can_manage_topics", "can_manage_direct_messages", "can_manage_tags"),
)
MEMBER_RIGHTS = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    *("can_react_to_messages", "can_edit_tag"),
)
