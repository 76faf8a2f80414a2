"""The policies together; what each of them promises is in `adwright.testing` and tests/contracts."""

from __future__ import annotations

import numpy as np
import pytest

from adwright.decide import policy_named
from adwright.decide.policy import share_of_wins
from adwright.errors import NotFoundError


def test_ties_are_split_evenly() -> None:
    assert share_of_wins(np.zeros((3, 4))).tolist() == [0.25] * 4


def test_an_unknown_policy_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="thompson"):
        policy_named("tomson")
