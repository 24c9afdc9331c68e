"""Measures of understanding: `python -m bench.understand --data DIR`."""
