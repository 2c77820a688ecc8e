"""Ollama's HTTP API on a loopback socket, as strict as the real server, scripted by the test.

    async with FakeOllama() as ollama:
        ollama.always("米饭要煮二十分钟 [1]。")                      # every chat from now on
        ollama.once(Reply(text="米饭", trouble=Trouble.RESET, after=1))  # the next one only
        ...                                                       # give `ollama.url` to whatever talks to Ollama
        assert ollama.chats[0].options["num_ctx"] == 4096
        await ollama.chats[0].hung_up.wait()                      # the client left before the end

It answers what the real server answers (`server/routes.go`, `server/prompt.go` and `api/types.go` of ollama/ollama) and refuses
what it refuses. It is stricter in two points, where the real one would say nothing: a field or option that does not exist, and
a role that no template knows, are refused with 400.
"""

from tests.fakes.ollama.models import BGE, LLAMA, QWEN, FakeModel
from tests.fakes.ollama.prompts import tokens_of
from tests.fakes.ollama.received import Received
from tests.fakes.ollama.scripting import Reply, Trouble, looped
from tests.fakes.ollama.server import CHAT, EMBED, SHOW, TAGS, FakeOllama

__all__ = [
    "BGE",
    "CHAT",
    "EMBED",
    "LLAMA",
    "QWEN",
    "SHOW",
    "TAGS",
    "FakeModel",
    "FakeOllama",
    "Received",
    "Reply",
    "Trouble",
    "looped",
    "tokens_of",
]
