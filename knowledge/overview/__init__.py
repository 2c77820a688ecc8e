"""What the notes are about, from the catalog and the files alone: the vault by folder or theme, and the outline of one note."""

from knowledge.overview.groups import Entry, NoteGroup, entries_in, entries_of, group_of
from knowledge.overview.lookup import find_note, in_order
from knowledge.overview.outline import Section, bare, main_sections, paragraphs_of, sections_of, within
from knowledge.overview.summaries import NoteSummary, OutlinePiece, says_little, summarize

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
