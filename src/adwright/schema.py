"""The nouns, one word for one thing.

Money is an integer of minor units (cents, fen) with an ISO 4217 currency; times are aware datetimes in
UTC; rates are fractions. A customer is only ever named by a pseudonym. `Effect` is columnar: its arrays
have shape (n,), one entry a content x customer x context, so that one class serves a row and a million.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.material import (
    BrandVoice,
    Cohort,
    Customer,
    Exemplar,
    Figure,
    FigureUnit,
    Language,
    Offer,
    PriceLevel,
    Product,
    Profile,
    Review,
    ShopPolicy,
)

__all__ = [
    "CONTACT_CHANNELS",
    "EVERYONE",
    "F64",
    "NO_CONTENT",
    "Approval",
    "Arm",
    "Attribution",
    "Bools",
    "BrandVoice",
    "Brief",
    "Cohort",
    "Content",
    "ContentStatus",
    "Context",
    "Customer",
    "Decision",
    "Effect",
    "Exemplar",
    "Experiment",
    "Figure",
    "FigureUnit",
    "Finding",
    "Goal",
    "GoalKind",
    "Language",
    "Offer",
    "OrderValue",
    "OutcomeTotal",
    "PriceLevel",
    "Product",
    "Profile",
    "Provenance",
    "Rate",
    "RateFamily",
    "Review",
    "Severity",
    "ShopPolicy",
    "Slice",
    "Unit",
    "content_id",
]

F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Severity = Literal["block", "review", "warn"]
ContentStatus = Literal["draft", "approved", "rejected", "live", "retired"]
RateFamily = Literal["gamma", "logistic"]
GoalKind = Literal["click", "conversion", "revenue", "margin"]
Slice = Literal["test", "adaptive"]
Unit = Literal["customer", "session", "cohort", "slot"]

NO_CONTENT = "no_content"
"""The content id of the arm that sends nothing; always an arm in e-mail, push and SMS."""

CONTACT_CHANNELS = frozenset({"email", "push", "sms"})
"""Channels that reach out to a customer; `NO_CONTENT` is always among their arms."""

EVERYONE = "everyone"
"""The cohort id when there is no behaviour to tell customers apart."""


# --- content ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What to write. `angle` is the persuasion angle, `tone` how it sounds; None leaves them open.

    Args:
        reader: One customer's profile, with consent; it takes the place of the cohort's.
        policies: What the shop promises; a service reply may say it.
        figures: The numbers that a campaign plan may name.
        message: The question or review that a service reply answers: untrusted text.
        exemplars: Past contents that did well.
        because: Why the product was recommended to these readers, with the numbers, in the brief's language.
        companions: Products that the same customers bought with it, the most first.
    """

    kind: str
    products: tuple[Product, ...]
    channel: str
    language: Language
    cohort: Cohort | None = None
    goal: GoalKind = "revenue"
    angle: str | None = None
    tone: str | None = None
    offer: Offer | None = None
    brand_voice: BrandVoice = field(default_factory=BrandVoice)
    reader: Profile | None = None
    policies: tuple[ShopPolicy, ...] = ()
    figures: tuple[Figure, ...] = ()
    message: str = ""
    exemplars: tuple[Exemplar, ...] = ()
    because: str = ""
    companions: tuple[Product, ...] = ()

    @property
    def product(self) -> Product:
        """The first product of the brief."""
        return self.products[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a text comes from, enough to write it again and to account for its cost."""

    backend: str
    model: str = ""
    adapter: str | None = None
    prompt_digest: str = ""
    seed: int = 0
    n_tries: int = 1
    n_prompt_tokens: int = 0
    n_completion_tokens: int = 0
    cost_minor: int = 0
    created_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A written variant: its slots in order (for example headline, description), and where it stands."""

    id: str
    kind: str
    product_ids: tuple[str, ...]
    cohort_id: str
    channel: str
    language: Language
    slots: Mapping[str, str]
    provenance: Provenance
    angle: str | None = None
    tone: str | None = None
    offer_id: str | None = None
    status: ContentStatus = "draft"
    why: str = ""

    @property
    def text(self) -> str:
        """The rendered text: the slots, one a line."""
        return "\n".join(self.slots.values())

    def with_slots(self, slots: Mapping[str, str]) -> Content:
        """The same content with other words, and so with another id."""
        fresh = replace(self, slots=dict(slots))
        return replace(fresh, id=content_id(fresh))


def content_id(content: Content) -> str:
    """The id of a content: a digest of what is shown, to whom and where, so equal texts are one content."""
    parts = (
        content.kind,
        *content.product_ids,
        content.cohort_id,
        content.channel,
        content.language,
        content.offer_id or "",
        *(f"{k}={v}" for k, v in content.slots.items()),
    )
    return "c_" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a guard found: a rule, where (`start`, `end` in characters of `slot`), how bad, on what evidence."""

    rule_id: str
    severity: Severity
    slot: str
    start: int
    end: int
    text: str
    evidence: str
    exemption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's decision about the exact rendered text."""

    content_id: str
    approved: bool
    by: str
    at: datetime
    text: str
    reason: str = ""


# --- effect -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rate:
    """A rate as a distribution, for n rows.

    The latent rate of row i is `mean_i` times a level that everything in one test, period or placement
    shares, times a content effect that only this content has; both have mean 1 (gamma family), or are
    normal shifts of the log-odds (logistic family, for rates above 20 %).

    Args:
        mean: (n,) calibrated mean in [0, 1].
        k: (n,) concentration of the content effect r ~ Gamma(k, k), so its variance is 1 / k. For the
            logistic family, 1 / k is the relative variance that the random effect brings about. NaN
            where it cannot be known.
        level_sd: (n,) standard deviation of the logarithm of the level; NaN where it cannot be known.
        family: Which of the two.
    """

    mean: F64
    k: F64
    level_sd: F64
    family: RateFamily = "gamma"

    def __post_init__(self) -> None:
        n = len(self.mean)
        if self.k.shape != (n,) or self.level_sd.shape != (n,):
            raise UsageError(
                "mean, k and level_sd differ in length",
                argument="k",
                value=self.k.shape,
                allowed=f"({n},)",
            )
        if n and not (np.all(self.mean >= 0) and np.all(self.mean <= 1)):
            bad = self.mean[~((self.mean >= 0) & (self.mean <= 1))][0]
            raise UsageError("a rate lies outside [0, 1]", argument="mean", value=float(bad))
        if np.any(self.k <= 0) or np.any(self.level_sd < 0):
            raise UsageError("k must be positive and level_sd not negative", argument="k")

    def __len__(self) -> int:
        return len(self.mean)

    def take(self, rows: Any) -> Rate:
        """The same for a subset of the rows (indices or mask)."""
        return Rate(mean=self.mean[rows], k=self.k[rows], level_sd=self.level_sd[rows], family=self.family)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OrderValue:
    """The expected value of an order given conversion, net of returns, for n rows.

    Args:
        mean_minor: (n,) expected order value in minor units, 0 or more: what is refunded never exceeds it.
        sd_minor: (n,) standard deviation of that expectation between contents and contexts.
        currency: ISO 4217.
    """

    mean_minor: F64
    sd_minor: F64
    currency: str

    def __len__(self) -> int:
        return len(self.mean_minor)

    def take(self, rows: Any) -> OrderValue:
        """The same for a subset of the rows (indices or mask)."""
        return OrderValue(
            mean_minor=self.mean_minor[rows], sd_minor=self.sd_minor[rows], currency=self.currency
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Effect:
    """What n content x customer x context rows are predicted to do.

    Args:
        content_ids: n ids; rows with the same id share one content effect.
        click: Clicks given exposure; None for channels without clicks.
        conversion: Conversions given click, or given exposure where `click` is None.
        order_value: Order value given conversion.
        correlation: Of the content effects of click and conversion, in [-1, 1].
        in_domain: (n,) False where the text is far from the training texts.
        model_version: The version of the model, `name@version`.
        trained_through: The time of the last outcome that the model has seen. Outcomes up to it are in
            the prior; only later ones may update a posterior. None where the data had no time.
    """

    content_ids: tuple[str, ...]
    click: Rate | None = None
    conversion: Rate | None = None
    order_value: OrderValue | None = None
    correlation: float = 0.0
    in_domain: Bools | None = None
    model_version: str = ""
    trained_through: datetime | None = None

    def __post_init__(self) -> None:
        n = len(self.content_ids)
        for name, part in (
            ("click", self.click),
            ("conversion", self.conversion),
            ("order_value", self.order_value),
            ("in_domain", self.in_domain),
        ):
            if part is not None and len(part) != n:
                raise UsageError(
                    f"{name} has another length than content_ids", value=len(part), allowed=str(n)
                )
        if not -1.0 <= self.correlation <= 1.0:
            raise UsageError(
                "not a correlation", argument="correlation", value=self.correlation, allowed="-1 to 1"
            )

    def __len__(self) -> int:
        return len(self.content_ids)

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer] | Bools) -> Effect:
        """The same for a subset of the rows (indices or mask)."""
        index = np.arange(len(self))[np.asarray(rows)]
        return replace(
            self,
            content_ids=tuple(self.content_ids[i] for i in index),
            click=None if self.click is None else self.click.take(index),
            conversion=None if self.conversion is None else self.conversion.take(index),
            order_value=None if self.order_value is None else self.order_value.take(index),
            in_domain=None if self.in_domain is None else self.in_domain[index],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What counts, per exposure.

    Args:
        kind: click, conversion, revenue (order value) or margin (order value x `margin_share`).
        margin_share: The part of the order value that is left after the cost of the goods, in [0, 1].
        offer_cost_minor: What an offer costs per conversion, minor units.
        exposure_cost_minor: What one exposure costs, minor units (may be a fraction of a cent).
        return_rate: The part of the order value that comes back as returns, in [0, 1]. Zero where the
            order values that the model learned from are already net of refunds.
    """

    kind: GoalKind = "revenue"
    margin_share: float = 1.0
    offer_cost_minor: float = 0.0
    exposure_cost_minor: float = 0.0
    return_rate: float = 0.0


# --- decisions and outcomes ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where and when a content would be shown."""

    at: datetime
    channel: str
    placement: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Which content was picked, with the whole probability vector that it was drawn from.

    `propensities[content_id]` is the probability with which this content was drawn. `degraded` is set,
    with a reason, where a fall-back answered.
    """

    id: str
    customer_id: str
    content_id: str
    propensities: Mapping[str, float]
    policy: str
    model_version: str
    at: datetime
    channel: str
    slice: Slice = "adaptive"
    experiment_id: str | None = None
    degraded: bool = False
    reason: str = ""

    @property
    def propensity(self) -> float:
        """The probability with which the content was drawn."""
        return self.propensities[self.content_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTotal:
    """What one content did on one day in one context, as ad platforms report it; also a ledger line."""

    content_id: str
    at: datetime
    channel: str
    cohort_id: str = EVERYONE
    n_exposures: int = 0
    n_clicks: int = 0
    n_conversions: int = 0
    value_minor: int = 0
    cost_minor: int = 0
    currency: str | None = None
    expected_clicks: float = 0.0
    expected_conversions: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """How an order finds its exposure: by decision id where there is one, else the last touch in the window."""

    click_window_h: float = 24.0 * 7
    view_window_h: float = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm of an experiment and its share of the test traffic."""

    content_id: str
    share: float
    is_control: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A test with fixed shares and a control, inside the test slice of the traffic.

    `unit` is what arms are assigned to: a customer, who then always sees the same arm; a session, which needs
    far less traffic and is right where one visit's content does not work on in the next; a cohort; or a time slot
    (a switchback), right where customers of two arms would act on each other.

    `prior_mean` and `prior_variance` are what the effect model believed, before the first exposure, of the log
    ratio of the metric's rates, second arm over control; None with more than two arms or where nothing is
    believed.
    """

    id: str
    arms: tuple[Arm, ...]
    metric: GoalKind
    starts_at: datetime
    n_per_arm: int
    minimum_effect: float
    alpha: float = 0.05
    power: float = 0.8
    salt: str = ""
    unit: Unit = "customer"
    prior_mean: float | None = None
    prior_variance: float | None = None

    def __post_init__(self) -> None:
        total = sum(arm.share for arm in self.arms)
        if len(self.arms) < 2 or abs(total - 1.0) > 1e-9 or sum(a.is_control for a in self.arms) != 1:
            raise UsageError(
                "an experiment has at least two arms, shares that sum to 1 and exactly one control",
                argument="arms",
                value=[(a.content_id, a.share, a.is_control) for a in self.arms],
            )
