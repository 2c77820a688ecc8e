"""The terminal as a chat platform: lines go in, answers are drawn with colours as they grow."""
