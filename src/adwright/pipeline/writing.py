"""Writing for campaigns: each brief once, however often a run is killed, repeated or started again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from adwright import __version__
from adwright.generate import Written, check, create_backend, write_contents
from adwright.generate.guards import Guard
from adwright.generate.guards.shop_rules import shop_guards
from adwright.pipeline.campaigns import Campaign
from adwright.pipeline.settings import RunSettings
from adwright.schema import Content
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
    backend = create_backend(settings.generate.backend, settings.generate.options)
    guards = shop_guards(workspace.path)
    written: dict[str, list[Written]] = {}
    for start in range(0, len(campaigns), BRIEFS_A_STEP):
        batch = campaigns[start : start + BRIEFS_A_STEP]
        seed = settings.seed + start
        step = _step(batch, settings, seed=seed)
        done = workspace.runs.done(run_id, step)
        if done is None:
            fresh = write_contents(
                [c.brief for c in batch],
                backend=backend,
                n=settings.generate.n_variants,
                seed=seed,
                now=now,
                guards=guards,
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


def _step(batch: Sequence[Campaign], settings: RunSettings, *, seed: int) -> str:
    """A name for the writing of these briefs: another brief, writer, number or seed is another step."""
    write = settings.generate
    options = json.dumps(write.options, sort_keys=True, default=str)
    parts = [write.backend, options, str(write.n_variants), str(seed), *(repr(c.brief) for c in batch)]
    return "write " + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


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
