"""Nothing is promoted that cannot be bought."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adwright.decide.rules.rule import Request, StatelessRule
from adwright.errors import UsageError
from adwright.schema import Bools


class Stock(StatelessRule):
    """Contents about a product are eligible while more of it is left than the reserve.

    Args:
        product_of: Content -> product; contents that are not named need no stock.
        quantity: Product -> pieces left; a product that is not named is out of stock.
        reserve: Pieces kept back, for orders that are on their way.
    """

    name = "stock"

    def __init__(
        self, product_of: Mapping[str, str], quantity: Mapping[str, int], *, reserve: int = 0
    ) -> None:
        if reserve < 0 or any(q < 0 for q in quantity.values()):
            raise UsageError("stock is not negative", argument="quantity", value=dict(quantity))
        self._product_of, self._quantity, self.reserve = dict(product_of), dict(quantity), reserve

    def sold(self, product_id: str, n: int) -> None:
        """Takes n pieces off; selling more than there was leaves nothing."""
        self._quantity[product_id] = max(0, self._quantity.get(product_id, 0) - n)

    def restock(self, product_id: str, quantity: int) -> None:
        """Sets what is left, as the catalogue now says."""
        if quantity < 0:
            raise UsageError("stock is not negative", argument="quantity", value=quantity)
        self._quantity[product_id] = quantity

    def allowed(self, request: Request) -> Bools:
        """See `Rule.allowed`."""
        return np.array([self._in_stock(c) for c in request.content_ids])[None, :]

    def _in_stock(self, content_id: str) -> bool:
        product = self._product_of.get(content_id)
        return product is None or self._quantity.get(product, 0) > self.reserve
