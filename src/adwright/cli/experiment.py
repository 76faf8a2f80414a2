"""`adwright experiment`: plan a test, start it, see how far it is, assign its arms, analyse its result."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import typer

from adwright.cli.experiment_analyse import HtmlOption, analyse_test
from adwright.cli.experiment_ope import ope
from adwright.cli.experiment_run import start, status
from adwright.cli.experiment_uplift import uplift
from adwright.cli.json_input import read_object, read_text
from adwright.cli.output import JsonOption, emit, write_csv, write_page
from adwright.errors import DataError, UsageError
from adwright.experiment import Namespace, Plan, minimum_effect, plan_means, plan_proportions
from adwright.experiment.definition import experiment_from_mapping
from adwright.experiment.design import Design
from adwright.experiment.enrol import Enrolment, Holdout, enrol, exposure_log

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Plan a test, start it, assign its arms, analyse its result.",
)
app.command("analyse")(analyse_test)
app.command("start")(start)
app.command("status")(status)
app.command("ope")(ope)
app.command("uplift")(uplift)

_USUAL_LOOKS = 20
"""Of a test that is looked at on the way, where nobody says how often: three weeks of days."""


@app.command()
def plan(
    *,
    baseline: Annotated[
        float, typer.Option("--baseline", help="Rate of the control, or with --sd its mean in minor units.")
    ],
    effect: Annotated[
        float | None, typer.Option("--effect", help="Smallest relative effect worth finding, 0.1 for +10 %.")
    ] = None,
    exposures: Annotated[
        float | None,
        typer.Option("--exposures", help="Instead: exposures of all arms; says what effect they find."),
    ] = None,
    arms: Annotated[int, typer.Option("--arms", help="Arms with the control.")] = 2,
    daily_traffic: Annotated[
        float | None, typer.Option("--daily-traffic", help="Exposures a day, all arms together.")
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="Take the daily traffic from this shop.", file_okay=False),
    ] = None,
    share: Annotated[
        list[float] | None, typer.Option("--share", help="Share of an arm, once an arm, the control first.")
    ] = None,
    sd: Annotated[
        float | None, typer.Option("--sd", help="Standard deviation of the value of one exposure.")
    ] = None,
    kind: Annotated[
        Literal["mean", "ratio", "quantile"], typer.Option("--kind", help="What --sd belongs to.")
    ] = "mean",
    alpha: Annotated[float, typer.Option("--alpha", help="Two-sided level of the whole test.")] = 0.05,
    power: Annotated[float, typer.Option("--power", help="Probability of finding the effect.")] = 0.8,
    design: Annotated[
        Literal["auto", "fixed", "group_sequential", "anytime"],
        typer.Option("--design", help="How it is read; auto: group_sequential with --looks above 1."),
    ] = "auto",
    looks: Annotated[
        int | None,
        typer.Option(
            "--looks",
            help="Looks until the planned size: 1, or 20 where the design allows more.",
            min=1,
            max=400,
        ),
    ] = None,
    explained: Annotated[
        float, typer.Option("--explained", help="Share of the variance that earlier behaviour explains.")
    ] = 0.0,
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Of the page.")] = "en",
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many exposures, and days, a test takes; or what effect so many exposures find."""
    if (effect is None) == (exposures is None):
        raise UsageError("give one of the two", argument="--effect, --exposures", value=(effect, exposures))
    chosen: Design = design if design != "auto" else "group_sequential" if (looks or 1) > 1 else "fixed"
    common: dict[str, Any] = {
        "alpha": alpha,
        "power": power,
        "n_arms": arms,
        "shares": share or None,
        "design": chosen,
        "n_looks": looks or (1 if chosen == "fixed" else _USUAL_LOOKS),
        "explained": explained,
    }
    if exposures is not None:
        effect = minimum_effect(baseline, exposures, sd=sd, **common)
    assert effect is not None
    common["daily_exposures"] = _traffic(workspace) if workspace is not None else daily_traffic
    if sd is None:
        made = plan_proportions(baseline, effect, **common)
    else:
        made = plan_means(baseline, effect, sd=sd, kind=kind, **common)
    result = _plan_result(made)
    if html is not None:
        from adwright.pipeline.trial_pages import plan_page

        write_page(html, plan_page(made, language, at=datetime.now(UTC)))
        result["html"] = str(html)
    emit(result, _plan_lines(made), as_json=as_json)


