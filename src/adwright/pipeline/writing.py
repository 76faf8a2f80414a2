"""Writing for campaigns: each brief once, however often a run is killed, repeated or started again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from adwright import __version__
from adwright.generate import (
    ExemplarConfig,
    Written,
    check,
    create_writer,
    find_exemplars,
    write_contents,
)
from adwright.generate.backends.meter import Meter
from adwright.generate.guards import Guard
from adwright.generate.guards.shop_rules import shop_guards
from adwright.pipeline.campaigns import Campaign, read_products
from adwright.pipeline.settings import RunSettings
from adwright.schema import Brief, Content
from adwright.workspace import Workspace

BRIEFS_A_STEP = 8
"""So many briefs are written, paid for and kept together: at most these are written again after a kill."""


def write_all(
    workspace: Workspace,
    campaigns: Sequence[Campaign],
    *,
    settings: RunSettings,
    now: datetime,
    progress: Callable[[str], None],
) -> dict[str, list[Written]]:
    """Campaign id -> its variants. What was written (and paid for) for the same briefs is read back.

    Args:
        workspace: Keeps the contents, and which briefs they were written for.
        campaigns: What to write for.
        settings: The recipe.
        now: Aware; facts and guards hold at this time.
        progress: Told after every few briefs.
    """
    run_id = workspace.runs.start("write", __version__)  # never finished, so that its steps can be read back
    write = settings.generate
    meter = Meter(book=workspace.calls, run=_run_name(campaigns, settings), spending=write.spending)
    backend = create_writer(write.backend, write.tables, fallback=write.fallback, meter=meter)
    guards = shop_guards(workspace.path)
    show = _Exemplars(workspace, n=write.n_exemplars)
    written: dict[str, list[Written]] = {}
    for start in range(0, len(campaigns), BRIEFS_A_STEP):
        batch = campaigns[start : start + BRIEFS_A_STEP]
        seed = settings.seed + start
        step = _step(batch, settings, seed=seed)
        done = workspace.runs.done(run_id, step)
        if done is None:
            fresh = write_contents(
                [show.with_brief(c.brief) for c in batch],
                backend=backend,
                guards=guards,
                n=write.n_variants,
                seed=seed,
                now=now,
            )
            workspace.contents.save([w.content for w in fresh], {w.content.id: w.findings for w in fresh})
            done = {c.id: [w.content.id for w in fresh if _belongs(w.content, c)] for c in batch}
            workspace.runs.finish_step(run_id, step, done)
        for campaign in batch:
            contents = [workspace.contents.get(i) for i in done[campaign.id]]
            written[campaign.id] = [
                _guarded(content, campaign, guards=guards, now=now) for content in contents
            ]
        progress(f"write: {min(start + BRIEFS_A_STEP, len(campaigns))} of {len(campaigns)} campaigns")
    return written


def _run_name(campaigns: Sequence[Campaign], settings: RunSettings) -> str:
    """The same for the same writing, so that a cap on a run counts what it spent before it was killed."""
    return "run " + _step(campaigns, settings, seed=settings.seed).removeprefix("write ")


class _Exemplars:
    """Past contents that did well, put into briefs; read from the workspace once, and only where wanted."""

    def __init__(self, workspace: Workspace, *, n: int) -> None:
        self._config = ExemplarConfig(n=n) if n else None
        if n:
            self._past = workspace.tables.read("contents")
            self._products = read_products(workspace.tables.read("products"))

    def with_brief(self, brief: Brief) -> Brief:
        """The brief with its exemplars; they do not name the step, so new results do not write it again."""
        if self._config is None:
            return brief
        found = find_exemplars(brief, self._past, products=self._products, config=self._config)
        return replace(brief, exemplars=found)


def _step(batch: Sequence[Campaign], settings: RunSettings, *, seed: int) -> str:
    """A name for the writing of these briefs: another brief, writer, number or seed is another step."""
    write = settings.generate
    writers = (write.backend, *write.fallback)
    options = json.dumps([write.tables.get(name) for name in writers], sort_keys=True, default=str)
    parts = [
        write.backend,
        *write.fallback,
        options,
        str(write.n_variants),
        str(seed),
        *(repr(c.brief) for c in batch),
    ]
    return "write " + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def _timeless(brief: Brief) -> Brief:
    """The brief without what changes by the mere passing of days."""
    if brief.cohort is None:
        return brief
    return replace(brief, cohort=replace(brief.cohort, recency_days=None))


def standing_contents(
    workspace: Workspace, campaigns: Sequence[Campaign], *, now: datetime
) -> dict[str, list[Written]]:
    """Campaign id -> its contents in the store that wait, are approved or live, guarded as things stand now.

    Among them are those that earlier runs wrote and those that a person edited.
    """
    stored = workspace.contents.by_status("draft", "approved", "live")
    guards = shop_guards(workspace.path)
    return {
        campaign.id: [_guarded(c, campaign, guards=guards, now=now) for c in stored if _belongs(c, campaign)]
        for campaign in campaigns
    }


def _belongs(content: Content, campaign: Campaign) -> bool:
    key = (content.cohort_id, content.product_ids, content.kind, content.channel, content.language)
    mine = (campaign.cohort.id, (campaign.product.id,), campaign.kind, campaign.channel, campaign.language)
    return key == mine


def _guarded(content: Content, campaign: Campaign, *, guards: Sequence[Guard], now: datetime) -> Written:
    """The content with what the guards find in it now: prices and facts may have changed since."""
    return Written(content, tuple(check(content, products=(campaign.product,), now=now, guards=guards)))
