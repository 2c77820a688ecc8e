"""One package for each chat platform: its events go in as questions, answers go out as its messages."""
