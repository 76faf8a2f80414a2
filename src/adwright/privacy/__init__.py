"""Pseudonyms; later consent, k-anonymity, and what export and erase must reach."""

from adwright.privacy.pseudonyms import Pseudonymiser

__all__ = ["Pseudonymiser"]
