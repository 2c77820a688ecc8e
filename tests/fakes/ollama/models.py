"""The models that the fake has: a name and what it can do go in; what `/api/tags`, `/api/show` and `/api/ps` say comes out."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

DATE = "2026-01-02T03:04:05.678901234Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeModel:
    """A model on the server's disk; the lengths are in tokens and in numbers."""

    name: str
    capabilities: tuple[str, ...] = ("completion",)
    family: str = "llama"
    context_length: int = 8192
    embedding_length: int = 64

    def can(self, capability: str) -> bool:
        return capability in self.capabilities

    def listed(self) -> dict[str, object]:
        return {
            "name": self.name,
            "model": self.name,
            "modified_at": DATE,
            "size": 4_000_000_000,
            "digest": self._digest(),
            "details": self._details(),
        }

    def shown(self) -> dict[str, object]:
        info = {
            "general.architecture": self.family,
            f"{self.family}.context_length": self.context_length,
            f"{self.family}.embedding_length": self.embedding_length,
        }
        return {
            "modelfile": f"FROM {self.name}",
            "template": "{{ .Prompt }}",
            "details": self._details(),
            "model_info": info,
            "capabilities": list(self.capabilities),
            "modified_at": DATE,
        }

    def running(self, context: int) -> dict[str, object]:
        told = {name: value for name, value in self.listed().items() if name != "modified_at"}
        return {**told, "expires_at": DATE, "size_vram": 4_000_000_000, "context_length": context}

    def _details(self) -> dict[str, object]:
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": "8.2B",
            "quantization_level": "Q4_K_M",
        }

    def _digest(self) -> str:
        return sha256(self.name.encode()).hexdigest()


QWEN = FakeModel(name="qwen3:8b", capabilities=("completion", "tools", "thinking"), family="qwen3", context_length=40960)
"""Thinks before it answers, unless it is told not to."""
LLAMA = FakeModel(name="llama3.2:3b", capabilities=("completion", "tools"), family="llama", context_length=131072)
"""Does not think; being asked to is an error."""
BGE = FakeModel(name="bge-m3:latest", capabilities=("embedding",), family="bert", context_length=8192)
"""Only embeds."""


def find(models: tuple[FakeModel, ...], name: str) -> FakeModel | None:
    """The model that a request means: `bge-m3` is `bge-m3:latest`, and letter case does not count."""
    wanted = name.lower() if ":" in name.rpartition("/")[2] else f"{name.lower()}:latest"
    return next((model for model in models if model.name.lower() == wanted), None)
