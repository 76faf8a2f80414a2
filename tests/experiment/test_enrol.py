from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from adwright.errors import DataError, UsageError
from adwright.experiment import Namespace, check_shares
from adwright.experiment.enrol import Enrolment, Holdout, enrol, exposure_log
from adwright.schema import Arm, Experiment

ARMS = (Arm(content_id="old", share=0.8, is_control=True), Arm(content_id="new", share=0.2))
IDS = [str(i) for i in range(5000)]


def experiment(name: str = "t") -> Experiment:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return Experiment(
        id=name, arms=ARMS, metric="click", starts_at=start, n_per_arm=100, minimum_effect=0.1, salt=name
    )


def test_every_assignment_carries_its_probability() -> None:
    found = enrol(IDS, experiment(), rules=Enrolment(coverage=0.5))
    seen = found.filter(found["content_id"].is_not_null())
    assert dict(seen.select("content_id", "propensity").unique().iter_rows()) == {"old": 0.8, "new": 0.2}
    assert len(seen) == pytest.approx(2500, abs=5 * np.sqrt(1250))
    counts = [int((seen["content_id"] == a).sum()) for a in ("old", "new")]
    assert not check_shares(counts, [0.8, 0.2]).broken


def test_a_holdout_persists_over_experiments_and_grows_only() -> None:
    small, large = Holdout(share=0.1), Holdout(share=0.2)
    first = enrol(IDS, experiment("one"), rules=Enrolment(holdout=small))
    second = enrol(IDS, experiment("two"), rules=Enrolment(holdout=small))
    held = (first["reason"] == "holdout").to_numpy()
    assert np.array_equal(held, (second["reason"] == "holdout").to_numpy())
    assert held.mean() == pytest.approx(0.1, abs=0.02)
    assert np.all(large.holds(IDS)[held])


def test_arms_are_independent_of_the_holdout_and_of_other_experiments() -> None:
    one, two = enrol(IDS, experiment("one"))["content_id"], enrol(IDS, experiment("two"))["content_id"]
    both = ((one == "new") & (two == "new")).sum()
    assert both == pytest.approx(5000 * 0.04, abs=5 * np.sqrt(200))


def test_experiments_of_one_namespace_share_nobody() -> None:
    parts = [Namespace(id="page", start=0.0, end=0.5), Namespace(id="page", start=0.5, end=1.0)]
    found = [enrol(IDS, experiment(str(i)), rules=Enrolment(namespace=p)) for i, p in enumerate(parts)]
    inside = [f["content_id"].is_not_null().to_numpy() for f in found]
    assert not np.any(inside[0] & inside[1])
    assert np.all(inside[0] | inside[1])


def test_whoever_saw_an_arm_keeps_it_unless_it_is_gone_or_they_are_held_out() -> None:
    kept = {"1": "new", "2": "gone", "3": "new"}
    found = enrol(["1", "2", "3"], experiment(), rules=Enrolment(coverage=0.0), kept=kept)
    assert found["content_id"].to_list() == ["new", None, "new"]
    assert found["reason"].to_list() == ["kept", "coverage", "kept"]
    held = enrol(["1"], experiment(), rules=Enrolment(holdout=Holdout(share=0.9999)), kept=kept)
    assert held["reason"].to_list() == ["holdout"]


def test_targeting_asks_the_attributes() -> None:
    rules = Enrolment(condition={"country": {"$in": ["DE"]}})
    found = enrol(["1", "2"], experiment(), rules=rules, attributes=[{"country": "DE"}, {"country": "FR"}])
    assert found["reason"].to_list() == ["assigned", "targeting"]
    with pytest.raises(UsageError, match="attributes"):
        enrol(["1", "2"], experiment(), rules=rules)


def test_the_log_has_one_row_an_exposure_with_an_id_of_its_own() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    log = exposure_log(enrol(["1", "2", ""], experiment()), experiment(), at=at)
    assert len(log) == 2
    assert log["exposure_id"].n_unique() == 2
    assert log["propensity"].is_between(0, 1, closed="right").all()
    with pytest.raises(DataError, match="zone"):
        exposure_log(enrol(["1"], experiment()), experiment(), at=datetime(2026, 1, 2))
