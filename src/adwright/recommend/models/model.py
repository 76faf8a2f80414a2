"""What a recommender is: histories in, a score for every product out.

A recommender orders products; the scale of its scores is its own. What may be shown, what was just bought and
how many are wanted is not its business: rules and the cut come after it (`recommender.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.recommend.config import RecommendConfig
from adwright.recommend.histories import I64, Histories

F32 = npt.NDArray[np.float32]
Progress = Callable[[str], None]
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Task:
    """What is asked of a recommender in an evaluation: histories, and what came after each of them.

    Args:
        histories: Of n customers, up to a moment.
        targets: (n, n_items) sparse; positive where the customer then bought (clicked, liked) the product.
        now: The moment.
        seen_may_return: What was bought may be asked for again; False where only new products count.
    """

    histories: Histories
    targets: sparse.csr_matrix
    now: datetime
    seen_may_return: bool = True


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FitData:
    """What a recommender is fitted on.

    Args:
        histories: Of all customers, up to `now`.
        products: The catalogue, with the columns of the table `products`; item i is row i. A product need
            not have been sold.
        now: The end of the histories.
        config: The recipe's `[recommend]`.
        rng: Of whatever is random.
        progress: Takes a line a step.
        tune: What came right after `now`, for early stopping and choices; None where nothing is left to
            choose.
        notes: What could not be done and why; a model appends.
    """

    histories: Histories
    products: pl.DataFrame
    now: datetime
    config: RecommendConfig
    rng: np.random.Generator
    progress: Progress
    tune: Task | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def n_items(self) -> int:
        """Length of the catalogue."""
        return self.products.height


@runtime_checkable
class FittedRecommender(Protocol):
    """A fitted recommender. It holds no customer, and items are rows of the catalogue that it was fitted on."""

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items) a score of every product for every customer, higher is better; finite.

        Equal scores are ordered by the catalogue. A customer without history gets what the model holds best
        for everyone, or all zeros where it cannot say.

        Args:
            histories: Of n customers; the caller keeps n x n_items within memory.
            now: The moment at which is recommended.
        """
        ...

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) for each item the products of the customer's history that speak most for it.

        The strongest first; -1 where there are fewer. It says what the model used; the numbers shown with it
        are looked up in the data.

        Args:
            histories: Of n_customers.
            items: (n_customers, k) rows of the catalogue; -1 where there is none.
            n: At most so many a item.
        """
        ...

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        ...

    def summary(self) -> dict[str, Any]:
        """What was chosen in the fit, for the model's card."""
        ...


@runtime_checkable
class RecommenderKind(Protocol):
    """A recommender that can be fitted and unpacked."""

    @property
    def name(self) -> str:
        """Its name in the registry."""
        ...

    def fit(self, data: FitData) -> FittedRecommender:
        """The recommender learned from the histories; raises one of our errors where it cannot be."""
        ...

    def refit(self, model: Any, data: FitData) -> FittedRecommender:
        """The recommender with what it has chosen (steps, sizes), learned from other histories.

        Args:
            model: What `fit` made.
            data: Usually all histories, without `tune`.
        """
        ...

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> FittedRecommender:
        """The inverse of `FittedRecommender.pack`."""
        ...


def no_support(items: I64, n: int) -> I64:
    """(n_customers, k, n) of -1: for models whose scores rest on no single product of a history."""
    return np.full((*items.shape, n), -1, dtype=np.int64)
