from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.decide import Beliefs
from adwright.errors import DataError, UsageError
from adwright.schema import Goal, OutcomeTotal
from adwright.stats.contrast import Evidence, posterior
from decide.worlds import NOW, TRAINED, effect, total

DAYS = [TRAINED + timedelta(days=d) for d in range(-3, 8)]


def evidence(beliefs: Beliefs) -> np.ndarray:
    clicks, conversions = beliefs.click_evidence, beliefs.conversion_evidence
    assert clicks is not None
    assert conversions is not None
    return np.stack([clicks.successes, clicks.expected, conversions.successes, conversions.expected])


@st.composite
def ledgers(draw: st.DrawFn) -> list[OutcomeTotal]:
    """Lines of three contents, some before what the model was trained through, one a content and day."""
    keys = draw(st.lists(st.tuples(st.sampled_from("abcz"), st.sampled_from(DAYS)), unique=True, max_size=12))
    lines = []
    for content, day in keys:
        n = draw(st.integers(0, 500))
        clicks = draw(st.integers(0, n))
        lines.append(total(content, day, n, clicks, draw(st.integers(0, clicks))))
    return lines


def by_hand(lines: list[OutcomeTotal], means: tuple[float, ...], after: object) -> np.ndarray:
    out = np.zeros((4, 3))
    for line in lines:
        if line.at > after and line.content_id in "abc":  # type: ignore[operator]
            i = "abc".index(line.content_id)
            out[:, i] += [
                line.n_clicks,
                line.n_exposures * means[i],
                line.n_conversions,
                line.n_clicks * 0.1,
            ]
    return out


