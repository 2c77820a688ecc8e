"""One module for each command of the command line; `building` is what they share: the parts, made from the settings."""

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; what was asked for failed; bad usage or settings; ended by Ctrl-C (as shells expect)."""
