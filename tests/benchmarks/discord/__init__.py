"""The whole bot on a fake Discord, under load, under kills, and with every kind of text: `python -m tests.benchmarks.discord`."""