@settings(max_examples=60, deadline=None)
@given(ledgers(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_no_outcome_counts_twice_in_whatever_order_and_batches(
    lines: list, random: object, n_batches: int
) -> None:
    again = lines + lines[: len(lines) // 2]
    random.shuffle(again)  # type: ignore[attr-defined]
    beliefs = Beliefs.from_effect(effect())
    for i in range(n_batches):
        beliefs = beliefs.update(again[i::n_batches])
    assert np.allclose(evidence(beliefs), by_hand(lines, (0.02, 0.025, 0.03), TRAINED))


@settings(max_examples=40, deadline=None)
@given(ledgers(), st.integers(-3, 7))
def test_no_outcome_counts_twice_across_a_model_swap(lines: list, day: int) -> None:
    swapped_at = TRAINED + timedelta(days=day)
    old = Beliefs.from_effect(effect()).update(lines)
    means = (0.05, 0.01, 0.02)
    new = effect(means, version="click@2", trained_through=swapped_at)
    later_lines_twice = [line for line in lines if line.at > swapped_at]
    beliefs = Beliefs.rebuild(new, lines).update(later_lines_twice).update(lines)
    assert np.allclose(evidence(beliefs), by_hand(lines, means, swapped_at))
    # From what the old beliefs hold: only what the old model had seen is gone, and the new one has it, too.
    carried = Beliefs.rebuild(new, old.lines)
    assert np.allclose(evidence(carried), by_hand(lines, means, max(swapped_at, TRAINED)))


def test_the_posterior_is_the_closed_form() -> None:
    beliefs = Beliefs.from_effect(effect(level_sd=0.0)).update([total("a", NOW, 1000, 30)])
    assert beliefs.effect.click is not None
    mean = posterior(beliefs.effect.click, beliefs.click_evidence).mean()
    assert mean[0] == pytest.approx((50 + 30) / (50 + 1000 * 0.02))  # Gamma(k + clicks, k + sum of m)
    assert mean[1] == pytest.approx(1.0)


def test_evidence_adds_up() -> None:
    first, second = [total("a", DAYS[5], 100, 3)], [total("a", DAYS[6], 300, 9), total("b", DAYS[6], 50, 1)]
    parts = [Beliefs.from_effect(effect()).update(part).click_evidence for part in (first, second)]
    whole = Beliefs.from_effect(effect()).update(first + second).click_evidence
    assert parts[0] is not None
    assert parts[1] is not None
    assert whole is not None
    summed: Evidence = parts[0] + parts[1]
    assert np.allclose(summed.successes, whole.successes)
    assert np.allclose(summed.expected, whole.expected)


def test_a_day_that_was_not_over_is_replaced_not_added() -> None:
    noon, night = total("a", NOW, 400, 8), total("a", NOW, 1000, 21, 2)
    for order in ([noon, night], [night, noon], [night, noon, night]):
        seen = Beliefs.from_effect(effect()).update(order[:1]).update(order[1:]).click_evidence
        assert seen is not None
        assert (seen.successes[0], seen.expected[0]) == (21.0, pytest.approx(20.0))


def test_personal_expectations_count_for_the_model_that_predicted_them_only() -> None:
    line = replace(total("a", NOW, 1000, 30), expected_clicks=26.0)
    mine = Beliefs.from_effect(effect()).update([line], predicted_by="click@1")
    assert mine.click_evidence is not None
    assert mine.click_evidence.expected[0] == pytest.approx(26.0)
    other = Beliefs.rebuild(effect(version="click@2"), mine.lines)
    assert other.click_evidence is not None
    assert other.click_evidence.expected[0] == pytest.approx(20.0)


def test_the_expectation_of_a_replaced_line_is_that_of_its_last_state() -> None:
    noon = replace(total("a", NOW, 400, 8), expected_clicks=9.0)
    night = replace(total("a", NOW, 1000, 21), expected_clicks=24.0)
    for order in ([noon, night], [night, noon]):
        beliefs = Beliefs.from_effect(effect())
        for line in order:
            beliefs = beliefs.update([line], predicted_by="click@1")
        assert beliefs.click_evidence is not None
        assert beliefs.click_evidence.expected[0] == pytest.approx(24.0)


def test_updating_leaves_the_beliefs_as_they_were() -> None:
    before = Beliefs.from_effect(effect())
    before.update([total("a", NOW, 100, 3)])
    assert before.lines.is_empty()


def test_the_ledgers_frame_and_objects_give_the_same() -> None:
    lines = [total("a", NOW, 100, 3, 1), total("b", NOW, 200, 5)]
    frame = pl.DataFrame(
        {
            "source": "platform",
            "content_id": ["a", "b"],
            "at": [NOW, NOW],
            "channel": "ads",
            "cohort_id": "everyone",
            "n_exposures": [100, 200],
            "n_clicks": [3, 5],
            "n_conversions": [1, 0],
        }
    )
    assert np.array_equal(
        evidence(Beliefs.rebuild(effect(), lines)), evidence(Beliefs.rebuild(effect(), frame))
    )


def test_conversions_are_given_clicks_and_without_clicks_given_exposures() -> None:
    with_clicks = Beliefs.from_effect(effect()).update([total("a", NOW, 1000, 30, 6)]).conversion_evidence
    without = Beliefs.from_effect(effect(clicks=False)).update([total("a", NOW, 1000, 0, 6)])
    assert with_clicks is not None
    assert without.conversion_evidence is not None
    assert with_clicks.expected[0] == pytest.approx(3.0)
    assert without.conversion_evidence.expected[0] == pytest.approx(100.0)
    assert without.click_evidence is None


def test_rates_above_20_percent_take_the_logistic_family() -> None:
    prior = effect((0.4, 0.45), family="logistic", k=30.0)
    beliefs = Beliefs.from_effect(prior).update([total("a", NOW, 500, 300)])
    value = beliefs.value(Goal(kind="click"), rng=np.random.default_rng(0))
    assert value.mean[0] > value.mean[1] > 0.4
    assert value.draws.max() <= 1.0


def test_conversions_move_the_value_as_clicks_do() -> None:
    def value(clicks: int, conversions: int) -> float:
        beliefs = Beliefs.from_effect(effect()).update([total("a", NOW, 5000, clicks, conversions)])
        return float(beliefs.value(Goal(), rng=np.random.default_rng(0), shared_level=False).mean[0])

    assert value(150, 15) > value(100, 10) > value(100, 3)


def test_what_all_siblings_share_is_held_for_their_level() -> None:
    lines = [
        total(c, NOW, 20_000, n) for c, n in zip("abc", (200, 250, 300), strict=True)
    ]  # half of predicted
    beliefs = Beliefs.from_effect(effect()).update(lines)
    assert beliefs.effect.click is not None
    effects = posterior(beliefs.effect.click, beliefs.click_evidence, shared_level=True).mean()
    alone = posterior(beliefs.effect.click, beliefs.click_evidence).mean()
    assert alone.max() < 0.65
    assert effects.min() > 0.75


def test_a_model_without_a_time_counts_every_line() -> None:
    beliefs = Beliefs.from_effect(effect(trained_through=None)).update([total("a", DAYS[0], 100, 3)])
    assert beliefs.click_evidence is not None
    assert beliefs.click_evidence.successes[0] == 3


def test_a_line_at_the_very_time_of_training_is_in_the_prior() -> None:
    beliefs = Beliefs.from_effect(effect()).update([total("a", TRAINED, 100, 3)])
    assert beliefs.lines.is_empty()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (total("a", NOW, 100, 101), "more clicks"),
        (total("a", NOW, -1, 0), "negative"),
        (total("a", NOW, 100, 5, 6), "more conversions"),
    ],
)
def test_impossible_lines_are_named(line: OutcomeTotal, named: str) -> None:
    with pytest.raises(DataError, match=named):
        Beliefs.from_effect(effect()).update([line])


def test_an_absent_column_is_named() -> None:
    with pytest.raises(DataError, match="channel"):
        Beliefs.rebuild(effect(), pl.DataFrame({"content_id": ["a"], "at": [NOW], "n_exposures": [1]}))


def test_a_content_has_one_row() -> None:
    twice = replace(effect(), content_ids=("a", "b", "a"))
    with pytest.raises(UsageError, match="'a'"):
        Beliefs.from_effect(twice)
