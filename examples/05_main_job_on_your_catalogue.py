"""The main job on a catalogue of your own: a workspace, two products, contents, a report. No history is needed.

python examples/05_main_job_on_your_catalogue.py
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from adwright.ingest import ingest_catalog
from adwright.pipeline import run
from adwright.pipeline.figures import run_figures
from adwright.report import render_report
from adwright.workspace import Workspace

CATALOGUE = """\
id,title,description,price,availability,quantity,brand,product_type,rating,material
m1,Enamel mug,A light mug for the garden and the tent.,12.90 USD,in_stock,40,Harbour,Kitchen > Mugs,4.6,steel
s1,Wool socks,Warm socks for long walks.,9.50 USD,in_stock,120,Harbour,Clothing > Socks,4.4,merino wool
"""


def main() -> None:
    folder = Path(mkdtemp(prefix="adwright-"))
    (folder / "catalogue.csv").write_text(CATALOGUE, encoding="utf-8")
    now = datetime.now(UTC)
    with Workspace.init(folder / "shop") as shop:
        read = ingest_catalog(shop.tables, shop.quarantine, [folder / "catalogue.csv"], now=now)
        print(f"{read.n_added} products, {read.n_quarantined} rows refused")
        result = run(shop, now=now, progress=lambda line: print(line, file=sys.stderr))
        for judged in result.judged:
            mean, low, high = judged.value
            print(f"{judged.content.text!r}\n  {mean:.3f} [{low:.3f}, {high:.3f}] {judged.gate.reason['en']}")
        figures = run_figures(result, shop, rng=np.random.default_rng(0))
        report = shop.reports / "report.html"
        report.write_text(render_report(figures, "en"), encoding="utf-8")
    print(f"report: {report}")


if __name__ == "__main__":
    main()
