"""Stand-ins for what is not ours, written by hand: they behave as the real thing does, over real sockets where it has some."""
