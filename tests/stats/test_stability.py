from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.errors import UsageError
from adwright.stats.stability import stability_index, stability_noise


def test_the_index_is_the_symmetric_divergence() -> None:
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.4, 0.2])
    divergence = stats.entropy(p, q) + stats.entropy(q, p)
    assert float(stability_index(1e6 * p, 1e6 * q)) == pytest.approx(divergence, abs=1e-4)


def test_many_columns_at_once_and_no_cells() -> None:
    counts = np.arange(1.0, 13.0).reshape(3, 4)
    both = stability_index(counts, counts[:, ::-1])
    assert both.tolist() == [float(stability_index(row, row[::-1])) for row in counts]
    assert float(stability_index([], [])) == 0.0


def test_chance_exceeds_the_noise_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    first, last = (rng.multinomial(2000, np.full(10, 0.1), size=4000) for _ in range(2))
    above = np.mean(stability_index(first, last) > stability_noise(10, 2000, 2000, alpha=0.05))
    assert above == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 4000))


def test_a_single_cell_has_no_noise_and_alpha_is_checked() -> None:
    assert float(stability_noise(1, 100, 100)) == 0.0
    with pytest.raises(UsageError, match="alpha"):
        stability_noise(10, 100, 100, alpha=0.0)
