"""What a text claims, sort by sort, and whether catalogue, offer and verified reviews bear it out.

Each module takes a `Reading` (the text) and a `Support` (the evidence) and yields `Claim`s; one that is
borne out has no severity, and keeps other modules from reading the same words again.
"""

from adwright.generate.guards.claims.claim import Claim, Reading

__all__ = ["Claim", "Reading"]
