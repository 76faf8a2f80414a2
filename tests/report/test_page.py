import itertools
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from adwright.errors import UsageError
from adwright.report import ContentFigures, RunFigures, render_report
from report.sample import HOSTILE, NOW, make_content, sample_figures

SECTIONS = [
    "headline",
    "data",
    "cohorts",
    "contents",
    "rejected",
    "predictor",
    "decision",
    "test",
    "appendix",
]
VOID = {"meta", "br", "img", "input", "link", "hr"}


class Page(HTMLParser):
    """A second reading of the page: its elements, its ids, and whether all are closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.scripts, self._in_script = [], [], [], False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._in_script = True
            self.scripts.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "script":
            self._in_script = False

    def handle_data(self, data):
        if self._in_script:
            self.scripts[-1] += data

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(scope="module", params=["zh", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def html(language):
    return render_report(sample_figures(language), language)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_every_element_is_closed_and_every_id_is_one(page):
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_all_sections_are_there_in_order(page):
    assert [attrs["id"] for attrs in page.all("section")] == SECTIONS


def test_nothing_is_fetched_from_anywhere(page):
    for tag, attrs in page.elements:
        assert "src" not in attrs, tag
        assert tag not in ("link", "iframe", "object", "embed", "img")
        assert attrs.get("href", "#").startswith("#")
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_the_page_is_smaller_than_8_mb_and_holds_plotly_once(html):
    assert len(html.encode()) < 8_000_000
    assert len(re.findall(r"plotly\.js v\d", html)) == 1


def test_markup_in_a_title_stays_text(html, page):
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(" in html
    assert len(page.scripts) == 3  # the figures, Plotly, and ours


def test_markup_in_any_field_stays_text():
    content = make_content(
        f"a {HOSTILE}", f"</style>{HOSTILE}", angle=HOSTILE, channel=HOSTILE, cohort_id=HOSTILE
    )
    figures = RunFigures(
        shop=f"</title>{HOSTILE}",
        at=NOW,
        contents=(ContentFigures(content=content, why=HOSTILE, gate=HOSTILE, cohort={"en": HOSTILE}),),
        absent={"test": HOSTILE},
        warnings=(HOSTILE,),
        version=HOSTILE,
    )
    html = render_report(figures, "en")
    assert HOSTILE not in html
    assert Page(html).scripts == []


def test_the_figures_inside_the_page_are_json_that_no_text_can_leave(page):
    plots = json.loads(page.scripts[0])
    assert plots[0]["id"] == "plot-intervals"
    assert "<" not in page.scripts[0]
    boxes = {a["id"] for a in page.all("div") if a.get("class") == "plot"}
    assert boxes == {p["id"] for p in plots}


def test_pictures_have_descriptions_and_tables_have_headers(page):
    for attrs in page.all("div"):
        if attrs.get("class") == "plot":
            assert attrs["role"] == "img"
            assert len(attrs["aria-label"]) > 20
    assert all("scope" in attrs for attrs in page.all("th"))
    assert len(page.all("table")) == len(page.all("thead"))


def test_headings_descend_without_a_gap(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_language_of_the_page_is_declared(page, language):
    assert page.all("html")[0]["lang"].startswith(language)


def test_no_word_of_the_other_language_is_left_in_the_frame(language):
    figures = RunFigures(
        shop="S", at=NOW, absent={"test": {"zh": "没有流量。", "en": "No traffic."}}, version="1"
    )
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", render_report(figures, language), flags=re.S)
    if language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", text)
        assert "No traffic." in text
    else:
        assert set(re.findall(r"[A-Za-z]{3,}", text)) <= {"Adwright", "UTC", "March"}


def test_the_offending_words_are_marked_with_rule_and_evidence():
    html = render_report(sample_figures("en"), "en")
    assert '<mark class="block" title="law.superlative">Lowest price</mark>' in html
    assert "the catalogue says $29" in html
    assert "must not be published" in html


def test_the_ribbon_and_the_truth_are_there_for_a_simulated_shop_only():
    demo, real = (render_report(sample_figures("en", demo=d), "en") for d in (True, False))
    assert "Demo: simulated shop" in demo
    assert "Demo: simulated shop" not in real
    assert re.search(r"<th[^>]*>Truth</th>", demo)
    assert not re.search(r"<th[^>]*>Truth</th>", real)


def test_a_missing_part_is_left_out_or_says_why():
    figures = replace(
        sample_figures("en"),
        tests=(),
        predictor=None,
        cohorts=(),
        absent={"test": "There was no traffic to test on."},
    )
    page = Page(html := render_report(figures, "en"))
    ids = [attrs["id"] for attrs in page.all("section")]
    assert "predictor" not in ids
    assert "cohorts" not in ids
    assert "test" in ids
    assert "There was no traffic to test on." in html


def test_a_run_of_nothing_has_a_page_without_plotly():
    html = render_report(RunFigures(shop="Empty", at=NOW), "en")
    assert len(html) < 60_000
    assert "No content was written in this run." in html


def test_many_contents_are_folded_and_none_is_lost():
    figures = sample_figures("en")
    many = tuple(
        replace(figures.contents[0], content=make_content(f"Headline {i}", "text", status="live"))
        for i in range(40)
    )
    html = render_report(replace(figures, contents=many), "en")
    assert html.count('<article class="card">') == 40
    assert "Show 28 more" in html


def test_a_goal_of_clicks_is_written_in_clicks():
    html = render_report(replace(sample_figures("en"), goal="click", currency=None, tests=()), "en")
    assert "Predicted clicks per 1,000 exposures" in html
    expected = re.findall(r'<div class="big">(.*?)</div>', html)
    assert expected
    assert all(text.endswith(" clicks") for text in expected)


def test_an_unknown_language_is_refused():
    with pytest.raises(UsageError, match="language"):
        render_report(RunFigures(shop="s", at=NOW), "fr")


def test_text_and_ground_differ_enough_in_light_and_in_dark(html):
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1 for text."""
    blocks = re.findall(r":root \{(.*?)\}", html, flags=re.S)
    for block in blocks:
        colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        pairs = [(text, ground) for text in ("ink", "soft", "accent") for ground in ("ground", "card")]
        pairs += [(name, f"{name}-soft") for name in ("accent", "good", "warn", "bad")]
        for text, ground in pairs:
            assert _contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    assert len(blocks) == 3  # light, dark, paper


def _contrast(one, other):
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine")
def test_a_browser_draws_every_picture(html, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    command += ["--virtual-time-budget=8000", "--dump-dom", file.as_uri()]
    drawn = subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode()
    assert drawn.count("js-plotly-plot") >= 5
    assert drawn.count('class="main-svg"') >= 5
