"""`adwright demo`: everything, on a simulated shop, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, emit, progress
from adwright.cli.run import checked_language, status_counts

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Where; an earlier demo there is replaced.")] = Path(
        "demo"
    ),
    language: Annotated[str, typer.Option("--language", help="zh or en: shop, contents and report.")] = "en",
    kind: Annotated[
        str, typer.Option("--world", help="ordinary, null (text has no effect) or bait (clickbait costs).")
    ] = "ordinary",
    seed: Annotated[int, typer.Option("--seed", help="Of the world.")] = 7,
    as_json: JsonOption = False,
) -> None:
    """The whole main job on a simulated shop and bundled models: no network, no key, no GPU."""
    from adwright.demo.show import DEMO_DAY, DemoConfig, run_demo

    config = DemoConfig(language=checked_language(language), kind=kind, seed=seed)
    result = run_demo(out, now=DEMO_DAY, progress=progress, config=config)
    gain = result.figures.achieved_share
    summary = {
        "report": result.report,
        "figures": result.figures_file,
        "contents": status_counts(result.figures.contents),
        "tests": {t.experiment_id: t.decision for t in result.figures.tests},
        "achieved_share": gain,
        "seconds": round(result.seconds, 1),
    }
    share = "" if gain is None else f", {gain.mean:.0%} of the achievable gain"
    lines = (
        f"{len(result.figures.contents)} contents, {len(result.figures.tests)} tests{share}, "
        f"{result.seconds:.0f} s\nreport: {result.report}\nfigures: {result.figures_file}"
    )
    emit(summary, lines, as_json=as_json)
