"""The terminal as a chat platform, with answers drawn in colour as they grow."""
