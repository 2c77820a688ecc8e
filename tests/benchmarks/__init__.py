"""Speed and robustness under load, printed as figures beside a baseline of the same run: `python -m tests.benchmarks.NAME`."""
