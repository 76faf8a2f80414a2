"""`adwright experiment`: plan a test, assign its arms, analyse its result."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import polars as pl
import typer

from adwright.cli.experiment_ope import ope
from adwright.cli.experiment_uplift import uplift
from adwright.cli.json_input import read_object, read_rows, read_text
from adwright.cli.output import JsonOption, emit
from adwright.errors import DataError
from adwright.experiment import Analysis, Plan, analyse, assign, plan_means, plan_proportions
from adwright.experiment.definition import experiment_from_mapping
from adwright.experiment.totals import COUNTS, VALUES
from adwright.schema import Language

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Plan a test, assign its arms, analyse its result."
)
app.command("ope")(ope)
app.command("uplift")(uplift)

_TEXT = {"content_id", "at", "channel", "cohort_id", "currency"}


@app.command()
def plan(
    *,
    baseline: Annotated[
        float, typer.Option("--baseline", help="Rate of the control, or with --sd its mean in minor units.")
    ],
    effect: Annotated[
        float, typer.Option("--effect", help="Smallest relative effect worth finding, 0.1 for +10 %.")
    ],
    arms: Annotated[int, typer.Option("--arms", help="Arms with the control.")] = 2,
    daily_traffic: Annotated[
        float | None, typer.Option("--daily-traffic", help="Exposures a day, all arms together.")
    ] = None,
    share: Annotated[
        list[float] | None, typer.Option("--share", help="Share of an arm, once an arm, the control first.")
    ] = None,
    sd: Annotated[
        float | None, typer.Option("--sd", help="Standard deviation of the value of one exposure.")
    ] = None,
    alpha: Annotated[float, typer.Option("--alpha", help="Two-sided level of the whole test.")] = 0.05,
    power: Annotated[float, typer.Option("--power", help="Probability of finding the effect.")] = 0.8,
    as_json: JsonOption = False,
) -> None:
    """How many exposures, and days, a test takes."""
    if sd is None:
        made = plan_proportions(
            baseline,
            effect,
            alpha=alpha,
            power=power,
            n_arms=arms,
            shares=share or None,
            daily_exposures=daily_traffic,
        )
    else:
        made = plan_means(
            baseline,
            effect,
            sd=sd,
            alpha=alpha,
            power=power,
            n_arms=arms,
            shares=share or None,
            daily_exposures=daily_traffic,
        )
    emit(_plan_result(made), _plan_lines(made), as_json=as_json)


@app.command("assign")
def assign_units(
    *,
    experiment: Annotated[str, typer.Option("--experiment", help="JSON file of the experiment.")],
    ids: Annotated[str, typer.Option("--ids", help="File of raw ids, one a line, or - for standard input.")],
    coverage: Annotated[float, typer.Option("--coverage", help="Share of the units that take part.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Which arm each unit sees: by the hash of GrowthBook's SDKs, version 2."""
    test = experiment_from_mapping(read_object(experiment))
    units = [line for line in read_text(ids).splitlines() if line]
    assigned = assign(units, test, coverage=coverage)
    counts = Counter(assigned["content_id"].to_list())
    result = {
        "experiment_id": test.id,
        "counts": {arm.content_id: counts[arm.content_id] for arm in test.arms},
        "n_not_in_test": counts[None],
        "assignments": assigned.to_dicts(),
    }
    lines = [f"{unit}\t{content or '-'}\t{bucket:.4f}" for unit, bucket, content in assigned.iter_rows()]
    emit(result, "\n".join(lines) or "No ids.", as_json=as_json)


