"""Nobody is contacted who has not said yes."""

from __future__ import annotations

import numpy as np

from adwright.decide.rules.rule import Request, StatelessRule
from adwright.errors import UsageError
from adwright.schema import Bools


class Consent(StatelessRule):
    """In channels that reach out, only customers whose consent names `purpose:channel`; unknown means no.

    Args:
        purpose: For example "marketing".
    """

    name = "consent"

    def __init__(self, purpose: str = "marketing") -> None:
        if not purpose:
            raise UsageError("a purpose has a name", argument="purpose", value=purpose)
        self.purpose = purpose

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        if not request.contacts:
            return np.ones((1, 1), np.bool_)
        wanted = f"{self.purpose}:{request.channel}"
        given = [wanted in c.consent for c in request.customers or ()]
        return np.array(given or [False] * request.shape[0], np.bool_).reshape(-1, 1)
