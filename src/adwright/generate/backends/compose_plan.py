"""Campaign plans by rule: what the brief's figures say, in sentences, and nothing beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from adwright.generate.angles import order_angles
from adwright.generate.backends.compose import composed
from adwright.generate.backends.goods import read_data
from adwright.generate.kinds import get_kind
from adwright.generate.plan_figures import planned_channels
from adwright.generate.requests import Draft, WriteRequest
from adwright.generate.why import ANGLE_NAMES
from adwright.schema import Brief, GoalKind, Language
from adwright.text.normalise import clean

_GOALS: dict[GoalKind, dict[Language, str]] = {
    "click": {"en": "more clicks per exposure", "zh": "提高每次曝光的点击"},
    "conversion": {"en": "more orders per exposure", "zh": "提高每次曝光的下单"},
    "revenue": {"en": "more revenue per exposure", "zh": "提高每次曝光的收入"},
    "margin": {"en": "more margin per exposure", "zh": "提高每次曝光的毛利"},
}
_KINDS: dict[str, tuple[str, dict[Language, str]]] = {
    "email": ("email", {"en": "an e-mail", "zh": "电子邮件"}),
    "push": ("push", {"en": "a push message", "zh": "推送消息"}),
    "sms": ("sms", {"en": "a text message", "zh": "短信"}),
    "google_ads": ("responsive_search_ad", {"en": "a responsive search ad", "zh": "自适应搜索广告"}),
    "search": ("responsive_search_ad", {"en": "a responsive search ad", "zh": "自适应搜索广告"}),
    "xiaohongshu": ("social_post", {"en": "a post", "zh": "帖子"}),
    "weibo": ("social_post", {"en": "a post", "zh": "帖子"}),
    "instagram": ("social_post", {"en": "a post", "zh": "帖子"}),
    "social": ("social_post", {"en": "a post", "zh": "帖子"}),
    "tiktok": ("video_script", {"en": "a video script", "zh": "视频脚本"}),
}
_OTHER: tuple[str, dict[Language, str]] = ("ad_copy", {"en": "an advertisement", "zh": "广告文案"})
_PEAKS = (("peak_day", "weekday"), ("peak_hour", "hour"))
_ANGLES_A_CHANNEL = 2


def compose_plans(request: WriteRequest) -> list[Draft]:
    """One plan: rules have no second opinion."""
    plan = _Plan(request)
    slots = {
        "goal": plan.goal(),
        "audience": plan.audience(),
        "offer": plan.offer(),
        "calendar": plan.calendar(),
        "channels": plan.channels(),
        "budget": plan.budget(),
        "contents": plan.contents(),
    }
    settled = get_kind(request.brief.kind).settle(slots, request.brief)
    if "\n".join(settled.values()) in request.avoid:
        return []
    return [composed(request, settled, angle=request.brief.angle, tone=None)]


def content_kind(channel: str) -> str:
    """The kind of content that a channel takes."""
    return _KINDS.get(channel, _OTHER)[0]


class _Plan:
    """The sentences of a plan; figures stand in them by name, and `settle` puts them in."""

    def __init__(self, request: WriteRequest) -> None:
        self.request = request
        self.brief: Brief = request.brief
        self.language: Language = request.brief.language
        self.words: Mapping[str, Any] = read_data("plan.toml")[self.language]
        self.known = {figure.name for figure in request.brief.figures}
        self.planned = planned_channels(request.brief.figures) or (request.brief.channel,)

    def goal(self) -> str:
        name = _GOALS[self.brief.goal][self.language]
        marks = [c for c in self.planned if f"ctr_{c}" in self.known]
        if not marks:
            return self._say("goal_bare", goal_name=name)
        return self._say("goal", goal_name=name, ctr=f"{{ctr_{marks[0]}}} ({self._named(marks[0])})")

    def audience(self) -> str:
        cohort = self.brief.cohort
        readers = clean(cohort.name[self.language]) if cohort else ""
        readers = readers or self.words["everyone"]
        if "n_customers" in self.known:
            return self._say("audience", readers=readers, n_customers="{n_customers}")
        return self._say("audience_bare", readers=readers)

    def offer(self) -> str:
        offer = self.brief.offer
        if offer is None:
            return str(self.words["no_offer"])
        given = ["{discount}"] if "discount" in self.known else []
        terms = [clean(text) for text in (offer.terms, offer.code or "") if text]
        return self._say(
            "offer", terms=("；" if self.language == "zh" else "; ").join([*given, *terms]) or offer.id
        )

    def calendar(self) -> str:
        lines = [self._say("start", start_date="{start_date}")] if "start_date" in self.known else []
        peaks = [(line, part) for line, part in _PEAKS if f"best_{part}" in self.known]
        for line, part in peaks:
            lines.append(self._say(line, best=f"{{best_{part}}}", share=f"{{share_{part}}}"))
        if not peaks:
            lines.append(str(self.words["plain_days"]))
        if "end_date" in self.known:
            lines.append(self._say("end", end_date="{end_date}"))
        return "\n".join(lines)

    def channels(self) -> str:
        return "\n".join(self._channel(channel) for channel in self.planned)

    def _channel(self, channel: str) -> str:
        if f"ctr_{channel}" not in self.known:
            return self._say("channel_new", channel=self._named(channel))
        names = ("clicks", "exposures", "ctr", "ctr_low")
        return self._say("channel", channel=self._named(channel), **{n: f"{{{n}_{channel}}}" for n in names})

    def budget(self) -> str:
        if "budget_total" not in self.known:
            parts = [f"{self._named(c)} {{share_{c}}}" for c in self.planned if f"share_{c}" in self.known]
            joint = "、" if self.language == "zh" else ", "
            return self._say("budget_none", split=joint.join(parts) or self._named(self.planned[0]))
        return "\n".join(
            self._say("budget", channel=self._named(c), amount=f"{{budget_{c}}}", share=f"{{share_{c}}}")
            for c in self.planned
        )

    def contents(self) -> str:
        """For each channel its kind of content, once for each of the two angles that suit the readers most."""
        rng = np.random.default_rng(self.request.seed)
        angles = order_angles(self.brief, self.request.facts, skip=(), rng=rng)[:_ANGLES_A_CHANNEL]
        product = self.brief.products[0].title if self.brief.products else self.words["unknown_product"]
        return "\n".join(
            self._say(
                "content",
                channel=self._named(channel),
                kind=_KINDS.get(channel, _OTHER)[1][self.language],
                product=clean(product),
                angle=ANGLE_NAMES[angle][self.language],
            )
            for channel in self.planned
            for angle in angles
        )

    def _named(self, channel: str) -> str:
        """What a channel is called; one that nobody has named goes by its id."""
        return str(self.words["channel_names"].get(channel, channel))

    def _say(self, name: str, **values: str) -> str:
        return str(self.words[name]).format(**values)
