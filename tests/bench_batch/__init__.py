"""Whole timelines, measured: ``python -m tests.bench_batch``."""
