"""Who talks, and what is said: chat platforms at the top, one path for every question, the model and the state below."""

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; what was asked for failed; bad usage or settings; ended by Ctrl-C (as shells expect)."""
