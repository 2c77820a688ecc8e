"""The notes and how they are found: a folder of Markdown goes in, ranked passages with exact offsets come out."""
