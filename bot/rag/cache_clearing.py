"""What people said goes from where functions keep it that are asked again and again about the same words."""

from __future__ import annotations

from bot.rag.output_guard import defused
from bot.rag.prompt_builder import unnumbered
from knowledge.notebook import forget_tellings


def forget_words() -> None:
    """To be called when something was forgotten: words of it may have been kept since they were last in a prompt.

    Nobody is told of these caches, because their functions know nothing but the words they are given; but what is forgotten
    is to be gone from memory too, as far as this program holds it. Passages of the notes may stay.
    """
    for cached in (defused, unnumbered):
        cached.cache_clear()
    forget_tellings()
