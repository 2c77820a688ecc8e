"""Notes of a folder, each read whole or skipped with a reason."""

from knowledge.notes.charset import decode
from knowledge.notes.front_matter import parse_front_matter
from knowledge.notes.inbox import InboxProblem, NoteInbox, safe_name
from knowledge.notes.vault import NoteFile, Vault, VaultProblem, digest_of

__all__ = [
    "InboxProblem",
    "NoteFile",
    "NoteInbox",
    "Vault",
    "VaultProblem",
    "decode",
    "digest_of",
    "parse_front_matter",
    "safe_name",
]
