"""Notes go in; flashcards come out: written by people, found in the structure, or asked by the model."""
