"""`adwright experiment analyse`: a test from totals, from summary statistics, or from a table of units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
import typer

from adwright.cli.json_input import read_object, read_rows
from adwright.cli.output import JsonOption, emit, write_page
from adwright.config import build
from adwright.errors import DataError
from adwright.experiment import Analysis, analyse
from adwright.experiment.definition import experiment_from_mapping
from adwright.experiment.design import Design
from adwright.experiment.findings import DataFinding, blocking, check_exposures, check_totals
from adwright.experiment.inference import NormalPrior
from adwright.experiment.metrics import MetricSpec
from adwright.experiment.scorecard import Scorecard, analyse_metrics
from adwright.experiment.totals import COUNTS, VALUES
from adwright.experiment.totals_looks import metrics_of_totals, summaries_of_totals
from adwright.experiment.unit_table import UnitColumn, summarise_units
from adwright.schema import Experiment, Language

_TEXT = {"content_id", "at", "channel", "cohort_id", "currency"}
_OF_ONE_ARM: Mapping[Language, str] = {
    "en": "Each arm by itself: exposures, rate, and its {level} range for one look at the end.",
    "zh": "各组单独来看：曝光、比率，及只在结束时看一次的 {level} 区间。",
}
DesignName = Literal["auto", "group_sequential", "anytime", "fixed"]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Write a page with pictures here, too.", dir_okay=False)
]


def analyse_test(
    file: Annotated[str, typer.Argument(help="JSON file, or - for standard input.")],
    design: Annotated[
        DesignName,
        typer.Option(
            "--design",
            help="How it is looked at; auto: group_sequential, or anytime where n_per_arm is 0.",
        ),
    ] = "auto",
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Of the words.")] = "en",
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a test says: ship, stop, go on or invalid, with the reasons.

    The file holds {"experiment": {"id", "arms": [{"content_id", "share", "is_control"}], "metric":
    "click" | "conversion" | "revenue" | "margin", "n_per_arm", "alpha"}} and one of:

    "totals": [{"content_id", "n_exposures", "n_clicks", "n_conversions", "value_minor", "value_squares",
    "n_units", "at", "currency"}]: one row an arm, or an arm and day (with "at"; each day then counts as a look).
    value_squares is the sum over exposures of the squared value.

    "metrics": [{"name", "kind", "role": "deciding" | "guardrail" | "secondary", "lower_is_better", "margin",
    "prior"}] with "summaries": [{"metric", "arm", "segment", "look", ...}]: kind is proportion (n, successes), mean
    (n, total, squares), ratio, adjusted, quantile or clustered_quantile; looks are cumulative.

    "metrics" with "table": a CSV or Parquet file with one row a unit, "arm": its column, "unit": the column of the
    unit's id, "segments": columns; each metric then names its "column" ("denominator", "covariates", "cap", "level").

    With "exposures", a CSV of the log that `assign` writes, its faults are named, too.
    """
    document = read_object(file)
    if not isinstance(document.get("experiment"), dict):
        raise DataError(
            "no experiment",
            argument="experiment",
            value=document.get("experiment"),
            allowed='{"id": "t", "arms": [{"content_id": "a", "share": 0.5, "is_control": true}, '
            '{"content_id": "b", "share": 0.5}]}',
            hint="adwright experiment analyse --help says what the file holds beside it",
        )
    test = experiment_from_mapping(document["experiment"])
    chosen: Design | None = None if design == "auto" else design
    logged = _logged(document, test, _folder(file))
    if "metrics" in document:
        card, metrics = _scorecard(document, test, chosen, folder=_folder(file), logged=logged)
        result, lines = scorecard_result(card, metrics), scorecard_lines(card, language)
    else:
        card, metrics, result, lines = _of_totals(document, test, chosen, language, logged)
    if html is not None:
        from adwright.pipeline.trial_pages import scorecard_page

        write_page(html, scorecard_page(card, metrics, language, at=datetime.now(UTC)))
        result["html"] = str(html)
    emit(result, lines, as_json=as_json)


