"""Messages to Discord with buttons: sent once, edited, deleted; retried after network errors, never posted twice."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.backoff import Backoff
from bot.platforms.discord.parser import BUTTON
from bot.platforms.protocol import ChatClosed, ChatUnreachable, ServerUnreachable
from bot.types import Attachment, Button

ROWS, IN_ROW, LABEL = 5, 5, 80
BESIDE = 3
"""Buttons that had a row of their own stand together by this many, which reads well on a telephone."""


def rows_of(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Components for a message; none for no buttons, which takes away those that a message had."""
    return [{"type": 1, "components": [_button(one) for one in row]} for row in arranged(buttons)]


def arranged(buttons: Sequence[Button]) -> list[list[Button]]:
    """In their rows, single ones moved together; when that is too much, all of them in full rows, and 25 at most."""
    rows: list[list[Button]] = []
    single: list[Button] = []
    for _, group in groupby(buttons, key=lambda button: button.row):
        row = list(group)
        if len(row) == 1:
            single += row
            continue
        rows += _in_rows(single, BESIDE)
        rows += _in_rows(row, IN_ROW)
        single = []
    rows += _in_rows(single, BESIDE)
    return rows if len(rows) <= ROWS else _in_rows(buttons, IN_ROW)[:ROWS]


def _in_rows(buttons: Sequence[Button], most: int) -> list[list[Button]]:
    return [list(buttons[start : start + most]) for start in range(0, len(buttons), most)]


def _button(button: Button) -> dict[str, Any]:
    label = button.label if len(button.label) <= LABEL else button.label[: LABEL - 1] + "…"
    return {"type": 2, "style": 2, "label": label or "…", "custom_id": BUTTON + button.data}


log = logging.getLogger(__name__)

SUPPRESS_EMBEDS, EPHEMERAL = 1 << 2, 1 << 6
"""Flags of messages (https://discord.com/developers/docs/resources/message#message-object-message-flags)."""
TRIES = 24
FIRST_WAIT, LONGEST_WAIT = 0.3, 60.0
"""Seconds between tries; all of them together take about a quarter of an hour; what still fails then stays in the ledger."""
NO_PINGS: Mapping[str, Any] = {"parse": [], "replied_user": False}
TROUBLE = (aiohttp.ClientError, OSError, TimeoutError)
NO_REPLYING = (160002, 50035)
"""Without the permission to read the history nothing can be replied to; it can be said all the same."""
EXPIRED = (50027, 10015)
"""The interaction's token: too old, or never acknowledged."""
GONE = (10008,)
CLOSED = (10003, 10004, 10013, 50001, 50007, 50278)
"""No such channel, guild or user; a channel that the bot does not see; somebody who takes no messages from it, or shares no guild
with it.
"""
UNREACHABLE = (50083,)
"""A thread that is archived and locked."""


class Expired(Exception):
    """The interaction's token is no longer good; its messages can be edited as those of the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What one message shows: Discord's Markdown, buttons, files."""

    text: str
    buttons: tuple[Button, ...] = ()
    files: tuple[Attachment, ...] = ()


