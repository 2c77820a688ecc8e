"""A folder of notes and a folder for what is derived from it go in; an index that is never missing and its searches come out."""

from knowledge.notebook.asking import Search, forget_tellings
from knowledge.notebook.indexing import IndexReport, Progress
from knowledge.notebook.notebook import Notebook, Topic
from knowledge.notebook.searching import Found

__all__ = ["Found", "IndexReport", "Notebook", "Progress", "Search", "Topic", "forget_tellings"]
