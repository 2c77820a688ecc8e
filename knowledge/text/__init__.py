"""Text analysis: index terms, stems, translations."""

from knowledge.text.dictionary import Dictionary, Thesaurus, dictionary_file
from knowledge.text.names import chunks, is_coined, meant, names_in
from knowledge.text.query_terms import (
    ASKS_FOR_TASKS,
    OPEN_TASK,
    SINGLE,
    Part,
    Telling,
    fillers,
    marks_of_question,
    parts_of_question,
    subject_of,
    tag_term,
    telling_terms,
)
from knowledge.text.tokenizer import HAN, VERSION, fold, key_of, keys, mainland, script_of, stem, terms

__all__ = [
    "ASKS_FOR_TASKS",
    "HAN",
    "OPEN_TASK",
    "SINGLE",
    "VERSION",
    "Dictionary",
    "Part",
    "Telling",
    "Thesaurus",
    "chunks",
    "dictionary_file",
    "fillers",
    "fold",
    "is_coined",
    "key_of",
    "keys",
    "mainland",
    "marks_of_question",
    "meant",
    "names_in",
    "parts_of_question",
    "script_of",
    "stem",
    "subject_of",
    "tag_term",
    "telling_terms",
    "terms",
]
