from adwright.report import Estimate
from adwright.review import apply_review, waiting_contents
from adwright.schema import Product
from report.sample import make_content
from review.workbench import NOW, no_price_guard, open_contents, row, three_drafts


def test_drafts_wait_with_product_findings_and_prediction(tmp_path):
    contents = open_contents(tmp_path)
    content = make_content("Only $9!", "d")
    findings = no_price_guard(content)
    effect = {
        "goal": "margin",
        "value": [12.0, 8.0, 17.0],
        "click": [0.03, None, None],
        "conversion": None,
        "in_domain": False,
        "gate_reason": {"en": "a person decides", "zh": "由人工决定"},
    }
    contents.save((content,), {content.id: findings}, {content.id: effect})
    product = Product(id="p-001", title="Cotton shirt")
    (item,) = waiting_contents(
        contents, products={"p-001": product}, cohorts={"k_comfort": {"en": "Comfort seekers"}}
    )
    assert item.product is product
    assert item.findings == findings
    assert item.value == Estimate(mean=12.0, low=8.0, high=17.0)
    assert item.click == Estimate(mean=0.03)
    assert (item.conversion, item.goal, item.in_domain) == (None, "margin", False)
    assert item.gate["zh"] == "由人工决定"
    assert item.cohort == {"en": "Comfort seekers"}


def test_what_is_decided_waits_no_longer(tmp_path):
    contents = open_contents(tmp_path)
    first, second, third = three_drafts(contents)
    rows = [row(first, "approve"), row(second, "reject", "no")]
    apply_review(rows, contents=contents, guard=no_price_guard, by="Li", now=NOW)
    assert [item.content.id for item in waiting_contents(contents)] == [third.id]
