"""Torch's global settings, changed for a while and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_settings(seed: int, n_threads: int = 0) -> Iterator[None]:
    """Torch's seed and number of threads (0: as they are) as asked for inside, and as they were outside."""
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    torch.manual_seed(seed)
    if n_threads:
        torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_rng_state(state)
        torch.set_num_threads(threads)
