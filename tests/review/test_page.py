import re

import pytest

from adwright.review import render_review
from report.sample import HOSTILE, sample_figures
from report.test_page import Page
from review.workbench import edition


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_waiting_content_has_its_preview_and_the_page_tells_how_to_decide(language):
    figures = sample_figures(language)
    html = render_review(edition(language, figures.contents))
    page = Page(html)
    assert page.open == []
    assert html.count('class="waiting"') == len(figures.contents)
    assert "adwright review --read" in html
    assert page.scripts == []


def test_markup_in_a_title_stays_text_and_findings_are_marked():
    html = render_review(edition("en", sample_figures("en").contents))
    assert HOSTILE not in html
    assert '<mark class="block" title="facts.price">$9</mark>' in html


def test_nothing_waiting_is_said():
    text = re.sub(r"<[^>]+>", "", render_review(edition("zh")))
    assert "没有等待审核的内容" in text
