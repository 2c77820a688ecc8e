"""Chat models through LangChain: messages to a stream of chunks."""

from bot.llm.load_balancer import ModelPool
from bot.llm.ollama import FALLBACK_CONTEXT, LARGEST_CONTEXT, OllamaModel, OllamaServer, vendor_errors
from bot.llm.providers import HostedModel
from bot.llm.speed import ReadingSpeed
from bot.llm.tokens import TokenEstimator, estimate_tokens
from bot.llm.types import ChatModel, Chunk, ModelUnavailable, NoServer, TooBusy, without_password

__all__ = [
    "FALLBACK_CONTEXT",
    "LARGEST_CONTEXT",
    "ChatModel",
    "Chunk",
    "HostedModel",
    "ModelPool",
    "ModelUnavailable",
    "NoServer",
    "OllamaModel",
    "OllamaServer",
    "ReadingSpeed",
    "TokenEstimator",
    "TooBusy",
    "estimate_tokens",
    "vendor_errors",
    "without_password",
]
