from __future__ import annotations

from datetime import UTC, datetime

from adwright.report.plot import Plot, plain_layout
from adwright.report.sheet import Sheet, SheetSection, SheetTable, render_sheet

AT = datetime(2026, 1, 1, tzinfo=UTC)


def sheet(text: str) -> Sheet:
    plot = Plot(
        id="plot-x",
        title=text,
        alt=text,
        data=[{"type": "scatter", "x": [1], "y": [1], "name": text}],
        layout=plain_layout(height=200, legend=False),
        head=("a", "b"),
        rows=((text, "1"),),
    )
    table = SheetTable(caption=text, head=("a", "b"), rows=((text, "2"),))
    section = SheetSection(title=text, paragraphs=(text,), tables=(table,), plots=(plot,))
    return Sheet(title=text, subtitle=text, tone="ship", verdict=(text, text), sections=(section,))


def test_everything_in_a_sheet_is_escaped() -> None:
    page = render_sheet(sheet("<script>alert(1)</script>"), "en", at=AT)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_page_stands_alone_in_both_languages() -> None:
    english, chinese = render_sheet(sheet("x"), "en", at=AT), render_sheet(sheet("x"), "zh", at=AT)
    assert 'lang="en"' in english
    assert 'lang="zh-Hans"' in chinese
    assert "http://" not in english.split("Plotly")[0]
    assert "default-src 'none'" in english


def test_without_pictures_no_script_is_sent() -> None:
    plain = Sheet(title="x", subtitle="y", tone="plain", verdict=("z",), sections=())
    assert len(render_sheet(plain, "en", at=AT)) < 30_000
