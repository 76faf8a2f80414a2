import numpy as np
import polars as pl
import pytest
from scipy import optimize, sparse, special

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.calibration.segments import Segments, fit_segments
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from predict.synthetic_table import click_recipe, draw_table

PLAIN = Nuisance(0.0, 0.0)


def draw(shift, slope, *, sizes, seed=0):
    """(log-odds of the map, rows) of segments s0, s1 ... that differ by (shift, slope) on the log-odds."""
    rng = np.random.default_rng(seed)
    segment = np.repeat(np.arange(len(sizes)), sizes)
    z = rng.standard_normal(len(segment))
    eta = -2.0 + 0.8 * z
    truth = eta + np.asarray(shift)[segment] + np.asarray(slope)[segment] * z
    y = (rng.random(len(segment)) < special.expit(truth)).astype(float)
    frame = pl.DataFrame({"device": [f"s{i}" for i in segment]})
    part = Rows(
        sparse.csr_matrix((len(y), 1)), y, np.ones(len(y)), np.arange(len(y)), None, False, frame=frame
    )
    return eta, part, segment


def alone(eta, part, size):
    """(size,) the shift under which each segment's expected successes are its own, one half added."""
    names = part.frame["device"].to_numpy()
    found = []
    for i in range(size):
        here = names == f"s{i}"

        def gap(u, here=here):
            return special.expit(eta[here] + u).sum() - part.successes[here].sum() - 0.5

        found.append(optimize.brentq(gap, -5, 5))
    return np.array(found)


def test_segments_that_do_not_differ_are_left_alone():
    """Over ten draws of eight segments, most shifts are 0, and none is beyond 2.5 standard errors (0.08)."""
    found = []
    for seed in range(10):
        eta, part, _ = draw(np.zeros(8), np.zeros(8), sizes=[1500] * 8, seed=seed)
        held = fit_segments(("device",), eta, 0.0, part, PLAIN)
        found.append(np.abs([u for u, _ in held.shifts.values()]).max())
    assert np.median(found) < 0.03
    assert max(found) < 2.5 * 0.08


def test_shifts_and_slopes_are_found_and_small_segments_are_drawn_to_the_map_of_all():
    rng = np.random.default_rng(1)
    shift, slope = rng.normal(0, 0.5, 12), rng.normal(0, 0.3, 12)
    sizes = [6000] * 6 + [60] * 6
    eta, part, _ = draw(shift, slope, sizes=sizes, seed=2)
    held = fit_segments(("device",), eta, 0.0, part, PLAIN)
    found = np.array([held.shifts[f"s{i}"] for i in range(12)])
    assert found[:6, 0] == pytest.approx(shift[:6], abs=0.15)
    assert found[:6, 1] == pytest.approx(slope[:6] * held.scale / 0.8, abs=0.15)
    assert 0.1 < held.sd[0] <= 1.0
    own = alone(eta, part, 12)[6:]
    assert np.abs(found[6:, 0]).mean() < 0.7 * np.abs(own).mean()


def test_a_segment_in_which_the_score_points_the_other_way_is_levelled_not_turned():
    eta, part, segment = draw(np.full(6, 0.4), [-1.6, 0, 0, 0, 0, 0], sizes=[6000] * 6, seed=3)
    held = fit_segments(("device",), eta, 0.0, part, PLAIN)
    adjusted = eta + held.adjust(eta, part.frame)
    here = segment == 0
    assert np.ptp(adjusted[here]) == pytest.approx(0, abs=1e-9)
    assert special.expit(adjusted[here][0]) == pytest.approx(part.successes[here].mean(), abs=0.01)
    assert np.corrcoef(adjusted[~here], eta[~here])[0, 1] > 0.99


def test_pooling_beats_the_map_of_all_and_each_alone_on_fresh_rows():
    """The mean squared error of the segments' rates, over 20 draws: partial pooling has the least."""
    errors = np.zeros(3)
    for seed in range(20):
        rng = np.random.default_rng(100 + seed)
        shift = rng.normal(0, 0.3, 15)
        eta, part, _ = draw(shift, np.zeros(15), sizes=[200] * 15, seed=seed)
        held = fit_segments(("device",), eta, 0.0, part, PLAIN)
        pooled = np.array([held.shifts[f"s{i}"][0] for i in range(15)])
        errors += [np.mean((found - shift) ** 2) for found in (pooled, np.zeros(15), alone(eta, part, 15))]
    assert errors[0] < 0.9 * errors[1]
    assert errors[0] < 0.9 * errors[2]


