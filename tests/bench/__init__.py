"""Measures relip: ``python -m tests.bench`` prints every figure beside its bar."""
