"""Text analysis: index terms, stems, translations."""

from knowledge.text.dictionary import Dictionary, dictionary_file
from knowledge.text.misspellings import chunks, is_coined, meant, names_in
from knowledge.text.query_terms import SINGLE, Part, Telling, fillers, parts_of_question
from knowledge.text.subject import subject_of
from knowledge.text.thesaurus import Thesaurus
from knowledge.text.tokenizer import HAN, VERSION, fold, key_of, keys, mainland, stem, terms

__all__ = [
    "HAN",
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
    "meant",
    "names_in",
    "parts_of_question",
    "stem",
    "subject_of",
    "terms",
]