@app.command("analyse")
def analyse_test(
    file: Annotated[str, typer.Argument(help="JSON file of summary statistics, or - for standard input.")],
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Of the words.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """What a test says, from summary statistics.

    The file holds {"experiment": {"id", "arms": [{"content_id", "share", "is_control"}], "metric":
    "click" | "conversion" | "revenue" | "margin", "n_per_arm", "alpha"}, "totals": [{"content_id",
    "n_exposures", "n_clicks", "n_conversions", "value_minor", "value_squares", "n_units", "at",
    "currency"}]}: one row an arm, or an arm and day (with "at"). value_squares is the sum over exposures of
    the squared value.
    """
    document = read_object(file)
    if not isinstance(document.get("experiment"), dict):
        raise DataError("no experiment", argument="experiment", value=document.get("experiment"))
    test = experiment_from_mapping(document["experiment"])
    result = analyse(test, _totals(read_rows(document, "totals")))
    emit(_analysis_result(result), _analysis_lines(result, language), as_json=as_json)


def _totals(rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = [name for name in (*_TEXT, *COUNTS, *VALUES) if any(name in row for row in rows)]
    unknown = {name for row in rows for name in row} - _TEXT - {*COUNTS, *VALUES}
    if unknown:
        allowed = ", ".join(sorted({*_TEXT, *COUNTS, *VALUES}))
        raise DataError("an unknown column", argument="totals", value=min(unknown), allowed=allowed)
    for name in (n for n in columns if n not in _TEXT):
        for row in rows:
            if isinstance(row.get(name), bool) or not isinstance(row.get(name), int | float | None):
                raise DataError("not a number", argument=name, value=row[name])
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns},
        schema={name: pl.String if name in _TEXT else pl.Float64 for name in columns},
        strict=False,
    )
    if "at" not in columns:
        return frame
    try:
        return frame.with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))
    except pl.exceptions.PolarsError as error:
        first = frame["at"].drop_nulls().to_list()[:1]
        raise DataError("not a time", argument="at", value=first, allowed="ISO 8601") from error


def _plan_result(made: Plan) -> dict[str, Any]:
    return {
        "kind": made.kind,
        "n_by_arm": made.n_by_arm,
        "n_per_arm": made.n_per_arm,
        "n_total": made.n_total,
        "days": made.days,
        "weeks": made.weeks,
        "baseline": made.baseline,
        "minimum_effect_relative": made.minimum_effect_relative,
        "alpha": made.alpha,
        "alpha_each": made.alpha_each,
        "power": made.power,
        "daily_exposures": made.daily_exposures,
    }


def _plan_lines(made: Plan) -> str:
    sizes = " + ".join(f"{n:,}" for n in made.n_by_arm)
    lines = [
        f"{made.n_total:,} exposures ({sizes}, the control first)",
        f"find an effect of {made.minimum_effect_relative:+.1%} with probability {made.power:.0%}, "
        f"at a level of {made.alpha_each:.3g} a comparison.",
    ]
    if made.days is not None:
        lines.append(f"That takes {made.days} days; plan {made.weeks} whole weeks, since weekdays differ.")
    lines.append("Read the result once, when every arm has its exposures.")
    return "\n".join(lines)


def _analysis_result(result: Analysis) -> dict[str, Any]:
    return {
        "experiment_id": result.experiment_id,
        "metric": result.metric,
        "decision": result.decision,
        "winner": result.winner,
        "n_planned": result.n_planned,
        "n_reached": result.n_reached,
        "reasons": result.reasons,
        "notes": result.notes,
        "sample_ratio": result.sample_ratio,
        "arms": result.arms,
        "differences": result.differences,
        "dispersion": result.dispersion,
    }


def _analysis_lines(result: Analysis, language: Language) -> str:
    lines = [*result.reasons[language], *(f"* {note}" for note in result.notes[language]), ""]
    for arm in result.arms:
        parts = [f"{arm.content_id:<24}", f"{arm.n_exposures:>12,}"]
        for estimate in (arm.click, arm.conversion):
            if estimate is not None:
                parts.append(f"{estimate.mean:.3%} [{estimate.low:.3%}, {estimate.high:.3%}]")
        lines.append("  ".join(parts))
    return "\n".join(lines)
