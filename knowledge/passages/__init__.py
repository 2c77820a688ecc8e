"""A note goes in; passages come out, each an exact slice of the file with the words above it as context."""

from knowledge.passages.cutting import VERSION, Cut, Limits, digest_of, passages_of
from knowledge.passages.plain import plain, unread
from knowledge.passages.sentences import sentences

__all__ = ["VERSION", "Cut", "Limits", "digest_of", "passages_of", "plain", "sentences", "unread"]
