"""Chat platforms, one package each: vendor events to questions, answers to vendor messages."""
