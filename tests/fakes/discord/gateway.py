"""The gateway: sessions over websockets, with everything that can go wrong with them."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.events import PRIVILEGED, Event, Intent
from tests.fakes.discord.payloads import guild_json, member_json, own_json
from tests.fakes.discord.sessions import Connection, Session
from tests.fakes.discord.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, REQUEST_MEMBERS = 0, 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, ACK = 9, 10, 11
MOST_SENT = 120
"""Frames that a client may send in a minute."""


class Gateway:
    """Hands events to the sessions they are for; a session outlives its connection until it is lost."""

    def __init__(self, *, world: World, token: str, beat: Callable[[], None]) -> None:
        self.world = world
        self.sessions: list[Session] = []
        self.allowed = int(PRIVILEGED)
        """The privileged intents that are switched on in the developer portal."""
        self.shards = 1
        """How many shards Discord advises, and the least that it takes."""
        self.heartbeat = 41.25
        """Seconds between heartbeats."""
        self.silent = False
        """Whether heartbeats and everything else go unanswered, as on a dead connection."""
        self.refusing = False
        """Whether new connections are refused."""
        self.log: list[tuple[str, Any]] = []
        """What clients did, in order: `identify`, `resume`, `resumed`, `refused`, `closed` with details."""
        self.resume_url = ""
        self._token = token
        self._beat = beat
        self._connections: list[Connection] = []

    # For tests

    def count(self, what: str) -> int:
        """How often clients did this."""
        return sum(done == what for done, _ in self.log)

    @property
    def connected(self) -> list[Session]:
        return [one for one in self.sessions if one.connection]

    def drop(self, *, code: int = 0, lose: bool = False) -> None:
        """Tear every connection down, or close it with a code; with `lose`, no session can be resumed."""
        if lose:
            self.sessions.clear()
        for one in list(self._connections):
            one.drop(code)

    def ask_to_reconnect(self) -> None:
        """Tell everybody to come again, as Discord does now and then."""
        self._to_all({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell everybody that their session is invalid."""
        if not resumable:
            self.sessions.clear()
        self._to_all({"op": INVALID_SESSION, "d": resumable})

    # Events

    def tell(self, event: Event) -> None:
        for one in self.sessions:
            if event.is_for(intents=one.intents, shard=one.shard, shards=one.shards):
                one.tell(event.name, event.body(bool(one.intents & Intent.CONTENT)))
        self._beat()

    # One connection

    async def serve(self, http: web.Request) -> web.StreamResponse:
        if self.refusing:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(http)
        connection = Connection(socket=socket, squeeze=_compressor(http.query.get("compress")), muted=lambda: self.silent)
        self._connections.append(connection)
        writer = asyncio.create_task(connection.write())
        try:
            connection.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat * 1000), "_trace": []}})
            connection.expect_beat(self.heartbeat)
            await self._read(connection)
        finally:
            writer.cancel()
            connection.stop_expecting()
            self._connections.remove(connection)
            self._left(connection)
        return socket

    async def _read(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if frame.type != WSMsgType.TEXT or len(frame.data.encode()) > 4096:
                return await self._close(connection, 4002, "Error while decoding payload.")
            if connection.counted() > MOST_SENT:
                return await self._close(connection, 4008, "You are being rate limited.")
            try:
                message = json.loads(frame.data)
                op, data = message["op"], message["d"]
            except (ValueError, KeyError, TypeError):
                return await self._close(connection, 4002, "Error while decoding payload.")
            if self.silent:
                continue
            await self._take(connection, op, data)
        return None

    async def _take(self, connection: Connection, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            connection.expect_beat(self.heartbeat)
            connection.send({"op": ACK, "d": None})
        elif op == IDENTIFY:
            await self._identify(connection, data)
        elif op == RESUME:
            await self._resume(connection, data)
        elif connection.session is None:
            await self._close(connection, 4003, "Not authenticated.")
        elif op == REQUEST_MEMBERS:
            self._send_members(connection.session, data)
        elif op not in (PRESENCE, VOICE):
            await self._close(connection, 4001, "Unknown opcode.")

    async def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        self.log.append(("identify", {"intents": data.get("intents"), "shard": data.get("shard")}))
        wrong = self._wrong(connection, data)
        if wrong:
            return await self._close(connection, *wrong)
        shard, shards = data.get("shard") or (0, 1)
        session = Session(intents=int(data["intents"]), shard=shard, shards=shards, connection=connection)
        connection.session = session
        self.sessions.append(session)
        self._ready(session)
        self._beat()
        return None

    def _wrong(self, connection: Connection, data: dict[str, Any]) -> tuple[int, str] | None:
        if connection.session:
            return 4005, "Already authenticated."
        if data.get("token") != self._token:
            return 4004, "Authentication failed."
        if not isinstance(data.get("intents"), int) or data["intents"] >= 1 << 28:
            return 4013, "Invalid intent(s)."
        if data["intents"] & PRIVILEGED & ~self.allowed:
            return 4014, "Disallowed intent(s)."
        shard, shards = data.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            return 4010, "Invalid shard."
        return (4011, "Sharding required.") if shards < self.shards else None

    def _ready(self, session: Session) -> None:
        world = self.world
        guilds = [one for one in world.guilds.values() if world.bot.id in one.members]
        guilds = [one for one in guilds if (one.id >> 22) % session.shards == session.shard]
        session.tell(
            "READY",
            {
                "v": 10,
                "user": own_json(world.bot),
                "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self.resume_url,
                "shard": [session.shard, session.shards],
                "application": {"id": str(world.bot.id), "flags": 0},
                "private_channels": [],
                "relationships": [],
                "_trace": [],
            },
        )
        for guild in guilds:
            if session.intents & Intent.GUILDS and guild.available:
                channels = [one for one in world.channels.values() if one.guild is guild and not one.deleted]
                everybody = bool(session.intents & Intent.PRESENCES)
                session.tell("GUILD_CREATE", guild_json(guild, channels, world.bot, everybody=everybody))

    async def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        self.log.append(("resume", {"session": data.get("session_id"), "seq": data.get("seq")}))
        if data.get("token") != self._token:
            return await self._close(connection, 4004, "Authentication failed.")
        session = next((one for one in self.sessions if one.id == data.get("session_id")), None)
        seq = data.get("seq")
        if session is None or not isinstance(seq, int):
            self.log.append(("refused", "resume"))
            connection.send({"op": INVALID_SESSION, "d": False})
            return None
        if seq > session.seq:
            return await self._close(connection, 4007, "Invalid seq.")
        if session.connection:
            session.connection.session = None
            session.connection.drop(4000)
        connection.session, session.connection = session, connection
        for number, frame in session.frames:
            if number > seq:
                connection.queue.put_nowait(frame)
        session.tell("RESUMED", {"_trace": []})
        self.log.append(("resumed", {"missed": session.seq - 1 - seq}))
        self._beat()
        return None

    def _send_members(self, session: Session, data: dict[str, Any]) -> None:
        guild = self.world.guilds[int(data["guild_id"])]
        members = list(guild.members.values())
        if data.get("user_ids"):
            members = [one for one in members if str(one.user.id) in [str(wanted) for wanted in data["user_ids"]]]
        elif data.get("query"):
            members = [one for one in members if one.user.name.lower().startswith(data["query"].lower())]
        body = {"guild_id": str(guild.id), "members": [member_json(one) for one in members], "chunk_index": 0, "chunk_count": 1}
        session.tell("GUILD_MEMBERS_CHUNK", {**body, "not_found": [], **({"nonce": data["nonce"]} if data.get("nonce") else {})})

    async def _close(self, connection: Connection, code: int, reason: str) -> None:
        self.log.append(("refused", code))
        connection.closing = True
        await connection.socket.close(code=code, message=reason.encode())

    def _left(self, connection: Connection) -> None:
        """A connection ended. One that the client closed with 1000 or 1001 takes its session along."""
        session = connection.session
        code = connection.socket.close_code
        self.log.append(("closed", code))
        if session:
            session.connection = None
            if code in (1000, 1001) and not connection.closing and session in self.sessions:
                self.sessions.remove(session)
        self._beat()

    def _to_all(self, frame: dict[str, Any]) -> None:
        for one in list(self._connections):
            one.send(frame)


def _compressor(name: str | None) -> Callable[[str], bytes] | None:
    """What turns frames into bytes for the compression that a client asks for: one stream for the whole connection."""
    if name == "zlib-stream":
        stream = zlib.compressobj()
        return lambda text: stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        import zstandard  # discord.py asks for this only where it is installed

        blocks = zstandard.ZstdCompressor().compressobj()
        return lambda text: blocks.compress(text.encode()) + blocks.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None
