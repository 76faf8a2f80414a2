"""All rules as one layer over any policy.

    mask = what all rules allow  ->  policy's vector  ->  minimum data  ->  floor  ->  draw from that vector

A batch is decided in rounds, so that what a customer was shown earlier in the same batch counts, and each
round up to the point where a budget might break; the rest is decided anew with what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from adwright.decide.constraints import constrain
from adwright.decide.contextual import Chosen, draw
from adwright.decide.rules.budget import Budget
from adwright.decide.rules.minimum_data import MinimumData
from adwright.decide.rules.rule import Index, Request, Rule
from adwright.errors import UsageError
from adwright.schema import F64, NO_CONTENT, Bools

Pick = Callable[[Index, Bools], Index]
"""(rows, mask of these rows) -> the arm of each row; -1 where no arm is to be noted."""


class Rules:
    """Rules that all have to agree.

    Args:
        rules: In the order in which a reason is looked for. Each name once.
    """

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        names = [rule.name for rule in rules]
        if len(set(names)) < len(names):
            raise UsageError("two rules of one name", argument="rules", value=names)
        self.rules = tuple(rules)
        self.n_forbidden: Counter[str] = Counter()

    def mask(self, request: Request) -> Bools:
        """(n, n_arms), True where all rules agree; sending nothing is always allowed."""
        mask = np.ones(request.shape, np.bool_)
        for rule in self.rules:
            mask &= np.broadcast_to(rule.allowed(request), request.shape)
        return np.asarray(mask | (np.array(request.content_ids) == NO_CONTENT))

    def reasons(self, request: Request) -> list[str]:
        """For each customer the rules that forbid something, by name, joined by commas; "" for none."""
        found: list[list[str]] = [[] for _ in request.customer_ids]
        nothing = np.array(request.content_ids) == NO_CONTENT
        for rule in self.rules:
            allowed = np.broadcast_to(rule.allowed(request), request.shape) | nothing
            for row in np.flatnonzero(~allowed.all(axis=1)):
                found[row].append(rule.name)
        return [", ".join(names) for names in found]

    def note(self, request: Request, index: Index) -> None:
        """Tells every rule what was shown; rows of -1 are left out."""
        rows = np.flatnonzero(index >= 0)
        if len(rows):
            for rule in self.rules:
                rule.note(request.of(rows), index[rows])

    def in_rounds(self, request: Request, pick: Pick, *, eligible: Bools | None = None) -> None:
        """Calls `pick` on every customer once for good, with the mask as it stands by then, and notes it.

        Args:
            request: n customers.
            pick: Draws for some rows. It may be called again for rows whose draw was set aside.
            eligible: (n, n_arms) or (n_arms,), and what else limits; None for nothing.
        """
        other = np.ones(request.shape, np.bool_) if eligible is None else eligible
        other = np.broadcast_to(other, request.shape)
        budgets = [rule for rule in self.rules if isinstance(rule, Budget)]
        for rows in _rounds(request.customer_ids):
            left = rows
            while len(left):
                part = request.of(left)
                mask = self.mask(part) & other[left]
                index = pick(left, mask)
                valid = np.flatnonzero(index >= 0)
                cut = min((b.admitted(part.of(valid), index[valid]) for b in budgets), default=len(valid))
                n = len(left) if cut == len(valid) else int(valid[cut])
                self.note(part.of(np.arange(n)), index[:n])
                self._count(part.of(np.arange(n)), mask[:n])
                left = left[n:]

    def shaped(self, vectors: F64, mask: Bools, request: Request, *, floor: float) -> F64:
        """The vectors (n, n_arms) that are drawn from: minimum data, eligibility, floor."""
        for rule in self.rules:
            if isinstance(rule, MinimumData):
                vectors = rule.reshaped(vectors, mask, request)
        return constrain(vectors, eligible=mask, floor=floor)

    def choose(
        self,
        request: Request,
        vectors: Callable[[Index, Bools], F64],
        *,
        rng: np.random.Generator,
        floor: float = 0.0,
        eligible: Bools | None = None,
    ) -> Chosen:
        """A draw for each customer under the rules.

        Args:
            request: n customers.
            vectors: (rows, mask (k, n_arms)) -> the policy's vectors (k, n_arms) for these rows.
            rng: Source of the draws.
            floor: Least probability of an eligible content.
            eligible: (n, n_arms) or (n_arms,), and what else limits.

        Returns:
            Index -1, propensity 0 and a vector of zeros for a customer for whom nothing may be shown: the
            caller's default content answers.
        """
        n, n_arms = request.shape
        index, kept = np.full(n, -1, np.intp), np.zeros((n, n_arms))
        allowed = np.zeros((n, n_arms), np.bool_)

        def pick(rows: Index, mask: Bools) -> Index:
            out = np.full(len(rows), -1, np.intp)
            some = np.flatnonzero(mask.any(axis=1))
            kept[rows], allowed[rows] = 0.0, mask
            if len(some):
                part = request.of(rows[some])
                shaped = self.shaped(vectors(rows[some], mask[some]), mask[some], part, floor=floor)
                out[some] = draw(shaped, rng=rng).index
                kept[rows[some]] = shaped
            index[rows] = out
            return out

        self.in_rounds(request, pick, eligible=eligible)
        propensity = np.where(index >= 0, kept[np.arange(n), index], 0.0)
        return Chosen(index, propensity, kept, allowed)

    def _count(self, request: Request, mask: Bools) -> None:
        """How many customers each rule kept from something: what the report shows as its use."""
        if mask.all():
            return
        for reason in self.reasons(request):
            self.n_forbidden.update(reason.split(", ") if reason else ())


def _rounds(customer_ids: Sequence[str]) -> list[Index]:
    """The rows in rounds: the first request of every customer, then the second, and so on."""
    seen: Counter[str] = Counter()
    turn = np.empty(len(customer_ids), np.intp)
    for row, customer in enumerate(customer_ids):
        turn[row] = seen[customer]
        seen[customer] += 1
    return [np.flatnonzero(turn == k) for k in range(int(turn.max(initial=-1)) + 1)]