@app.command("assign")
def assign_units(
    *,
    experiment: Annotated[str, typer.Option("--experiment", help="JSON file of the experiment.")],
    ids: Annotated[str, typer.Option("--ids", help="File of raw ids, one a line, or - for standard input.")],
    coverage: Annotated[float, typer.Option("--coverage", help="Share of the units that take part.")] = 1.0,
    holdout: Annotated[
        float, typer.Option("--holdout", help="Share of all units that no experiment reaches.")
    ] = 0.0,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", help="ID:START:END, for experiments that must not overlap."),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            "--log", help="CSV to which exposures are added, with their propensity.", dir_okay=False
        ),
    ] = None,
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Of the page.")] = "en",
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which arm each unit sees: by the hash of GrowthBook's SDKs, version 2. Arms in the log are kept."""
    test = experiment_from_mapping(read_object(experiment))
    units = [line for line in read_text(ids).splitlines() if line]
    rules = Enrolment(
        coverage=coverage,
        namespace=None if namespace is None else _namespace(namespace),
        holdout=Holdout(share=holdout) if holdout else None,
    )
    known = _read_log(log)
    kept = dict(known.filter(pl.col("experiment_id") == test.id).select("unit_id", "content_id").iter_rows())
    enrolled = enrol(units, test, rules=rules, kept=kept)
    if log is not None:
        exposures = exposure_log(enrolled, test, at=datetime.now(UTC))
        rows = pl.concat([known, exposures.select(pl.all().cast(pl.String))], how="vertical")
        write_csv(log, rows.unique("exposure_id", maintain_order=True))
    counts = Counter(enrolled["content_id"].to_list())
    result = {
        "experiment_id": test.id,
        "counts": {arm.content_id: counts[arm.content_id] for arm in test.arms},
        "n_not_in_test": counts[None],
        "assignments": enrolled.to_dicts(),
    }
    if html is not None:
        from adwright.pipeline.trial_pages import assign_page

        write_page(html, assign_page(test, enrolled, language, at=datetime.now(UTC)))
        result["html"] = str(html)
    shown = enrolled.select("unit_id", "content_id", "bucket")
    lines = [f"{unit}\t{content or '-'}\t{bucket:.4f}" for unit, content, bucket in shown.iter_rows()]
    emit(result, "\n".join(lines) or "No ids.", as_json=as_json)


def _traffic(folder: Path) -> float:
    from adwright.pipeline.trials import daily_exposures
    from adwright.workspace import Workspace

    with Workspace.open(folder) as shop:
        return daily_exposures(shop)


_LOG = ("exposure_id", "experiment_id", "unit", "unit_id", "content_id", "propensity", "bucket", "at")


def _read_log(path: Path | None) -> pl.DataFrame:
    """The exposures logged so far, all as text; an absent file is an empty log."""
    if path is None or not path.exists():
        return pl.DataFrame(schema=dict.fromkeys(_LOG, pl.String))
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(f"cannot read the log: {error}", argument="log", value=str(path)) from error
    if tuple(frame.columns) != _LOG:
        raise DataError(
            "not a log of exposures", argument="log", value=frame.columns, allowed=", ".join(_LOG)
        )
    return frame


def _namespace(text: str) -> Namespace:
    name, _, span = text.partition(":")
    start, _, end = span.partition(":")
    try:
        return Namespace(id=name, start=float(start), end=float(end))
    except ValueError as error:
        raise DataError(
            "not a namespace", argument="namespace", value=text, allowed="ID:START:END"
        ) from error


def _plan_result(made: Plan) -> dict[str, Any]:
    names = (
        "kind",
        "n_by_arm",
        "n_per_arm",
        "n_total",
        "days",
        "weeks",
        "baseline",
        "minimum_effect_relative",
        "alpha",
        "alpha_each",
        "power",
        "daily_exposures",
        "design",
        "n_looks",
        "inflation",
        "mean_n_total",
        "explained",
    )
    return {name: getattr(made, name) for name in names}


def _plan_lines(made: Plan) -> str:
    sizes = " + ".join(f"{n:,}" for n in made.n_by_arm)
    lines = [
        f"{made.n_total:,} exposures ({sizes}, the control first)",
        f"find an effect of {made.minimum_effect_relative:+.1%} with probability {made.power:.0%}, "
        f"at a level of {made.alpha_each:.3g} a comparison.",
    ]
    if made.days is not None:
        lines.append(f"That takes {made.days} days; plan {made.weeks} whole weeks, since weekdays differ.")
    if made.design == "fixed":
        lines.append("Read the result once, when every arm has its exposures.")
    else:
        when = (
            f"at any time (sized for {made.n_looks} looks)"
            if made.design == "anytime"
            else f"{made.n_looks} times on the way"
        )
        lines.append(
            f"It may be looked at {when}, which costs {made.inflation - 1:.1%} more; "
            f"if the effect is there, it ends after {made.mean_n_total or 0:,.0f} exposures on average."
        )
    return "\n".join(lines)
