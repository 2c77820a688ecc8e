"""How a question becomes a search and a prompt, and how an answer is tied to its sources; blind to platforms and database."""

from bot.conversation.cache import AnswerCache, Asked, Wording
from bot.conversation.citing import citation_of, cite_excerpts, cited, without_unknown
from bot.conversation.depth import is_hard
from bot.conversation.finding import Finder, Help
from bot.conversation.forgetting import forget_words
from bot.conversation.history import search_for
from bot.conversation.prompting import Background, Manner, Prompt, memory_room, pack
from bot.conversation.quoted_answer import abstained, by_excerpts
from bot.conversation.verifying import SecondLook
from bot.conversation.writing import Writing

__all__ = [
    "AnswerCache",
    "Asked",
    "Background",
    "Finder",
    "Help",
    "Manner",
    "Prompt",
    "SecondLook",
    "Wording",
    "Writing",
    "abstained",
    "by_excerpts",
    "citation_of",
    "cite_excerpts",
    "cited",
    "forget_words",
    "is_hard",
    "memory_room",
    "pack",
    "search_for",
    "without_unknown",
]
