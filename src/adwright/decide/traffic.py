"""Who is in which slice of the traffic: the persistent holdout, the test, or the adaptive slice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from adwright.errors import InfeasibleError, UsageError
from adwright.schema import F64

HOLDOUT = "holdout"
TEST = "test"
ADAPTIVE = "adaptive"


def assign_slice(
    customer_ids: Sequence[str], *, test_share: float, holdout_share: float, salt: str
) -> npt.NDArray[np.str_]:
    """The slice of each customer: "holdout", "test" or "adaptive", shape (n,).

    The same id and salt always give the same slice. The holdout grows from one end and the test from the
    other, so changing a share moves only customers between it and the adaptive slice. The hash (BLAKE2b,
    53 bits) has nothing in common with the one that assigns arms, so slices and arms are independent.

    Args:
        customer_ids: n ids, the raw ones or pseudonyms, but always the same kind.
        test_share: Share of the test slice, a fraction.
        holdout_share: Share of the holdout, a fraction.
        salt: Keeps this split apart from every other one. Leave it as it is for the life of the shop.

    Raises:
        UsageError: a share outside [0, 1].
        InfeasibleError: shares that sum to more than 1.

    >>> assign_slice(["ann", "bob", "eve"], test_share=0.3, holdout_share=0.1, salt="s").tolist()
    ['test', 'test', 'adaptive']
    """
    for name, share in (("test_share", test_share), ("holdout_share", holdout_share)):
        if not 0.0 <= share <= 1.0:
            raise UsageError("not a share", argument=name, value=share, allowed="0 to 1")
    if test_share + holdout_share > 1.0 + 1e-12:
        raise InfeasibleError(
            "the slices take more than all traffic",
            argument="test_share",
            value=test_share,
            allowed=f"at most {1 - holdout_share:.6g}",
        )
    position = hashed_position(customer_ids, salt=salt)
    return np.where(position < holdout_share, HOLDOUT, np.where(position >= 1.0 - test_share, TEST, ADAPTIVE))


def hashed_position(ids: Sequence[str], *, salt: str) -> F64:
    """A fixed number in [0, 1) for each id, uniform over ids, different for each salt.

    >>> hashed_position(["ann"], salt="s") == hashed_position(["ann"], salt="s")
    array([ True])
    """
    start = hashlib.blake2b(salt.encode(), digest_size=8, person=b"adwright-slice")
    digests = bytearray()
    for identifier in ids:
        one = start.copy()
        one.update(b"\x1f" + identifier.encode("utf-8", "surrogatepass"))
        digests += one.digest()
    words = np.frombuffer(bytes(digests), dtype="<u8")
    return np.asarray((words >> np.uint64(11)) * 2.0**-53, dtype=np.float64)
