"""`adwright generate`: variants of content for products, guarded and saved as they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.briefs import Wish, make_briefs
from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress
from adwright.errors import UsageError
from adwright.generate import Backend, Written, create_writer, stream_contents
from adwright.generate.backends.meter import MICRO, Meter
from adwright.generate.guards.shop_rules import shop_guards
from adwright.generate.live import LiveTexts
from adwright.generate.plainness import Plainness
from adwright.generate.relevance import Relevance
from adwright.pipeline.settings import RunSettings
from adwright.schema import EVERYONE, Brief, Content, Finding, Language
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)


@app.command()
def generate(
    kind: Annotated[
        str, typer.Option("--kind", help="ad_copy, email, video_script ...; see the how-to page.")
    ],
    channel: Annotated[str, typer.Option("--channel", help="Where it is shown, for example email.")],
    *,
    language: Annotated[str, typer.Option("--language", help="zh or en.")],
    product: Annotated[list[str] | None, typer.Option("--product", help="Its id; may be repeated.")] = None,
    all_products: Annotated[bool, typer.Option("--all-products", help="The whole catalogue.")] = False,
    cohort: Annotated[
        str, typer.Option("--cohort", help="Its id, as `adwright profile` names it.")
    ] = EVERYONE,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Only for this customer, who has to have consented.")
    ] = None,
    n: Annotated[int, typer.Option("-n", help="Variants a product.")] = 4,
    angle: Annotated[str | None, typer.Option("--angle", help="Only this persuasion angle.")] = None,
    tone: Annotated[str | None, typer.Option("--tone", help="Only this tone.")] = None,
    message: Annotated[str, typer.Option("--message", help="What a service reply answers.")] = "",
    plan_channel: Annotated[
        list[str] | None,
        typer.Option("--plan-channel", help="A channel of a campaign plan; may be repeated."),
    ] = None,
    budget: Annotated[int | None, typer.Option("--budget", help="Of a campaign plan, minor units.")] = None,
    start: Annotated[str | None, typer.Option("--start", help="First day of a plan, YYYY-MM-DD.")] = None,
    end: Annotated[str | None, typer.Option("--end", help="Last day of a plan, YYYY-MM-DD.")] = None,
    exemplars: Annotated[
        int | None, typer.Option("--exemplars", help="Past contents shown to a model; else the recipe's.")
    ] = None,
    backend: Annotated[
        str | None, typer.Option("--backend", help="base, compose, hf, openai ...; else the recipe's.")
    ] = None,
    fallback: Annotated[
        list[str] | None, typer.Option("--fallback", help="Who stands in, in order; else the recipe's.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of all randomness.")] = 0,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Write variants for products; without --product for the first five of the catalogue.

    What was paid for is read back: after a kill, the same command goes on where it was.
    """
    now = datetime.now(UTC)
    with Workspace.open(workspace) as shop:
        section = RunSettings.from_recipe(shop.recipe).generate
        wish = Wish(
            kind=kind,
            channel=channel,
            language=check_language(language),
            products=tuple(product or ()),
            all_products=all_products,
            cohort=cohort,
            customer=customer,
            angle=angle,
            tone=tone,
            message=message,
            channels=tuple(plan_channel or ()),
            budget_minor=budget,
            starts_on=_day(start, "--start"),
            ends_on=_day(end, "--end"),
            n_exemplars=section.n_exemplars if exemplars is None else exemplars,
        )
        briefs = make_briefs(shop, wish, now=now)
        name = backend or section.backend
        stand_ins = tuple(section.fallback if fallback is None else fallback)
        meter = Meter(
            book=shop.calls, run=_run_name(wish, name, stand_ins, n, seed), spending=section.spending
        )
        writer = create_writer(name, section.tables, fallback=_others(stand_ins, name), meter=meter)
        written, n_new = _write(shop, briefs, writer=writer, n=n, seed=seed, now=now)
        costs = shop.calls.costs(run=meter.run)
    emit(_result(written, n_new, costs), _lines(written, n_new, costs), as_json=json)


