"""Adwright: marketing content, its predicted effect, its test, and what is learned from it."""

__version__ = "0.1.0"
__all__ = ["__version__"]
