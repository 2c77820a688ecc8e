"""The body of a message goes in; it comes out checked, or refused as Discord refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.components import check_components
from tests.fakes.discord.embeds import check_embeds
from tests.fakes.discord.mentions import check_allowed
from tests.fakes.discord.refusals import Faults, Refused
from tests.fakes.discord.values import COMPONENTS_V2, EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, Attachment, Message

MOST_CONTENT = 2000
"""Code points: "Our API uses Python 3, so the API calculates length based on the number of codepoints" (api-docs issue 1315)."""
MOST_FILES, MOST_BYTES = 10, 10 * 1024 * 1024
FIELDS = (
    "content nonce tts embeds allowed_mentions message_reference components sticker_ids "
    "payload_json attachments flags enforce_nonce poll"
).split()
WEBHOOK_FIELDS = [*FIELDS, "username", "avatar_url", "thread_name", "applied_tags"]
Upload = tuple[str, bytes, str]
"""File name, content, and what kind of file it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A checked body. What a message edit does not touch is `None`."""

    content: str | None = None
    embeds: list[dict[str, Any]] | None = None
    components: list[dict[str, Any]] | None = None
    kept: list[int] | None = None
    """The attachments that stay, when the body says."""
    uploads: list[Upload] = field(default_factory=list)
    descriptions: dict[int, str] = field(default_factory=dict)
    flags: int | None = None
    allowed: Mapping[str, Any] | None = None
    reference: Mapping[str, Any] | None = None
    nonce: str | None = None
    enforce_nonce: bool = False
    tts: bool = False


def drafted(
    body: Mapping[str, Any],
    files: Mapping[str, Upload],
    *,
    current: Message | None = None,
    may_be_ephemeral: bool = False,
    webhook: bool = False,
    prefix: Sequence[str] = (),
) -> Draft:
    """Check a new message, or an edit of `current`. Raises `Refused`."""
    faults = Faults(*prefix)
    faults.unknown(body, WEBHOOK_FIELDS if webhook else FIELDS)
    flags = _checked_flags(body, faults, current, may_be_ephemeral=may_be_ephemeral)
    v2 = bool((flags or 0) & COMPONENTS_V2) or bool(current and current.flags & COMPONENTS_V2)
    content = faults.text(body.get("content"), ("content",), most=MOST_CONTENT).strip()
    uploads, descriptions, kept = _checked_files(body, files, faults)
    names = [name for name, _, _ in uploads] + [one.filename for one in (current.attachments if current else ())]
    embeds = check_embeds(body.get("embeds"), faults)
    components = check_components(body.get("components"), faults, v2=v2, files=names)
    check_allowed(body.get("allowed_mentions"), faults)
    _check_rest(body, faults)
    if v2:
        _check_v2(body, faults, current)
    faults.refuse()
    new = current is None
    draft = Draft(
        content=content if new or "content" in body else None,
        embeds=embeds if new or "embeds" in body else None,
        components=components if new or "components" in body else None,
        kept=kept,
        uploads=uploads,
        descriptions=descriptions,
        flags=flags,
        allowed=body.get("allowed_mentions"),
        reference=body.get("message_reference"),
        nonce=None if body.get("nonce") is None else str(body["nonce"]),
        enforce_nonce=bool(body.get("enforce_nonce")),
        tts=bool(body.get("tts")),
    )
    _check_empty(draft, current)
    return draft


def _checked_flags(body: Mapping[str, Any], faults: Faults, current: Message | None, *, may_be_ephemeral: bool) -> int | None:
    if body.get("flags") is None:
        return None
    flags = faults.number(body["flags"], ("flags",), least=0, most=1 << 20) or 0
    allowed = SUPPRESS_EMBEDS | COMPONENTS_V2 | (0 if current else SUPPRESS_NOTIFICATIONS)
    allowed |= EPHEMERAL if may_be_ephemeral or (current and current.ephemeral) else 0
    if flags & ~allowed:
        faults.add(("flags",), "MESSAGE_FLAGS_NOT_ALLOWED", f"These flags cannot be set here: {flags & ~allowed}")
    return flags


def _checked_files(
    body: Mapping[str, Any], files: Mapping[str, Upload], faults: Faults
) -> tuple[list[Upload], dict[int, str], list[int] | None]:
    """The uploads in order, their descriptions by number, and the ids of attachments that stay."""
    uploads = [files[f"files[{number}]"] for number in range(len(files)) if f"files[{number}]" in files]
    if len(uploads) < len(files):
        faults.add(("attachments",), "BASE_TYPE_CHOICES", "Files must be named files[0], files[1] and so on")
    if len(uploads) > MOST_FILES:
        faults.items(list(uploads), ("attachments",), most=MOST_FILES)
    if any(len(content) > MOST_BYTES for _, content, _ in uploads):
        raise Refused(40005)
    if body.get("attachments") is None:
        return uploads, {}, None
    listed = faults.items(body["attachments"], ("attachments",), most=MOST_FILES)
    descriptions: dict[int, str] = {}
    kept: list[int] = []
    for number, one in enumerate(listed):
        description = faults.text(one.get("description"), ("attachments", number, "description"), most=1024)
        if int(one.get("id", -1)) < len(uploads):
            descriptions[int(one.get("id", -1))] = description
        else:
            kept.append(int(one["id"]))
    return uploads, descriptions, kept


def _check_rest(body: Mapping[str, Any], faults: Faults) -> None:
    if body.get("nonce") is not None and len(str(body["nonce"])) > 25:
        faults.add(("nonce",), "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length.")
    reference = body.get("message_reference")
    if reference is not None:
        faults.unknown(reference, ("type", "message_id", "channel_id", "guild_id", "fail_if_not_exists"), ("message_reference",))
        if not str(reference.get("message_id", "")).isdigit():
            faults.required(("message_reference", "message_id"))
    for name in ("poll", "sticker_ids"):
        if body.get(name):
            faults.add((name,), "NOT_IN_THIS_FAKE", f"The fake does not know {name}")


def _check_v2(body: Mapping[str, Any], faults: Faults, current: Message | None) -> None:
    """With the flag, content and embeds are forbidden; an edit that sets it must empty what was there."""
    for name in ("content", "embeds", "poll", "sticker_ids"):
        left = name not in body and current is not None and getattr(current, name, None)
        if body.get(name) or left:
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            faults.add((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)


def _check_empty(draft: Draft, current: Message | None) -> None:
    def left(new: object, old: object) -> bool:
        return bool(old if new is None else new)

    attachments: list[Attachment] = current.attachments if current else []
    has = left(draft.content, current and current.content) or left(draft.embeds, current and current.embeds)
    has = has or left(draft.components, current and current.components) or bool(draft.uploads)
    if not has and not left(draft.kept, attachments):
        raise Refused(50006)
