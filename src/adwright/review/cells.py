"""Cell texts that a spreadsheet cannot take for a formula, and back.

A cell that begins with =, +, -, @, a tab or a carriage return (or with their full-width forms) runs as a
formula in spreadsheet programs, and texts written by a model or a supplier may begin with anything. Such a
cell gets an apostrophe in front. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re

_STARTS_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_WAS_NEUTRALISED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")


def neutralise(text: str) -> str:
    """`text` as it may stand in a cell; `restore` is its exact inverse.

    >>> neutralise("=1+1"), neutralise("'Tis the season"), neutralise("'=x")
    ("'=1+1", "'Tis the season", "''=x")
    """
    return "'" + text if _STARTS_FORMULA.match(text) else text


def restore(cell: str) -> str:
    """The text that `neutralise` made this cell from; what a person typed stays as it is.

    >>> restore("'=1+1"), restore("=1+1"), restore("'Tis the season")
    ('=1+1', '=1+1', "'Tis the season")
    """
    return cell[1:] if _WAS_NEUTRALISED.match(cell) else cell
