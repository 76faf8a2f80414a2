"""A campaign plan: goal, audience, offer, calendar, channels, budget and the contents it needs.

Who plans never invents a number. Figures are computed by code (`generate.plan_figures`) and travel in the
brief; a text names one as `{budget_email}`, and what it names is put in its place together with its source.
A number that is written out in a model's answer is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from adwright.errors import DataError
from adwright.generate.figures import fill_figures, source_lines, stray_quantity
from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots
from adwright.schema import Brief

SOURCES = "sources"

_SLOTS = (
    Slot("goal", "what the campaign is to bring about, and how one will see it", is_said=False),
    Slot("audience", "whom it speaks to, and what is known of how they shop", is_said=False),
    Slot("offer", "what is offered, or that nothing is", is_said=False),
    Slot("calendar", "what happens when, one line a step", is_said=False),
    Slot("channels", "which channels, each with its part and why, one line each", is_said=False),
    Slot("budget", "how the money is split, one line a channel", is_said=False),
    Slot("contents", "the contents it needs, one line each: kind, channel, angle", is_said=False),
)


def _settle(slots: Mapping[str, str], brief: Brief) -> dict[str, str]:
    """The plan with its figures in place of their names, and where each comes from."""
    names = tuple(p.title for p in brief.products)
    used: dict[str, None] = {}
    filled: dict[str, str] = {}
    for name, text in slots.items():
        if name == SOURCES:
            continue
        stray = stray_quantity(text, allowed=names)
        if stray is not None:
            raise DataError(
                "a number that is none of the figures",
                argument=name,
                value=stray,
                allowed="{name} of a figure: " + ", ".join(f.name for f in brief.figures),
            )
        filled[name], found = fill_figures(text, brief.figures, brief.language)
        used |= dict.fromkeys(found)
    lines = source_lines([f for f in brief.figures if f.name in used], brief.language)
    return {**filled, SOURCES: lines} if lines else filled


CAMPAIGN_PLAN = Kind(
    name="campaign_plan",
    slots=_SLOTS,
    extras=(Slot(SOURCES, "every figure with its source", required=False, is_said=False),),
    template="campaign_plan.v1.j2",
    parse=parse_json_slots,
    settle=_settle,
    needs_product=False,
)
