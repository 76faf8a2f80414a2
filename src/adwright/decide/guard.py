"""The rules around the slices: what may be shown to whom, in every slice and when deciding fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from adwright.decide.arms import DecideConfig, arm_draws, arm_ids
from adwright.decide.picks import Choice, Pick, adaptive_picks, fallback, patterns
from adwright.decide.registry import policy_named
from adwright.decide.rules import Request, Rules
from adwright.decide.rules.rule import Index
from adwright.schema import CONTACT_CHANNELS, F64, NO_CONTENT, Bools, Customer


class Guard:
    """One batch of decisions under rules.

    Args:
        choice: What there is to choose from.
        rules: None for none.
        customers: What is known of the customers; None for nothing.
        customer_ids: n pseudonyms.
        now: Time of the decisions.
    """

    def __init__(
        self,
        choice: Choice,
        rules: Rules | None,
        customers: Sequence[Customer] | None,
        *,
        customer_ids: Sequence[str],
        now: datetime,
    ) -> None:
        self._choice, self._rules, self._customers = choice, rules, customers
        self._customer_ids, self._now = customer_ids, now

    def in_rounds(
        self, rows: list[int], pick: Callable[[list[int], Bools], list[Pick | None]], *, eligible: Bools
    ) -> list[Pick | None]:
        """The picks of these rows, with the mask (k, n_arms) that rules and eligibility leave."""
        if self._rules is None or not rows:
            return pick(rows, _rows_of(eligible, rows))
        ids = arm_ids(self._choice.beliefs, self._choice.channel)
        column = {content: i for i, content in enumerate(ids)}
        picks: list[Pick | None] = [None] * len(rows)

        def one_round(part: Index, mask: Bools) -> Index:
            found = pick([rows[i] for i in part], mask)
            for i, one in zip(part, found, strict=True):
                picks[i] = self._lawful(one, rows[i])
            return np.array(
                [-1 if picks[i] is None else column.get(picks[i].content_id, -1) for i in part],
                np.intp,
            )

        self._rules.in_rounds(self._request(rows, ids), one_round, eligible=_rows_of(eligible, rows))
        return picks

    def adaptive(
        self, rows: list[int], eligible: Bools, *, config: DecideConfig, rng: np.random.Generator
    ) -> list[Pick]:
        """The adaptive slice: see `picks.adaptive_picks`, with the rules in every vector."""
        choice, allowed = self._choice, _rows_of(eligible, rows)
        if self._rules is None or not rows:
            return adaptive_picks(choice, len(rows), mask=allowed, config=config, rng=rng)
        ids = arm_ids(choice.beliefs, choice.channel)
        draws = arm_draws(
            choice.beliefs, goal=choice.goal, channel=choice.channel, n_draws=config.n_draws, rng=rng
        )
        policy = policy_named(config.policy)

        def vectors(part: Index, mask: Bools) -> F64:
            out = np.empty(mask.shape)
            for pattern, which in patterns(mask, len(part)):
                out[which] = policy.probabilities(draws, mask=pattern, rng=rng)
            return out

        request = self._request(rows, ids)
        chosen = self._rules.choose(request, vectors, rng=rng, floor=config.floor, eligible=allowed)
        logged: dict[bytes, dict[str, float]] = {}
        picks: list[Pick] = []
        for row, index, vector in zip(rows, chosen.index, chosen.vectors, strict=True):
            if index < 0:
                picks += self.fallbacks("InfeasibleError: no content is eligible", [row])
                continue
            key = vector.tobytes()
            if key not in logged:
                logged[key] = dict(zip(ids, vector.tolist(), strict=True))
            picks.append(Pick(content_id=ids[index], propensities=logged[key], policy=config.policy))
        return picks

    def fallbacks(self, reason: str, rows: Sequence[int], *, in_test: bool = False) -> list[Pick]:
        """The default content for each row, or nothing where it is not allowed."""
        usual = fallback(self._choice, reason, in_test=in_test)
        return [self._lawful(usual, row) or usual for row in rows]

    def _lawful(self, pick: Pick | None, row: int) -> Pick | None:
        """The pick, or sending nothing where a channel reaches out and no rule allows what was picked."""
        if pick is None or self._rules is None or self._choice.channel not in CONTACT_CHANNELS:
            return pick
        if pick.content_id == NO_CONTENT:
            return pick
        try:
            request = self._request([row], (pick.content_id, NO_CONTENT))
            if self._rules.mask(request)[0, 0]:
                return pick
            why = self._rules.reasons(request)[0]
        except Exception as error:  # noqa: BLE001 - whoever cannot say that it is allowed sends nothing
            why = f"{type(error).__name__}: {error}"
        return replace(
            pick,
            content_id=NO_CONTENT,
            propensities={NO_CONTENT: 1.0},
            degraded=True,
            reason=f"{pick.reason}; not allowed: {why}".removeprefix("; "),
        )

    def _request(self, rows: Sequence[int], ids: tuple[str, ...]) -> Request:
        customers = self._customers
        return Request(
            customer_ids=[self._customer_ids[i] for i in rows],
            content_ids=ids,
            channel=self._choice.channel,
            now=self._now,
            customers=None if customers is None else [customers[i] for i in rows],
        )


def _rows_of(mask: Bools, rows: Sequence[int]) -> Bools:
    return mask if mask.ndim == 1 else mask[list(rows)]
