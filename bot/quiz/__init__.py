"""Flashcards from the notes, and who is asked which of them when."""
