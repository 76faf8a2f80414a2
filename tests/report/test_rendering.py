import pytest
from jinja2 import TemplateNotFound, UndefinedError

from adwright.report.rendering import render


def test_a_value_that_the_template_misses_is_an_error_and_not_a_gap():
    with pytest.raises(UndefinedError):
        render("report.html.j2", {})


def test_an_unknown_template_is_an_error():
    with pytest.raises(TemplateNotFound):
        render("nowhere.html.j2", {})
