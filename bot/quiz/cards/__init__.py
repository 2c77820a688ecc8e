"""Flashcards from notes: written by people, extracted from the structure, or written by the model."""
