"""relip: make people on film say new words."""

__version__ = "0.1.0"