def _scorecard(
    document: Mapping[str, Any],
    test: Experiment,
    design: Design | None,
    *,
    folder: Path,
    logged: Sequence[DataFinding],
) -> tuple[Scorecard, Sequence[MetricSpec]]:
    given = read_rows(dict(document), "metrics")
    if "table" in document:
        units = _table(folder / str(document["table"]))
        made = summarise_units(
            test,
            units,
            [_unit_column(row, i) for i, row in enumerate(given)],
            arm=str(document.get("arm", "arm")),
            unit=document.get("unit"),
            segments=tuple(document.get("segments") or ()),
            rng=np.random.default_rng(int(document.get("seed", 0))),
        )
        findings = (*logged, *made.findings)
        return analyse_metrics(
            test, made.metrics, made.summaries, design=design, findings=findings
        ), made.metrics
    metrics = [_metric(row, i) for i, row in enumerate(given)]
    rows = read_rows(dict(document), "summaries")
    for row in rows:
        for name, value in row.items():
            text = name in ("metric", "arm", "segment")
            if value is not None and (isinstance(value, str) is not text or isinstance(value, bool)):
                raise DataError("not a text" if text else "not a number", argument=name, value=value)
    frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
    return analyse_metrics(test, metrics, frame, design=design, findings=logged), metrics


def _of_totals(
    document: Mapping[str, Any],
    test: Experiment,
    design: Design | None,
    language: Language,
    logged: Sequence[DataFinding],
) -> tuple[Scorecard, Sequence[MetricSpec], dict[str, Any], str]:
    """Both readings of totals: the one at the planned size, and the one that may be looked at, which decides."""
    totals = _totals(read_rows(dict(document), "totals"))
    findings = (*logged, *check_totals(test, totals))
    metrics = metrics_of_totals(test, totals)
    if blocking(findings):
        card = analyse_metrics(test, metrics, summaries_of_totals(test, totals), findings=findings)
        return card, metrics, scorecard_result(card, metrics), scorecard_lines(card, language)
    fixed = analyse(test, totals)
    looks = summaries_of_totals(test, totals)
    card = analyse_metrics(
        test,
        metrics,
        looks,
        design=design,
        findings=findings,
        dispersion=fixed.dispersion,
        assigned=fixed.sample_ratio.counts,
    )
    result = _analysis_result(fixed) | {"design": card.design, "findings": _findings(findings)}
    reasons: Mapping[Language, Sequence[str]] = fixed.reasons
    if card.design != "fixed":
        reasons = card.verdict.reasons
        result |= {
            "decision": card.verdict.decision,
            "winner": card.verdict.winner,
            "reasons": reasons,
            "looks": [_look_result(r) for r in card.results],
        }
    return card, metrics, result, _analysis_lines(fixed, reasons[language], language, level=1.0 - test.alpha)


def _logged(document: Mapping[str, Any], test: Experiment, folder: Path) -> tuple[DataFinding, ...]:
    """The faults of the log of exposures that the document names."""
    if "exposures" not in document:
        return ()
    frame = _table(folder / str(document["exposures"]))
    for name in ("unit_id", "content_id", "at"):
        if name not in frame.columns:
            raise DataError("a column is absent", argument="exposures", value=name)
    frame = frame.with_columns(pl.col("unit_id", "content_id").cast(pl.String))
    if frame["at"].dtype == pl.String:
        try:
            frame = frame.with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))
        except pl.exceptions.PolarsError as error:
            first = frame["at"].drop_nulls().to_list()[:1]
            raise DataError("not a time", argument="at", value=first, allowed="ISO 8601") from error
    return check_exposures(test, frame, now=datetime.now(UTC))


def _folder(source: str) -> Path:
    return Path.cwd() if source == "-" else Path(source).resolve().parent


def _table(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema_length=10_000)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(f"cannot read the table: {error}", argument="table", value=str(path)) from error


_UNIT_KEYS = ("column", "denominator", "covariates", "cap", "level")


