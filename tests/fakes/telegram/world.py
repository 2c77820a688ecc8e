"""What people do: they write, press, react, vote, come and go. The bot hears of what the real server would tell it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.fakes.telegram.places import IN_IT, Chat, Message, Status, Topic, User, member_json
from tests.fakes.telegram.state import Asked, Press, State
from tests.fakes.telegram.texts import Formatted, found

Where = Chat | User
"""A chat; a person stands for the private chat with them."""


class World:
    """The people's side. Everything takes effect at once; what cannot be done at all is a `ValueError` in the test."""

    def __init__(self, state: State) -> None:
        self._state = state

    # People and places

    def person(self, name: str, *, username: str = "", language: str = "en", is_bot: bool = False, started: bool = True) -> User:
        """Somebody new; not `started` is somebody who never wrote to the bot in private."""
        number = 1000 + next(self._state.numbers)
        user = User(id=number, first_name=name, username=username, language=language, is_bot=is_bot, started_bot=started)
        self._state.users[user.id] = user
        self._state.open_chat("private", person=user)
        return user

    def private(self, person: User) -> Chat:
        return self._state.chats[person.id]

    def group(self, title: str, *, members: Iterable[User] = (), admins: Iterable[User] = (), bot: Status = "member") -> Chat:
        """A basic group."""
        return self._peopled(self._state.open_chat("group", title=title, bot=bot), members, admins)

    def supergroup(
        self, title: str, *, members: Iterable[User] = (), admins: Iterable[User] = (), bot: Status = "member", username: str = ""
    ) -> Chat:
        return self._peopled(self._state.open_chat("supergroup", title=title, bot=bot, username=username), members, admins)

    def forum(
        self,
        title: str,
        *,
        topics: Sequence[str] = (),
        members: Iterable[User] = (),
        admins: Iterable[User] = (),
        bot: Status = "member",
    ) -> Chat:
        """A supergroup with topics; `chat.topics` has them by number, the General topic is None."""
        chat = self.supergroup(title, members=members, admins=admins, bot=bot)
        chat.is_forum = True
        chat.ids = iter(range(2, 1_000_000_000))  # 1 is the General topic
        for name in topics:
            self.opens_topic(self._someone(chat), chat, name, tell=False)
        return chat

    def opens_topic(self, user: User, chat: Chat, name: str, *, tell: bool = True) -> int:
        """The number of a new topic."""
        opened = self._state.add(chat, user, service={"forum_topic_created": {"name": name, "icon_color": 7322096}})
        opened.topic = opened.id
        chat.topics[opened.id] = Topic(id=opened.id, name=name)
        if tell:
            self._tell_of(opened)
        return opened.id

    def topic(self, chat: Chat, name: str) -> int:
        return next(topic.id for topic in chat.topics.values() if topic.name == name)

    def closes_topic(self, user: User, chat: Chat, number: int) -> None:
        chat.topics[number].closed = True
        self._tell_of(self._state.add(chat, user, service={"forum_topic_closed": {}}, topic=number))

    def _peopled(self, chat: Chat, members: Iterable[User], admins: Iterable[User]) -> Chat:
        chat.members |= dict.fromkeys((user.id for user in members), "member")
        chat.members |= dict.fromkeys((user.id for user in admins), "administrator")
        return chat

    def _someone(self, chat: Chat) -> User:
        return self._state.users[next(iter(chat.members))] if chat.members else self.person("Founder")

    # Messages

    def says(
        self, user: User, where: Where, text: str, *, reply_to: Message | None = None, topic: int | None = None, quote: str = ""
    ) -> Message:
        """A message of a person; mentions, commands and links in it are found as the apps find them."""
        chat = self._place(user, where)
        content = Formatted(text=text, entities=found(text))
        return self._sent(self._state.add(chat, user, content, reply_to=reply_to, topic=topic, quote=quote))

    def says_formatted(self, user: User, where: Where, content: Formatted, *, topic: int | None = None) -> Message:
        return self._sent(self._state.add(self._place(user, where), user, content, topic=topic))

    def uploads(
        self,
        user: User,
        where: Where,
        name: str,
        content: bytes,
        *,
        caption: str = "",
        mime: str = "text/markdown",
        topic: int | None = None,
    ) -> Message:
        """A document."""
        chat = self._place(user, where)
        stored = self._state.store(name, content, mime)
        document = {"document": {**stored.json(), "file_name": name, "mime_type": mime}}
        text = Formatted(text=caption, entities=found(caption))
        return self._sent(self._state.add(chat, user, text, media=document, topic=topic))

    def edits(self, message: Message, text: str) -> None:
        message.content = Formatted(text=text, entities=found(text))
        message.edits += 1
        message.edit_date = self._state.now
        if self.is_seen(message):
            self._state.updates.add("edited_message", message.json(), chat=message.chat.id)

    def deletes(self, message: Message) -> None:
        """The bot is not told of it, as ever."""
        message.deleted = True

    def is_seen(self, message: Message) -> bool:
        """Whether the bot is sent this message of a person."""
        chat, state = message.chat, self._state
        if not state.is_in(chat) or message.sender.is_bot:
            return False
        if chat.private or message.service or chat.bot == "administrator" or not state.privacy:
            return True
        mine = message.reply_to is not None and (message.reply_to.sender is state.bot) and not message.reply_to.service
        return mine or message.via_bot is state.bot or self._is_addressed(message.content)

    def _is_addressed(self, content: Formatted) -> bool:
        name = f"@{self._state.bot.username}".lower()
        for entity in content.entities:
            words = content.of(entity).lower()
            if entity.type == "bot_command" and ("@" not in words or words.endswith(name)):
                return True
            if entity.type == "mention" and words == name:
                return True
            if entity.type == "text_mention" and entity.more.get("user", {}).get("id") == self._state.bot.id:
                return True
        return False

    def _place(self, user: User, where: Where) -> Chat:
        chat = self.private(where) if isinstance(where, User) else where
        if chat.upgraded_to is not None:
            raise ValueError("nobody can write to a group that became a supergroup")
        if chat.private:
            user.started_bot, user.blocks_bot = True, False
        elif chat.members.get(user.id) not in IN_IT:
            chat.members[user.id] = "member"
        return chat

    def _sent(self, message: Message) -> Message:
        if message.topic is not None and message.topic not in message.chat.topics:
            raise ValueError(f"no topic {message.topic} in {message.chat.title}")
        self._tell_of(message)
        return message

    def _tell_of(self, message: Message) -> None:
        if self.is_seen(message):
            self._state.updates.add("message", message.json(), chat=message.chat.id)

    # Buttons, inline mode, reactions, votes

    def presses(self, user: User, message: Message, button: str) -> Press:
        """A press of the button with this text or this data."""
        pressed = next((one for one in buttons_of(message) if button in (one["text"], one.get("callback_data"))), None)
        if pressed is None or "callback_data" not in pressed:
            raise ValueError(f"no button {button!r} under {message.text!r}")
        press = Press(
            id=str(40_000 + next(self._state.numbers)),
            user=user,
            message=message,
            data=pressed["callback_data"],
            at=self._state.clock.now(),
        )
        self._state.presses[press.id] = press
        where = {"inline_message_id": message.inline_id} if message.inline_id else {"message": message.json()}
        body = {"id": press.id, "from": user.json(), "chat_instance": str(message.chat.id), "data": press.data, **where}
        self._state.updates.add("callback_query", body, chat=message.chat.id)
        return press

    def stops_draft(self, user: User) -> None:
        """A press of Stop below the newest draft (Bot API 10.3)."""
        chat = self.private(user)
        shown = [number for number, draft in chat.drafts.items() if draft.can_stop]
        if not shown:
            raise ValueError("no draft with a Stop button")
        body = {"chat": chat.json(), "draft_id": shown[-1]}
        if not chat.drafts[shown[-1]].keep_on_stop:
            del chat.drafts[shown[-1]]
        self._state.updates.add("stopped_message_generation", body, chat=chat.id)

    def asks_inline(self, user: User, words: str, *, offset: str = "", chat_type: str = "supergroup") -> Asked:
        asked = Asked(id=str(50_000 + next(self._state.numbers)), user=user, words=words, at=self._state.clock.now())
        self._state.asked[asked.id] = asked
        body = {"id": asked.id, "from": user.json(), "query": words, "offset": offset, "chat_type": chat_type}
        self._state.updates.add("inline_query", body, chat=user.id)
        return asked

    def picks(self, asked: Asked, index: int, where: Chat) -> Message:
        """One of the offered results is sent to a chat."""
        result = asked.results[index]
        content: Formatted = result["content"]
        message = self._state.add(where, asked.user, content, via_bot=self._state.bot, buttons=result.get("reply_markup"))
        chosen = {"result_id": result["id"], "from": asked.user.json(), "query": asked.words}
        if message.buttons:
            message.inline_id = f"inline{next(self._state.numbers)}"
            self._state.inline_messages[message.inline_id] = message
            chosen["inline_message_id"] = message.inline_id
        self._state.updates.add("chosen_inline_result", chosen, chat=asked.user.id)
        return self._sent(message)

    def reacts(self, user: User, message: Message, *emoji: str) -> None:
        """The person's reactions to a message from now on; none takes them away. In groups only administrators are told."""
        old, message.reactions[user.id] = message.reactions.get(user.id, ()), emoji
        chat = message.chat
        body = {
            "chat": chat.json(),
            "message_id": message.id,
            "user": user.json(),
            "date": self._state.now,
            "old_reaction": reactions_json(old),
            "new_reaction": reactions_json(emoji),
        }
        if chat.private or chat.bot == "administrator":
            self._state.updates.add("message_reaction", body, chat=chat.id)

    def votes(self, user: User, message: Message, *options: int | str) -> None:
        """A vote by the numbers or the texts of options; none takes it back."""
        poll = message.poll
        if poll is None or poll.closed or (poll.is_quiz and user.id in poll.votes):
            raise ValueError("no poll that this person can vote in")
        texts = [option.text for option in poll.options]
        chosen = tuple(option if isinstance(option, int) else texts.index(option) for option in options)
        poll.votes = {voter: votes for voter, votes in poll.votes.items() if voter != user.id}
        if chosen:
            poll.votes[user.id] = chosen
        if message.sender is self._state.bot and not poll.anonymous:
            ids = {"option_ids": list(chosen), "option_persistent_ids": [str(index) for index in chosen]}
            self._state.updates.add("poll_answer", {"poll_id": poll.id, "user": user.json(), **ids}, chat=message.chat.id)
        if message.sender is self._state.bot:
            self._state.updates.add("poll", poll.json(), chat=message.chat.id)

    # Coming and going

    def joins(self, user: User, chat: Chat) -> None:
        chat.members[user.id] = "member"
        self._serve(chat, user, new_chat_members=[user.json()])

    def leaves(self, user: User, chat: Chat) -> None:
        chat.members[user.id] = "left"
        self._serve(chat, user, left_chat_member=user.json())

    def promotes(self, chat: Chat, user: User) -> None:
        chat.members[user.id] = "administrator"

    def blocks(self, user: User) -> None:
        """The person blocks the bot; `says` in the private chat takes it back."""
        user.blocks_bot = True
        self._bot_is(self.private(user), user, "member", "kicked")

    def sets_bot(self, chat: Chat, status: Status, *, by: User | None = None) -> None:
        """The bot is made an administrator, muted, thrown out, or let in again."""
        old, chat.bot = chat.bot, status
        self._bot_is(chat, by or self._someone(chat), old, status)

    def _bot_is(self, chat: Chat, by: User, old: Status, new: Status) -> None:
        was, now = member_json(self._state.bot, old), member_json(self._state.bot, new)
        body = {"chat": chat.json(), "from": by.json(), "date": self._state.now, "old_chat_member": was, "new_chat_member": now}
        self._state.updates.add("my_chat_member", body, chat=chat.id)

    def _serve(self, chat: Chat, user: User, **service: Any) -> None:
        self._tell_of(self._state.add(chat, user, service=service))

    def upgrades(self, group: Chat) -> Chat:
        """The group becomes a supergroup: a new chat with a new id; the old one is closed."""
        user = self._someone(group)
        new = self._state.open_chat("supergroup", title=group.title, bot=group.bot, members=dict(group.members))
        self._serve(group, user, migrate_to_chat_id=new.id)
        group.upgraded_to = new
        self._serve(new, user, migrate_from_chat_id=group.id)
        return new


def buttons_of(message: Message) -> list[dict[str, Any]]:
    return [button for row in (message.buttons or {}).get("inline_keyboard", ()) for button in row]


def reactions_json(emoji: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": "emoji", "emoji": one} for one in emoji]
