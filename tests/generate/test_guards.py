"""The guards together; what each of them promises is in `adwright.testing` and tests/contracts."""

from adwright.generate.guards import check, create_guards, is_blocked


def test_findings_come_in_the_order_of_the_slots(make_content, make_product, now):
    content = make_content({"headline": "linen for $1", "description": "silk"})
    found = check(content, products=[make_product()], now=now)
    assert [f.text for f in found] == ["linen", "$1", "silk"]
    assert is_blocked(found)


def test_only_the_chosen_guards_run(make_content, make_product, now):
    content = make_content({"headline": "x" * 200, "description": "linen"})
    found = check(content, products=[make_product()], now=now, guards=create_guards(["limits"]))
    assert {f.rule_id for f in found} == {"limits.too_long"}


def test_what_only_directs_the_work_is_no_claim(make_content, make_product, now):
    scene = {
        "narration": "A shirt.",
        "on_screen": "A shirt",
        "shot": "silk at 99 degrees, $5",
        "seconds": "4",
    }
    slots = {f"scene_{i}_{part}": text for i in (1, 2, 3) for part, text in scene.items()}
    content = make_content(slots, kind="video_script", channel="tiktok")
    assert check(content, products=[make_product()], now=now) == ()
    said = content.with_slots(slots | {"scene_2_narration": "Pure silk for $5."})
    found = check(said, products=[make_product()], now=now)
    assert {f.slot for f in found} == {"scene_2_narration"}
