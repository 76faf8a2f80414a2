"""Everything that the main job shows, as frozen dataclasses that JSON can hold.

The pipeline fills `RunFigures`; the page and the JSON file are two renderings of it. Every value and rate
is **per exposure**, as the stages compute it; the page multiplies by 1,000. A value is in minor units of
`RunFigures.currency` where the goal is revenue or margin, and a rate where the goal is click or conversion.
What has not happened stays None or empty, and the page says so or leaves its section out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from adwright.schema import Content, Finding, GoalKind, Language, Product

Words = Mapping[Language, str] | str
"""A text in each language, or one text for both."""

Verdict = Literal["planned", "ship", "stop", "go on", "invalid"]
"""Where a test stands: the four decisions of an analysis, or planned and not analysed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval: `low` and `high` bound the central `level` of its distribution."""

    mean: float
    low: float | None = None
    high: float | None = None
    level: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonFigures:
    """One reason for which rows went to quarantine, how often, and the first line where it was met."""

    code: str
    reason: Words
    count: int
    example_line: int | None = None
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFigures:
    """What one file brought. `quality` are remarks a person should read (missing, late, drifting columns)."""

    name: str
    table: str
    n_read: int
    n_added: int
    n_changed: int = 0
    n_duplicate: int = 0
    n_quarantined: int = 0
    reasons: tuple[ReasonFigures, ...] = ()
    quality: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFigures:
    """One of the four blocks: its rows, its groups (tests or contents that share noise), its time range."""

    name: Literal["train", "tune", "calibrate", "test"]
    n_rows: int
    n_groups: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFigures:
    """What the run was fed with. `split_by` is the order of the blocks: `time`, `rows` or `folds`."""

    files: tuple[FileFigures, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    n_customers: int | None = None
    n_products: int | None = None
    n_events: int | None = None
    blocks: tuple[BlockFigures, ...] = ()
    split_by: str = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendedFigures:
    """A product recommended to a cohort and the evidence for it."""

    product_id: str
    title: str
    evidence: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortFigures:
    """A cohort: who they are, how many (`share` of all customers, in [0, 1]), what was recommended to them."""

    id: str
    description: Words
    size: int
    share: float
    recommended: tuple[RecommendedFigures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFigures:
    """A written content, its findings and its predicted effect.

    Args:
        content: The content; its `status` decides the section it is shown in.
        product: The first product, for the preview; None where it is unknown.
        cohort: The cohort's description; empty shows the cohort's id.
        findings: What the guards found.
        value: Predicted value per exposure, with the 5 % and 95 % quantiles.
        click, conversion: Predicted rates per exposure (conversion per click where the channel has clicks).
        in_domain: False where the text is far from what the model was trained on.
        goal: What `value` is a value of, where it differs from the run's goal; a run's goals share their
            unit (all money, or all rates).
        gate: Why the gate published it, sent it to a reviewer, or held it back; also a person's reason.
        why: Why this content was written for this cohort; empty shows `content.why`.
    """

    content: Content
    product: Product | None = None
    cohort: Words = ""
    findings: tuple[Finding, ...] = ()
    value: Estimate | None = None
    click: Estimate | None = None
    conversion: Estimate | None = None
    in_domain: bool | None = None
    goal: GoalKind | None = None
    gate: Words = ""
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFigures:
    """One measure of the predictor on its test block.

    `name` is one of auc, group_auc, pair_accuracy, log_loss, calibration_slope, ece, coverage,
    log_predictive_density; another name is shown as it is. `baseline` is what a model without the text
    reaches, where it was measured. `n` counts what the measure is over (rows, pairs or groups).
    """

    name: str
    estimate: Estimate
    n: int
    baseline: float | None = None
    method: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPoint:
    """One bin of the calibration plot: mean prediction, observed rate with its interval, rows in the bin."""

    predicted: float
    observed: Estimate
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFigures:
    """How well one target (click, conversion, order_value) is predicted, on the test block."""

    name: str
    n: int
    base_rate: float | None = None
    metrics: tuple[MetricFigures, ...] = ()
    calibration: tuple[CalibrationPoint, ...] = ()
    k: float | None = None
    level_sd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictorFigures:
    """The predictor: what it learned from, up to when, and how well it does on its test block."""

    model_version: str
    data: Words
    split: Words = ""
    n_train: int = 0
    trained_through: datetime | None = None
    targets: tuple[TargetFigures, ...] = ()
    warnings: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFigures:
    """The probability vector for one cohort, product and channel: content id -> probability, summing to 1."""

    cohort: Words
    product: str
    channel: str
    probabilities: Mapping[str, float]
    degraded: bool = False
    reason: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFigures:
    """How content is picked: policy, exploration floor and the slices of the traffic (shares in [0, 1])."""

    policy: str
    floor: float
    test_share: float
    adaptive_share: float
    holdout_share: float = 0.0
    choices: tuple[ChoiceFigures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigures:
    """One arm of a test.

    `measured`, `predicted`, `difference` (to the control) and `truth` are in the unit of the test's
    metric, per exposure. `label` names an arm whose content is not among the run's contents; `truth` is
    known in a simulated shop only.
    """

    content_id: str
    share: float
    is_control: bool = False
    label: str = ""
    n_exposures: int = 0
    n_clicks: int = 0
    n_conversions: int = 0
    value_minor: int = 0
    measured: Estimate | None = None
    difference: Estimate | None = None
    p_value: float | None = None
    predicted: Estimate | None = None
    truth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficFigures:
    """How traffic went, point by point in time.

    Args:
        at: n times.
        probabilities: content id -> n probabilities of the adaptive slice.
        cumulative_value: slice (test, adaptive, holdout) or content id -> n sums so far, minor units (or
            successes where the metric is a rate).
        cumulative_exposures: the same series' exposures so far; given, the page shows value per 1,000.
    """

    at: tuple[datetime, ...] = ()
    probabilities: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    cumulative_value: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    cumulative_exposures: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFigures:
    """A test: its plan, its arms, and what came of it.

    Args:
        experiment_id: Its id.
        title: What it compares and for whom.
        metric: What is measured.
        n_per_arm: Planned exposures an arm.
        minimum_effect: The smallest relative difference that the plan can see, a fraction.
        n_days: How long the plan takes, days; None where the traffic is unknown.
        arms: Its arms, exactly one of them the control.
        sample_ratio_p: p-value of the sample-ratio check.
        decision: Where it stands; `winner_id` names what to ship.
        reasons: Why.
        interval_method: How the intervals of the differences were made.
        achieved_share: Simulated shop only: (chosen - mean) / (best - mean) of the true values.
        traffic: How it went over time.
    """

    __test__ = False  # the name begins with "Test", and pytest would collect it

    experiment_id: str
    metric: GoalKind
    arms: tuple[ArmFigures, ...]
    title: Words = ""
    n_per_arm: int = 0
    minimum_effect: float | None = None
    n_days: float | None = None
    alpha: float = 0.05
    power: float = 0.8
    sample_ratio_p: float | None = None
    decision: Verdict = "planned"
    winner_id: str | None = None
    reasons: tuple[Words, ...] = ()
    interval_method: Words = ""
    achieved_share: Estimate | None = None
    traffic: TrafficFigures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFigures:
    """A line of the appendix: a number and how it was obtained."""

    name: Words
    value: Words
    data: Words
    split: Words = ""
    n: int | None = None
    interval: Words = ""


Section = Literal["data", "cohorts", "contents", "rejected", "predictor", "decision", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """A whole run.

    Args:
        shop: The shop's name.
        at: When the run ended.
        goal: What counts; the unit of every predicted value.
        currency: ISO 4217; None where there is no money.
        demo: True where shop and traffic are simulated.
        data, cohorts, contents, predictor, decision, tests: The sections.
        absent: Section -> why it is empty; a section that is empty and not named here is left out.
        warnings: What a reader has to know before using any number.
        achieved_share: Simulated shop only: the share of the achievable gain over all tests.
        methods: Further lines of the appendix.
        version: Adwright's version.
    """

    shop: str
    at: datetime
    goal: GoalKind = "revenue"
    currency: str | None = None
    demo: bool = False
    data: DataFigures | None = None
    cohorts: tuple[CohortFigures, ...] = ()
    contents: tuple[ContentFigures, ...] = ()
    predictor: PredictorFigures | None = None
    decision: DecisionFigures | None = None
    tests: tuple[TestFigures, ...] = ()
    absent: Mapping[Section, Words] = field(default_factory=dict)
    warnings: tuple[Words, ...] = ()
    achieved_share: Estimate | None = None
    methods: tuple[MethodFigures, ...] = ()
    version: str = ""


def as_json(value: Any) -> Any:
    """`value` as `json.dumps` takes it: dataclasses to objects, times to ISO 8601, NaN to None.

    >>> as_json(Estimate(mean=0.5, low=float("nan")))
    {'mean': 0.5, 'low': None, 'high': None, 'level': 0.9}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return as_json(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