def test_a_good_week_of_one_group_does_not_pass_for_its_segment():
    """Segments that do not differ, each of three groups whose levels do: without the levels' variance the shifts
    are ten times as large."""
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(18), 50)
    eta = np.full(900, -3.0)
    y = rng.binomial(2000, special.expit(eta + rng.normal(0, 0.4, 18)[group])).astype(float)
    frame = pl.DataFrame({"device": [f"s{g // 3}" for g in group]})
    part = Rows(
        sparse.csr_matrix((900, 1)), y, np.full(900, 2000.0), np.arange(900), group, True, frame=frame
    )

    def largest(nuisance):
        held = fit_segments(("device",), eta, 0.0, part, nuisance)
        return max(abs(u) for u, _ in held.shifts.values())

    assert largest(Nuisance(0.0, 0.4**2)) < 0.5 * largest(PLAIN)


def test_an_unknown_segment_and_a_frame_without_the_column_get_the_map_of_all():
    held = Segments(("device",), {"phone": (0.5, 0.0)}, 0.0, 1.0, (0.3, 0.0))
    assert held.adjust(np.zeros(2), pl.DataFrame({"device": ["phone", "fridge"]})).tolist() == [0.5, 0.0]
    assert held.adjust(np.zeros(1), pl.DataFrame({"text": ["a"]})).tolist() == [0.0]
    assert Segments.from_json(held.to_json()).to_json() == held.to_json()


# --- through the predictor --------------------------------------------------------------------------------------


def table(seed=0):
    """Two devices, the second with twice the odds; the device is no feature."""
    frame, _ = draw_table(seed, n_groups=200, level_sd=0.2)
    rng = np.random.default_rng(seed)
    device = rng.integers(0, 2, frame.height)
    more = rng.binomial(frame["y"].to_numpy(), np.where(device == 1, 1.0, 0.5))
    return frame.with_columns(device=pl.Series(np.array(["desk", "phone"])[device]), y=pl.Series(more))


RECIPE = PredictRecipe.of(click_recipe(calibration={"segments": ["device"]}))


@pytest.fixture(scope="module")
def fitted():
    return Predictor.fit(table(), RECIPE)


def test_segments_of_a_recipe_are_fitted_saved_and_needed_at_scoring(fitted, tmp_path):
    frame = table()[:100]
    both = [
        fitted.score(frame.with_columns(device=pl.lit(name))).click.mean for name in ("desk", "phone", "tv")
    ]
    ratio = both[1] / both[0]
    assert np.median(ratio) == pytest.approx(2.0, rel=0.2)
    assert (both[0] < both[2]).all()
    assert (both[2] < both[1]).all()
    fitted.save(tmp_path / "m")
    again = Predictor.load(tmp_path / "m")
    assert np.array_equal(again.score(frame).click.mean, fitted.score(frame).click.mean)
    with pytest.raises(DataError, match="device"):
        fitted.score(frame.drop("device"))


def test_the_card_says_what_was_chosen(fitted):
    said = fitted.card["metrics"]["click"]["calibration"]
    assert said["method"] in ("platt", "beta", "isotonic")
    assert said["segments"]["n"] == 2
    assert said["segments"]["sd_of_shifts"] > 0


@pytest.mark.parametrize("method", ["platt", "beta", "isotonic"])
def test_each_method_survives_saving_and_updating(method, tmp_path):
    frame, _ = draw_table(3, n_groups=80)
    model = Predictor.fit(frame, PredictRecipe.of(click_recipe(calibration={"method": method})))
    model.save(tmp_path / "m")
    again = Predictor.load(tmp_path / "m")
    assert np.array_equal(again.score(frame).click.mean, model.score(frame).click.mean)
    later = frame.with_columns(day=pl.col("day") + 1000, y=pl.col("y") * 2)
    moved = again.update(later)
    assert moved.score(frame).click.mean.mean() > again.score(frame).click.mean.mean()
