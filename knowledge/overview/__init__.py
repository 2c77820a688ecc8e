"""What the notes are about, from the catalog and the files alone: the vault by folder or theme, and the outline of one note."""

from knowledge.overview.groups import Entry, NoteGroup, entries_in, entries_of, find_note, group_of, in_order
from knowledge.overview.outline import (
    NoteSummary,
    OutlinePiece,
    Section,
    bare,
    main_sections,
    paragraphs_of,
    says_little,
    sections_of,
    summarize,
    within,
)

__all__ = [
    "Entry",
    "NoteGroup",
    "NoteSummary",
    "OutlinePiece",
    "Section",
    "bare",
    "entries_in",
    "entries_of",
    "find_note",
    "group_of",
    "in_order",
    "main_sections",
    "paragraphs_of",
    "says_little",
    "sections_of",
    "summarize",
    "within",
]
