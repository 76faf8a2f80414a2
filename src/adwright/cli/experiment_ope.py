"""`adwright experiment ope`: what another policy would have earned on a log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from adwright.cli.experiment_tables import as_float, is_table, read_table
from adwright.cli.json_input import read_object
from adwright.cli.ope_sheet import ope_sheet
from adwright.cli.output import JsonOption, emit, write_page
from adwright.errors import DataError
from adwright.experiment.offpolicy import (
    Estimator,
    LoggedRounds,
    PolicyValue,
    evaluate_policy,
    logged_rounds,
    make_estimator,
    tune,
)
from adwright.experiment.offpolicy.registry import TUNED
from adwright.experiment.offpolicy.support import MOST_UNLOGGED
from adwright.report.sheet import render_sheet
from adwright.schema import Language

_ALIASES = {
    "pscore": "propensity",
    "eval_dist": "target",
    "behavior_dist": "behaviour",
    "position": "stratum",
}
_FIELDS = (
    "action",
    "reward",
    "propensity",
    "target",
    "q_hat",
    "behaviour",
    "actions",
    "stratum",
    "round_ids",
)


def ope(
    file: Annotated[str, typer.Argument(help="JSON of arrays (or - for standard input), CSV or Parquet.")],
    *,
    policy: Annotated[
        str | None, typer.Option("--policy", help="JSON of the judged policy; needed with a table.")
    ] = None,
    action: Annotated[str, typer.Option("--action", help="Column of the action taken.")] = "action",
    reward: Annotated[str, typer.Option("--reward", help="Column of the reward.")] = "reward",
    propensity: Annotated[
        str, typer.Option("--propensity", help="Column of the probability it was taken with.")
    ] = "propensity",
    stratum: Annotated[
        str | None,
        typer.Option("--stratum", help="Column of contexts to tell apart: a position, a placement."),
    ] = None,
    round_id: Annotated[str | None, typer.Option("--round-id", help="Column that is unique.")] = None,
    context: Annotated[
        list[str] | None, typer.Option("--context", help="Numeric columns for the outcome model.")
    ] = None,
    estimator: Annotated[
        str, typer.Option("--estimator", help="auto, or a name: dm, ips, snips, dr, sndr, switch_dr ...")
    ] = "auto",
    parameter: Annotated[
        float | None, typer.Option("--parameter", help="Its hyper-parameter; chosen on the log if absent.")
    ] = None,
    most_unlogged: Annotated[
        float, typer.Option("--most-unlogged", help="Mass on unlogged actions that still gets an estimate.")
    ] = MOST_UNLOGGED,
    allow_negative: Annotated[bool, typer.Option("--allow-negative", help="A reward may be a loss.")] = False,
    level: Annotated[float, typer.Option("--level", help="Coverage of the intervals.")] = 0.95,
    seed: Annotated[int, typer.Option("--seed", help="For folds and resamples.")] = 0,
    language: Annotated[Language, typer.Option("--language", help="Of the words: zh or en.")] = "en",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with pictures here, too.", dir_okay=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What another policy would have earned on logged decisions, or why that cannot be said.

    JSON: {"action": [0, 2, ...], "reward": [...], "propensity": [...], "target": [[...], ...]} with one row of
    probabilities a round (or one for all), and optionally "q_hat", "behaviour", "actions", "stratum",
    "round_ids". The policy of a table: {"action": probability, ...}, or {"stratum": {"action": ...}, ...}.
    """
    contexts = None
    if is_table(file):
        rounds, contexts = _of_table(file, policy, names=(action, reward, propensity, stratum, round_id),
                                     context=context or [], allow_negative=allow_negative)  # fmt: skip
    else:
        rounds = _of_json(read_object(file), allow_negative=allow_negative)
    value = evaluate_policy(
        rounds,
        rng=np.random.default_rng(seed),
        estimator=None if estimator == "auto" else _estimator(estimator, parameter, rounds),
        contexts=contexts,
        most_unlogged=most_unlogged,
        level=level,
    )
    if html is not None:
        write_page(html, render_sheet(ope_sheet(rounds, value, language), language, at=datetime.now(UTC)))
    emit(_result(value), _lines(value, language), as_json=as_json)


def _estimator(name: str, parameter: float | None, rounds: LoggedRounds) -> Estimator:
    return tune(name, rounds) if name in TUNED and parameter is None else make_estimator(name, parameter)