def _write(
    shop: Workspace, briefs: Sequence[Brief], *, writer: Backend, n: int, seed: int, now: datetime
) -> tuple[list[Written], int]:
    """Every batch is saved as soon as it is written; how many of the contents are new."""
    live = LiveTexts(shop.contents.by_status("approved", "live"))
    written: list[Written] = []
    n_new = 0
    for batch in stream_contents(
        briefs,
        backend=writer,
        n=n,
        seed=seed,
        now=now,
        guards=shop_guards(shop.path),
        live=live,
        progress=progress,
    ):
        n_new += shop.contents.save(
            [w.content for w in batch], findings={w.content.id: w.findings for w in batch}
        )
        written += batch
    return written, n_new


def _run_name(wish: Wish, backend: str, fallback: Sequence[str], n: int, seed: int) -> str:
    """The same for the same command, so that a resumed run is the run that was killed."""
    parts = (repr(wish), backend, *fallback, str(n), str(seed))
    return "generate-" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def _others(names: Sequence[str], name: str) -> tuple[str, ...]:
    """Those that stand in, without the one that writes: a recipe's list serves whatever `--backend` says."""
    return tuple(other for other in names if other != name)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not a day", argument=option, value=text, allowed="YYYY-MM-DD") from error


def check_language(language: str) -> Language:
    """`zh` or `en`; another one raises `UsageError`."""
    if language == "zh":
        return "zh"
    if language == "en":
        return "en"
    raise UsageError("unknown language", argument="language", value=language, allowed="zh, en")


def _result(written: Sequence[Written], n_new: int, costs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    contents = [
        {**_content(w.content), "findings": w.findings, "relevance": w.relevance, "plainness": w.plainness}
        for w in written
    ]
    rejected = sum(w.content.status == "rejected" for w in written)
    return {
        "n_written": len(written),
        "n_new": n_new,
        "n_rejected": rejected,
        "costs": list(costs),
        "contents": contents,
    }


def _content(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in Content.__dataclass_fields__}


def _lines(written: Sequence[Written], n_new: int, costs: Sequence[dict[str, Any]]) -> str:
    lines: list[str] = []
    for w in written:
        lines.append(f"{w.content.id}  {w.content.status}  {w.content.why}")
        lines += [f"    {slot}: {text}" for slot, text in w.content.slots.items()]
        lines += [score_line(w.relevance, w.plainness, w.content.language)]
        lines += [finding_line(f) for f in w.findings]
    rejected = sum(w.content.status == "rejected" for w in written)
    lines += [f"{len(written)} variants, {n_new} new, {rejected} rejected by a guard", *map(cost_line, costs)]
    return "\n".join(lines)


def cost_line(cost: dict[str, Any]) -> str:
    """What one model took, for people."""
    calls = sum(cost[f"n_{status}"] for status in ("sent", "answered", "unreadable", "failed"))
    useless = calls - cost["n_answered"]
    unknown = cost["unknown_micro"] / MICRO
    return (
        f"{cost['backend']} {cost['model']}: {calls} calls, {useless} of them of no use, "
        f"{cost['n_prompt_tokens']:,} + {cost['n_completion_tokens']:,} tokens, {cost['seconds']:.1f} s, "
        f"{cost['cost_micro'] / MICRO:g} minor units of {cost['currency']}"
        + (f", and at most {unknown:g} for calls of which nobody told the cost" if unknown else "")
    )


def score_line(relevance: Relevance | None, plainness: Plainness | None, language: Language) -> str:
    """Relevance and plainness for people, with their reasons in the content's language."""
    scores = (("relevance", relevance), ("plainness", plainness))
    parts = [f"{name} {s.score:.2f} ({s.why[language]})" for name, s in scores if s is not None]
    return "    " + "; ".join(parts)


def finding_line(finding: Finding) -> str:
    """One finding for people; one that an exemption lets through names it."""
    where = f"{finding.slot}[{finding.start}:{finding.end}]"
    through = f" [let through: {finding.exemption}]" if finding.exemption else ""
    return f"    {finding.severity}  {finding.rule_id}  {where} {finding.text!r}: {finding.evidence}{through}"
