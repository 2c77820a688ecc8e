"""Passages of a note, each an exact slice of the file with the headings above it as context."""

from knowledge.passages.plain_text import code_spans, plain, unread
from knowledge.passages.sentences import sentences
from knowledge.passages.splitter import VERSION, SplitLimits, SplitPassage, digest_of, passages_of

__all__ = ["VERSION", "SplitLimits", "SplitPassage", "code_spans", "digest_of", "passages_of", "plain", "sentences", "unread"]
