"""How a question becomes a search and a prompt, and how an answer is tied to its sources; blind to platforms and database."""

from bot.rag.answer_cache import AnswerCache, CacheKey, QuestionVector, forget_words
from bot.rag.citations import citation_of, cite_excerpts, cited, without_unknown
from bot.rag.conversation import EarlierTurn
from bot.rag.extractive import abstained, by_excerpts, first_quote
from bot.rag.generation import AnswerStream, NotSupported, is_hard
from bot.rag.prompt_builder import AnswerStyle, Prompt, PromptContext, SentMessages, memory_room, pack, with_quote
from bot.rag.retriever import Finder, Said

__all__ = [
    "AnswerCache",
    "AnswerStream",
    "AnswerStyle",
    "CacheKey",
    "EarlierTurn",
    "Finder",
    "NotSupported",
    "Prompt",
    "PromptContext",
    "QuestionVector",
    "Said",
    "SentMessages",
    "abstained",
    "by_excerpts",
    "citation_of",
    "cite_excerpts",
    "cited",
    "first_quote",
    "forget_words",
    "is_hard",
    "memory_room",
    "pack",
    "with_quote",
    "without_unknown",
]