class DiscordApi:
    """Requests through the client's own connection, which keeps to Discord's rate limits."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(self, channel: int, drawn: Drawn, *, nonce: str, reply_to: int = 0) -> str:
        """Send a message; one with a nonce that was seen within minutes is that message, brought up to date.

        Raises:
            ChatUnreachable: the bot may not write there.
        """
        body = {**_body(drawn), "flags": SUPPRESS_EMBEDS, "nonce": nonce, "enforce_nonce": True}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        if reply_to:
            message = {"message_id": str(reply_to), "channel_id": str(channel), "fail_if_not_exists": False}
            reference = {"message_reference": message}
            try:
                return await self._sent(channel, drawn, await self._request(route, {**body, **reference}, drawn.files))
            except discord.HTTPException as error:
                if error.code not in NO_REPLYING:
                    raise
        return await self._sent(channel, drawn, await self._request(route, body, drawn.files))

    async def _sent(self, channel: int, drawn: Drawn, made: Any) -> str:
        """The message's id; what was made earlier under the same nonce may still show what was true then."""
        if made.get("content", "").strip() != drawn.text.strip() or _pressed(made) != [one.data for one in drawn.buttons]:
            await self.edit(channel, _id(made), drawn)
        return _id(made)

    async def edit(self, channel: int, message: str, drawn: Drawn) -> bool:
        """False when somebody has deleted it."""
        route = Route("PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=message)
        return await self._change(route, {**_body(drawn), "flags": SUPPRESS_EMBEDS}, drawn.files)

    async def delete(self, channel: int, message: str) -> None:
        route = Route("DELETE", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=message)
        await self._change(route, None, ())

    async def respond(self, token: str, message: str, drawn: Drawn) -> str:
        """Edit a message that came through an interaction; `@original` names the first. Empty when it was deleted.

        Raises:
            Expired: 15 minutes are over, or the interaction was never acknowledged.
        """
        body = {**_body(drawn), "flags": SUPPRESS_EMBEDS}
        try:
            return _id(await self._request(self._webhook("PATCH", token, message), body, drawn.files))
        except discord.NotFound as error:
            if error.code in GONE:
                return ""
            raise

    async def follow_up(self, token: str, drawn: Drawn, *, private: bool) -> str:
        """A further message through an interaction.

        Raises:
            Expired: see `respond`.
        """
        flags = SUPPRESS_EMBEDS | (EPHEMERAL if private else 0)
        return _id(await self._request(self._webhook("POST", token), {**_body(drawn), "flags": flags}, drawn.files))

    async def withdraw(self, token: str, message: str = "@original") -> None:
        """Delete a message that came through an interaction."""
        await self._change(self._webhook("DELETE", token, message), None, ())

    async def open_thread(self, channel: int, message: int, name: str, archive_minutes: int) -> None:
        """Open a thread from a message; it has the message's id. One that is there already is fine.

        Raises:
            ChatUnreachable: the bot may not do that.
        """
        route = Route("POST", "/channels/{channel_id}/messages/{message_id}/threads", channel_id=channel, message_id=message)
        try:
            await self._request(route, {"name": name, "auto_archive_duration": archive_minutes}, ())
        except discord.HTTPException as error:
            if error.code != 160004:  # a thread has already been created for this message
                raise

    async def _change(self, route: Route, body: Mapping[str, Any] | None, files: Sequence[Attachment]) -> bool:
        try:
            await self._request(route, body, files)
        except discord.NotFound as error:
            if error.code not in GONE:
                raise
            return False
        return True

    def _webhook(self, method: str, token: str, message: str = "") -> Route:
        path = "/webhooks/{webhook_id}/{webhook_token}"
        app = self._client.application_id
        if not message:
            return Route(method, path, webhook_id=app, webhook_token=token)
        return Route(method, path + "/messages/{message_id}", webhook_id=app, webhook_token=token, message_id=message)

    async def _request(self, route: Route, body: Mapping[str, Any] | None, files: Sequence[Attachment]) -> Any:
        backoff = Backoff(first=FIRST_WAIT, longest=LONGEST_WAIT)
        for left in reversed(range(TRIES)):
            try:
                return await self._once(route, body, files)
            except (*TROUBLE, discord.DiscordServerError) as error:
                if not left:
                    raise ServerUnreachable(f"{route.method} {route.path}: {type(error).__name__}") from error
                wait = backoff.delay()
                log.warning("%s %s: %s; once more in %.1f s", route.method, route.path, type(error).__name__, wait)
                await asyncio.sleep(wait)
            except discord.HTTPException as error:
                raise _told(error, route) from error
        raise AssertionError("the last try returns or raises")

    async def _once(self, route: Route, body: Mapping[str, Any] | None, files: Sequence[Attachment]) -> Any:
        if not files:
            kept: dict[str, Any] = {} if body is None else {"json": body}
            return await self._client.http.request(route, **kept)
        sent = [discord.File(io.BytesIO(one.content), one.name) for one in files]
        attachments = [{"id": number, "filename": one.filename} for number, one in enumerate(sent)]
        form: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps({**(body or {}), "attachments": attachments})}]
        form += [
            {"name": f"files[{n}]", "value": one.fp, "filename": one.filename, "content_type": "application/octet-stream"}
            for n, one in enumerate(sent)
        ]
        return await self._client.http.request(route, form=form, files=sent)


def _body(drawn: Drawn) -> dict[str, Any]:
    return {"content": drawn.text, "components": rows_of(drawn.buttons), "allowed_mentions": NO_PINGS}


def _pressed(message: Any) -> list[str]:
    """The data of a message's buttons."""
    buttons = [one for row in message.get("components", ()) for one in row.get("components", ())]
    return [str(one.get("custom_id", "")).removeprefix(BUTTON) for one in buttons]


def _id(message: Any) -> str:
    return str(message["id"])


def _told(error: discord.HTTPException, route: Route) -> Exception:
    """What a refusal means to whoever draws."""
    if "{webhook_token}" in route.path and (error.code in EXPIRED or error.status == 401):
        return Expired(str(error))
    if error.code in NO_REPLYING:
        return error
    if error.code in CLOSED:
        return ChatClosed(str(error))
    return ChatUnreachable(str(error)) if error.status == 403 or error.code in UNREACHABLE else error
