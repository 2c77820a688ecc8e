"""Notes of a folder, each read whole or skipped with a reason."""

from knowledge.notes.charset import decode
from knowledge.notes.inbox import InboxProblem, NoteInbox, safe_name
from knowledge.notes.vault import NoteFile, Vault, VaultProblem, digest_of, parse_front_matter

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
