"""The fake, used by the real discord.py: it must answer, and refuse, as Discord does."""