def _metric(row: Mapping[str, Any], i: int) -> MetricSpec:
    values = dict(row)
    if isinstance(values.get("prior"), dict):
        values["prior"] = build(NormalPrior, values["prior"], where=f"metrics[{i}].prior")
    for key in ("name", "kind"):
        if not isinstance(values.get(key), str):
            raise DataError(
                "a metric needs a name and a kind", argument=f"metrics[{i}].{key}", value=values.get(key)
            )
    allowed = MetricSpec.__dataclass_fields__
    unknown = sorted(set(values) - set(allowed))
    if unknown:
        raise DataError(
            "an unknown key", argument=f"metrics[{i}]", value=unknown[0], allowed=", ".join(allowed)
        )
    try:
        return MetricSpec(**values)
    except TypeError as error:
        raise DataError(f"not a metric: {error}", argument=f"metrics[{i}]", value=row) from error


def _unit_column(row: Mapping[str, Any], i: int) -> UnitColumn:
    spec = _metric({k: v for k, v in row.items() if k not in _UNIT_KEYS}, i)
    more = {k: row[k] for k in _UNIT_KEYS if k in row}
    more["covariates"] = tuple(more.get("covariates") or ())
    return UnitColumn(spec=spec, **({"column": spec.name} | more))


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


def scorecard_result(card: Scorecard, metrics: Sequence[MetricSpec]) -> dict[str, Any]:
    """The scorecard as JSON holds it."""
    return {
        "experiment_id": card.experiment.id,
        "design": card.design,
        "decision": card.verdict.decision,
        "winner": card.verdict.winner,
        "standing": card.verdict.standing,
        "reasons": card.verdict.reasons,
        "n_planned": card.experiment.n_per_arm,
        "n_reached": card.n_reached,
        "share_done": card.share_done,
        "findings": _findings(card.findings),
        "sample_ratio": card.sample_ratio,
        "sample_ratio_p": card.sample_ratio_p,
        "dimensions": [
            {"dimension": d.dimension, "value": d.value, "p_adjusted": d.p_adjusted, "broken": d.broken}
            for d in card.dimensions
        ],
        "metrics": [{"name": m.name, "kind": m.kind, "role": m.role} for m in metrics],
        "results": [_look_result(r) for r in card.results],
        "segments": [
            {"metric": metric, "arm": arm, "dimension": dimension, "segments": names, "effects": effects}
            for (metric, arm, dimension), (names, effects) in card.segments.items()
        ],
    }


def scorecard_lines(card: Scorecard, language: Language) -> str:
    """The scorecard in words."""
    lines = [*card.verdict.reasons[language], ""]
    for r in card.results:
        effect = f"{r.relative[0]:+.2%} [{r.relative[1]:+.2%}, {r.relative[2]:+.2%}]"
        lines.append(
            f"{r.metric:<20} {r.arm:<20} {r.control_mean:>12.5g} {r.mean:>12.5g}  {effect}  p {r.p:.3g}"
        )
    return "\n".join(lines)


def _look_result(result: Any) -> dict[str, Any]:
    names = ("metric", "arm", "control_mean", "mean", "absolute", "relative", "level", "p", "p_adjusted")
    return {name: getattr(result, name) for name in names} | {
        "path": result.path,
        "posterior": result.posterior,
    }


def _findings(findings: Sequence[DataFinding]) -> list[dict[str, Any]]:
    return [
        {
            "name": f.name,
            "severity": f.severity,
            "n": f.n,
            "example": f.example,
            "message": {language: f.message(language) for language in ("zh", "en")},
        }
        for f in findings
    ]


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


def _analysis_lines(result: Analysis, reasons: Sequence[str], language: Language, *, level: float) -> str:
    lines = [*reasons, *(f"* {note}" for note in result.notes[language]), ""]
    lines.append(_OF_ONE_ARM[language].format(level=f"{level:.0%}"))
    for arm in result.arms:
        parts = [f"{arm.content_id:<24}", f"{arm.n_exposures:>12,}"]
        for estimate in (arm.click, arm.conversion):
            if estimate is not None:
                parts.append(f"{estimate.mean:.3%} [{estimate.low:.3%}, {estimate.high:.3%}]")
        lines.append("  ".join(parts))
    return "\n".join(lines)
