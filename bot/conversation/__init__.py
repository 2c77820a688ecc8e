"""Turns, passages and a question go in; the prompt, and the checked answer, come out. Everything here is pure."""

from bot.conversation.citing import citation_of, cite_excerpts, cited, without_unknown
from bot.conversation.history import search_for
from bot.conversation.prompting import pack

__all__ = ["citation_of", "cite_excerpts", "cited", "pack", "search_for", "without_unknown"]
