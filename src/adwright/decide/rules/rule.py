"""What a rule is: who may be shown what, given what was shown before.

A mask depends on the past only, never on the draw that it limits, so the vector after it is still the one
that is drawn from and logged. Sending nothing (`NO_CONTENT`) is no rule's business: it is always allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.schema import CONTACT_CHANNELS, NO_CONTENT, Bools, Customer

Index = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for a decision, and between what.

    Args:
        customer_ids: n pseudonyms.
        content_ids: The n_arms contents, `NO_CONTENT` among them where sending nothing is an arm.
        channel: Where.
        now: When, UTC.
        customers: n customers with consent and attributes; None where nothing is known of them.
    """

    customer_ids: Sequence[str]
    content_ids: tuple[str, ...]
    channel: str
    now: datetime
    customers: Sequence[Customer] | None = None

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise UsageError("a time without time zone", argument="now", value=self.now.isoformat())
        if self.customers is not None and len(self.customers) != len(self.customer_ids):
            raise UsageError(
                "customers and customer_ids differ in number",
                argument="customers",
                value=len(self.customers),
                allowed=str(len(self.customer_ids)),
            )

    @property
    def contacts(self) -> bool:
        """Whether the channel reaches out to a customer."""
        return self.channel in CONTACT_CHANNELS

    @property
    def shape(self) -> tuple[int, int]:
        """(n, n_arms)."""
        return len(self.customer_ids), len(self.content_ids)

    def of(self, rows: Index) -> Request:
        """The same for some of the customers."""
        return replace(
            self,
            customer_ids=[self.customer_ids[i] for i in rows],
            customers=None if self.customers is None else [self.customers[i] for i in rows],
        )

    def shown(self, index: Index) -> list[tuple[str, str]]:
        """(customer, content) of what was drawn, without those who were sent nothing."""
        names = [self.content_ids[i] for i in index]
        return [(c, x) for c, x in zip(self.customer_ids, names, strict=True) if x != NO_CONTENT]


@runtime_checkable
class Rule(Protocol):
    """Keeps what it needs to know of the past; `note` is the only thing that changes it."""

    @property
    def name(self) -> str:
        """What it is called in reasons and reports."""
        ...

    def allowed(self, request: Request) -> Bools:
        """(n, n_arms), or what broadcasts to it: True where the content may be shown."""
        ...

    def note(self, request: Request, index: Index) -> None:
        """What was drawn: (n,) positions among `request.content_ids`."""
        ...


class StatelessRule:
    """A rule that remembers nothing."""

    def note(self, request: Request, index: Index) -> None:
        """See `Rule.note`."""
