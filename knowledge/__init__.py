"""The notes and how they are found: passages of a folder of Markdown, ranked, with exact offsets."""
