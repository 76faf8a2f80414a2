"""What came of the decisions: events are attributed, summed by content and day, and kept in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args

import polars as pl

from adwright.ingest import attribute
from adwright.schema import NO_CONTENT, Attribution, Content, ContentStatus, Experiment, OutcomeTotal
from adwright.workspace import Workspace

SOURCE = "adwright"
_SUMS = ("n_exposures", "n_clicks", "n_conversions", "value_minor")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Outcomes:
    """One row a decision: the decision's own columns, cohort_id, and what became of it."""

    rows: pl.DataFrame

    def test_totals(self, experiment: Experiment) -> pl.DataFrame:
        """The test slice of one experiment by arm and day, as `experiment.analyse` takes it."""
        return _daily(self._of_test(experiment))

    def test_units(self, experiment: Experiment) -> pl.DataFrame:
        """The test slice of one experiment by unit, as `experiment.analyse` takes it; a visit is a decision."""
        unit = "customer_id" if experiment.unit == "customer" else "decision_id"
        return self._of_test(experiment).group_by("content_id", unit_id=unit).agg(*_SUMMED).sort("unit_id")

    def _of_test(self, experiment: Experiment) -> pl.DataFrame:
        rows = self.rows.filter((pl.col("slice") == "test") & (pl.col("experiment_id") == experiment.id))
        return rows.filter(pl.col("exposed") & ~pl.col("degraded"))


def collect_outcomes(workspace: Workspace, *, rule: Attribution, after: datetime | None = None) -> Outcomes:
    """Attributes the shop's events to the decisions in the ledger, and records the totals there.

    Recorded again with later events, a day's totals replace the earlier ones; nothing counts twice. Where
    only late days are wanted, the decisions before them take part in the attribution all the same, or an
    order that is owed to an old decision would count for a young one, too.

    Args:
        workspace: Decisions in its ledger, events and orders in its tables.
        rule: The windows.
        after: Only the outcomes of decisions of this UTC day and later, whole days, since a day's total
            replaces the earlier one; None for all. What comes later of earlier ones waits for a call for all.
    """
    since = None if after is None else _day_of(after)
    decisions = _decisions(workspace, rule, since)
    contents = {c.id: c for c in workspace.contents.by_status(*get_args(ContentStatus))}
    decisions = decisions.with_columns(
        _of(decisions, contents, "product_id"), _of(decisions, contents, "cohort_id")
    )
    first = decisions["at"].min()
    events = workspace.tables.scan("events")
    lines = workspace.tables.scan("order_lines")
    if first is not None:
        events, lines = events.filter(pl.col("at") >= first), lines.filter(pl.col("at") >= first)
    if since is not None:
        own = pl.col("decision_id")
        events = events.filter(own.is_null() | own.is_in(decisions["decision_id"].implode()))
    rows = attribute(decisions, events.collect(), lines.collect(), rule=rule)
    rows = rows if since is None else rows.filter(pl.col("at") >= since)
    rows = rows.with_columns((pl.col("value_minor") - pl.col("refunded_minor")).alias("net_minor"))
    shown = rows.filter((pl.col("content_id") != NO_CONTENT) & pl.col("cohort_id").is_not_null())
    totals = _daily(shown.filter(pl.col("exposed")), by=("content_id", "channel", "cohort_id"))
    workspace.ledger.record_totals(_as_totals(totals), SOURCE)
    return Outcomes(rows=rows)


_SUMMED = (
    pl.len().cast(pl.Int64).alias("n_exposures"),
    pl.col("clicked").sum().cast(pl.Int64).alias("n_clicks"),
    # an order without a click is owed to a view; per click there is at most one conversion
    (pl.col("converted") & pl.col("clicked")).sum().cast(pl.Int64).alias("n_conversions"),
    pl.col("net_minor").sum().cast(pl.Int64).alias("value_minor"),
    pl.col("net_minor").cast(pl.Float64).pow(2).sum().alias("value_squares"),
)


def _daily(rows: pl.DataFrame, *, by: tuple[str, ...] = ("content_id",)) -> pl.DataFrame:
    """Sums by content and day; times are the start of the UTC day."""
    return (
        rows.group_by(*by, pl.col("at").dt.truncate("1d"))
        .agg(*_SUMMED, pl.col("currency").drop_nulls().first().alias("currency"))
        .sort("at", *by)
    )


def _decisions(workspace: Workspace, rule: Attribution, since: datetime | None) -> pl.DataFrame:
    """The ledger's decisions; from some day on, with all before it whose outcomes can still be mistaken.

    An event without a decision id finds its decision by windows: a touch a decision, an order a touch.
    """
    start = since
    if since is not None:
        later = workspace.tables.scan("events").filter(pl.col("at") >= since, pl.col("decision_id").is_null())
        by_window = later.head(1).collect().height > 0
        reach = timedelta(hours=2 * max(rule.click_window_h, rule.view_window_h) if by_window else 0)
        start = since - reach - timedelta(microseconds=1)
    return workspace.ledger.decisions(start).rename({"id": "decision_id"})


def _day_of(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _as_totals(frame: pl.DataFrame) -> list[OutcomeTotal]:
    names = ("content_id", "at", "channel", "cohort_id", *_SUMS, "currency")
    return [OutcomeTotal(**row) for row in frame.select(names).to_dicts()]


def _of(decisions: pl.DataFrame, contents: dict[str, Content], name: str) -> pl.Series:
    def find(content_id: str) -> str | None:
        content = contents.get(content_id)
        if content is None:
            return None
        return content.cohort_id if name == "cohort_id" else content.product_ids[0]

    known = {i: find(i) for i in decisions["content_id"].unique().to_list()}
    return pl.Series(name, [known[i] for i in decisions["content_id"].to_list()], dtype=pl.String)
