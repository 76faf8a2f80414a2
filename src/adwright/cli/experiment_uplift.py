"""`adwright experiment uplift`: whom a treatment helps, and what it earns to send it to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer

from adwright.cli.experiment_tables import as_float, is_table, read_table
from adwright.cli.output import JsonOption, emit, write_csv, write_page
from adwright.cli.uplift_sheet import uplift_sheet
from adwright.errors import DataError, unknown_name
from adwright.experiment.uplift import LEARNERS, Trial, UpliftAnalysis, analyse_uplift, randomised_trial
from adwright.report.sheet import render_sheet
from adwright.schema import F64, Language

_MOST_CATEGORIES = 200


def uplift(
    file: Annotated[str, typer.Argument(help="CSV or Parquet, one row a customer.")],
    *,
    treatment: Annotated[str, typer.Option("--treatment", help="Column of the arm.")],
    control: Annotated[str, typer.Option("--control", help="The control's value in it.")],
    outcome: Annotated[str, typer.Option("--outcome", help="Column of conversion (0, 1) or spend.")],
    feature: Annotated[
        list[str], typer.Option("--feature", help="Columns known before the assignment; once a column.")
    ],
    value: Annotated[
        float, typer.Option("--value", help="Worth of one unit of the outcome: the margin of an order.")
    ] = 1.0,
    cost: Annotated[
        float, typer.Option("--cost", help="Of sending to one customer, in the same unit.")
    ] = 0.0,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Column of ids, to find doubles.")
    ] = None,
    learner: Annotated[
        list[str] | None, typer.Option("--learner", help="S, T, X, DR: which to choose from; all by default.")
    ] = None,
    folds: Annotated[int, typer.Option("--folds", help="Folds of the cross-fitting.", min=2)] = 4,
    allow_negative: Annotated[
        bool, typer.Option("--allow-negative", help="An outcome may be a loss.")
    ] = False,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="Write each row's predicted effects to this CSV.")
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Coverage of the intervals.")] = 0.95,
    seed: Annotated[int, typer.Option("--seed", help="For folds and fits.")] = 0,
    language: Annotated[Language, typer.Option("--language", help="Of the words: zh or en.")] = "en",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with pictures here, too.", dir_okay=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Whom a treatment helps, from a randomised trial: effects, Qini, whom to send it to, and what that earns.

    Name only features that were known before the assignment: whatever came after it (a visit, a click) would
    leak the outcome. Texts become categories.
    """
    if not is_table(file):
        raise DataError("not a table", argument="file", value=file, allowed=".csv, .parquet")
    names = [treatment, outcome, *feature, *([customer] if customer else [])]
    table = read_table(file, names)
    trial = _trial(table, treatment=treatment, control=control, outcome=outcome, feature=feature,
                   customer=customer, allow_negative=allow_negative)  # fmt: skip
    result = analyse_uplift(
        trial,
        rng=np.random.default_rng(seed),
        value=value,
        cost=cost,
        learners=learner or tuple(LEARNERS),
        n_folds=folds,
        level=level,
    )
    if scores is not None:
        columns = {f"effect of {arm}": result.fit.predicted[:, i] for i, arm in enumerate(trial.arms[1:])}
        write_csv(scores, pl.DataFrame(columns))
    sheet = uplift_sheet(trial, result, language)
    if html is not None:
        write_page(html, render_sheet(sheet, language, at=datetime.now(UTC)))
    emit(_result(result), "\n".join(sheet.verdict), as_json=as_json)


def _trial(
    table: pl.DataFrame,
    *,
    treatment: str,
    control: str,
    outcome: str,
    feature: Sequence[str],
    customer: str | None,
    allow_negative: bool,
) -> Trial:
    for name in feature:
        if name in (treatment, outcome):
            raise DataError("not a feature: it is what is to be explained", argument="--feature", value=name)
    arm = table[treatment].cast(pl.String)
    if arm.null_count():
        raise DataError("a customer without an arm", argument=treatment, value=None)
    seen = sorted(arm.unique().to_list())
    if control not in seen:
        raise unknown_name("control", control, seen)
    arms = [control, *(name for name in seen if name != control)]
    index = {name: i for i, name in enumerate(arms)}
    columns, categorical = [], []
    for i, name in enumerate(feature):
        values, is_code = _feature(table, name)
        columns.append(values)
        categorical += [i] if is_code else []
    return randomised_trial(
        np.column_stack(columns),
        arm=np.array([index[name] for name in arm.to_list()]),
        outcome=as_float(table, outcome),
        arms=arms,
        categorical=categorical,
        unit_ids=None if customer is None else table[customer].to_list(),
        allow_negative=allow_negative,
    )


def _feature(table: pl.DataFrame, name: str) -> tuple[F64, bool]:
    """The column as numbers, and whether they are codes."""
    column = table[name]
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return as_float(table, name), False
    values = column.cast(pl.String)
    known = values.drop_nulls().unique().sort().to_list()
    if len(known) > _MOST_CATEGORIES:
        raise DataError("too many different texts for a category", argument=name, value=len(known),
                        allowed=f"<= {_MOST_CATEGORIES}")  # fmt: skip
    code = {text: float(i) for i, text in enumerate(known)}
    return np.array([code.get(text, float("nan")) for text in values.to_list()]), True


def _result(result: UpliftAnalysis) -> dict[str, Any]:
    return {
        "learner": result.fit.learner,
        "reason": result.fit.reason,
        "believed": result.fit.slope,
        "losses": result.fit.losses,
        "n_by_arm": result.n_by_arm,
        "means": result.means,
        "curves": result.curves,
        "earning": result.earning,
        "within_noise": result.earning.is_within_noise,
        "findings": result.findings,
    }