def _of_json(document: dict[str, Any], *, allow_negative: bool) -> LoggedRounds:
    given = {_ALIASES.get(key, key): value for key, value in document.items()}
    for name in ("action", "reward", "propensity", "target"):
        if given.get(name) is None:
            raise DataError("a field is absent", argument=name, value=None, allowed=", ".join(_FIELDS))
    try:
        arrays = {name: np.asarray(given[name]) for name in _FIELDS[:6] if given.get(name) is not None}
    except ValueError as error:
        raise DataError(f"not a rectangular array: {error}", argument="file", value=sorted(given)) from error
    for name, array in arrays.items():
        if array.dtype.kind not in "iuf":
            raise DataError("not numbers", argument=name, value=str(array.ravel()[:2].tolist()))
    return logged_rounds(
        arrays["action"],
        arrays["reward"],
        propensity=arrays["propensity"],
        target=arrays["target"],
        q_hat=arrays.get("q_hat"),
        behaviour=arrays.get("behaviour"),
        actions=given.get("actions"),
        stratum=given.get("stratum"),
        round_ids=given.get("round_ids"),
        allow_negative=allow_negative,
    )


def _of_table(
    file: str,
    policy: str | None,
    *,
    names: tuple[str, str, str, str | None, str | None],
    context: list[str],
    allow_negative: bool,
) -> tuple[LoggedRounds, Any]:
    action, reward, propensity, stratum, round_id = names
    table = read_table(file, [n for n in (*names, *context) if n is not None])
    if policy is None:
        raise DataError(
            "a table needs the judged policy", argument="--policy", value=None, allowed="a JSON file"
        )
    wanted = read_object(policy)
    taken = table[action].cast(str).to_list()
    labels = None if stratum is None else table[stratum].cast(str).to_list()
    by_stratum = all(isinstance(value, dict) for value in wanted.values())
    if by_stratum and labels is None:
        raise DataError("the policy differs by stratum", argument="--stratum", value=None, allowed="a column")
    rows: dict[str, dict[str, Any]] = wanted if by_stratum else {"": wanted}
    actions = sorted({name for row in rows.values() for name in row} | set(taken))
    column = {name: i for i, name in enumerate(actions)}
    vectors = {key: _vector(row, column) for key, row in rows.items()}
    missing = set(labels or []) - set(vectors) if by_stratum else set()
    if missing:
        raise DataError("a stratum without a policy", argument="--policy", value=min(missing))
    keys = labels if by_stratum and labels is not None else [""] * len(taken)
    rounds = logged_rounds(
        np.array([column[name] for name in taken]),
        as_float(table, reward),
        propensity=as_float(table, propensity),
        target=np.array([vectors[key] for key in keys]),
        actions=actions,
        stratum=labels,
        round_ids=None if round_id is None else table[round_id].to_list(),
        allow_negative=allow_negative,
    )
    contexts = np.column_stack([as_float(table, name) for name in context]) if context else None
    return rounds, contexts


def _vector(row: dict[str, Any], column: dict[str, int]) -> Any:
    out = np.zeros(len(column))
    for name, probability in row.items():
        if isinstance(probability, bool) or not isinstance(probability, int | float):
            raise DataError("not a probability", argument=f"policy of {name}", value=probability)
        out[column[name]] = probability
    return out


def _result(value: PolicyValue) -> dict[str, Any]:
    return {
        "estimator": value.estimator,
        "reason": value.reason,
        "value": value.value,
        "interval": value.interval,
        "interval_from": value.interval_from,
        "guaranteed": value.guaranteed,
        "logged_value": value.logged_value,
        "logged_interval": value.logged_interval,
        "difference": {"value": value.difference, "low": value.difference_low, "high": value.difference_high},
        "within_noise": value.is_within_noise,
        "diagnostics": value.diagnostics,
        "estimates": value.estimates,
    }


def _lines(value: PolicyValue, language: Language) -> str:
    sheet_lines = list(ope_sheet(None, value, language).verdict)
    for one in value.estimates:
        bounds = "" if one.interval is None else f"[{one.interval.low:.6g}, {one.interval.high:.6g}]"
        sheet_lines.append(f"  {one.name:<28}{one.value:>12.6g}  {bounds}")
    return "\n".join(sheet_lines)
