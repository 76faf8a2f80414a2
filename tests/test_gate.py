from __future__ import annotations

import pytest

from adwright.gate import GateConfig, judge
from adwright.schema import Finding, Severity

STRICT = GateConfig(min_value_lower=2.0)


def finding(severity: Severity, rule_id: str = "facts.price", exemption: str | None = None) -> Finding:
    return Finding(
        rule_id=rule_id,
        severity=severity,
        slot="headline",
        start=0,
        end=1,
        text="$",
        evidence="not in the catalogue",
        exemption=exemption,
    )


BLOCK, REVIEW, WARN = finding("block"), finding("review", "facts.material"), finding("warn", "limits.long")
EXEMPT_BLOCK = finding("block", exemption="a quotation")
EXEMPT_REVIEW = finding("review", exemption="a quotation")


@pytest.mark.parametrize(
    ("findings", "value_low", "in_domain", "config", "verdict"),
    [
        # all is well
        ([], 3.0, True, STRICT, "publish"),
        ([WARN], 3.0, True, STRICT, "publish"),
        ([], 2.0, True, STRICT, "publish"),  # the bound itself is enough
        ([], 0.0, True, GateConfig(), "publish"),
        # a guard blocks: nothing else counts
        ([BLOCK], 3.0, True, STRICT, "reject"),
        ([BLOCK], 1.0, False, STRICT, "reject"),
        ([WARN, REVIEW, BLOCK], None, None, STRICT, "reject"),
        ([EXEMPT_BLOCK, BLOCK], 3.0, True, STRICT, "reject"),
        ([EXEMPT_BLOCK], 3.0, True, STRICT, "publish"),
        # worth too little
        ([], 1.99, True, STRICT, "learn"),
        ([REVIEW], 1.99, False, STRICT, "learn"),
        ([], -0.01, True, GateConfig(), "learn"),
        # a person has to look
        ([REVIEW], 3.0, True, STRICT, "review"),
        ([EXEMPT_REVIEW], 3.0, True, STRICT, "publish"),
        ([], None, None, STRICT, "review"),
        ([], None, True, STRICT, "review"),
        ([], 3.0, None, STRICT, "review"),
        ([], 3.0, False, STRICT, "review"),
        ([], 3.0, False, GateConfig(require_in_domain=False), "publish"),
        # who approves is not the gate's question
        ([], 3.0, True, GateConfig(auto_approve=True), "publish"),
        ([BLOCK], 3.0, True, GateConfig(auto_approve=True), "reject"),
    ],
)
def test_the_verdict(
    findings: list[Finding],
    value_low: float | None,
    in_domain: bool | None,
    config: GateConfig,
    verdict: str,
) -> None:
    result = judge(findings, value_low=value_low, in_domain=in_domain, config=config)
    assert result.verdict == verdict
    assert set(result.reason) == {"en", "zh"}
    assert result.reason["en"].endswith(".")
    assert result.reason["zh"].endswith("。")


def test_the_reason_names_each_rule_once_in_both_languages() -> None:
    found = [finding("block", "law.best"), BLOCK, finding("block", "law.best"), REVIEW]
    result = judge(found, value_low=3.0, in_domain=True, config=GateConfig())
    for text in result.reason.values():
        assert text.count("law.best") == 1
        assert "facts.price" in text
        assert "facts.material" not in text


def test_a_value_that_is_no_number_is_never_published() -> None:
    assert judge([], value_low=float("nan"), in_domain=True, config=GateConfig()).verdict == "review"
