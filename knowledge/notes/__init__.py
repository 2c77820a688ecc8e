"""A folder goes in; notes come out, each read whole or skipped with a reason."""

from knowledge.notes.decoding import decode
from knowledge.notes.folder import Found, Vault, VaultProblem, digest_of
from knowledge.notes.front_matter import parse_front_matter

__all__ = ["Found", "Vault", "VaultProblem", "decode", "digest_of", "parse_front_matter"]
