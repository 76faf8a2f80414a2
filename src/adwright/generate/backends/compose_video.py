"""Video scripts by rule: hook, product, its facts, its use, and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from adwright.generate.angles import order_angles, order_tones
from adwright.generate.backends.compose import Composition, composed
from adwright.generate.backends.phrasing import Turn
from adwright.generate.backends.wording import finish
from adwright.generate.kinds.video_script import slot_name, speaking_seconds
from adwright.generate.requests import Draft, WriteRequest
from adwright.text.width import display_width

_MOST_FACTS = 3
_SHORTEST_S = 2
_BREATH_S = 0.6
_ON_SCREEN = 60
_TRIES = 8


@dataclass(frozen=True, slots=True)
class _Scene:
    narration: str
    on_screen: str
    shot: str

    @property
    def seconds(self) -> int:
        return max(_SHORTEST_S, math.ceil(speaking_seconds(self.narration) + _BREATH_S))


def compose_videos(request: WriteRequest) -> list[Draft]:
    """Up to n scripts, distinct, spread over angles and tones."""
    return _Video(request).scripts()


class _Video(Composition):
    def scripts(self) -> list[Draft]:
        skip = self.goods.category.skip
        angles = order_angles(self.request.brief, self.request.facts, skip=skip, rng=self.rng)
        tones = order_tones(self.request.brief, rng=self.rng)
        written: list[Draft] = []
        for i in range(self.request.n * _TRIES):
            if len(written) == self.request.n or not angles:
                break
            turn = Turn(angles[i % len(angles)], tones[i % len(tones)])
            slots = self._script(turn)
            if self._is_new(slots):
                written.append(composed(self.request, slots, angle=turn.angle, tone=turn.tone))
        return written

    def _script(self, turn: Turn) -> dict[str, str]:
        scenes = [self._said("hook", turn), self._said("show", turn)]
        facts = list(self._fact_sentences(turn, told=frozenset()))
        order = [facts[i] for i in self.rng.permutation(len(facts))]
        scenes += [self._scene("fact", text, text) for text in order[:_MOST_FACTS]]
        scenes.append(self._said("use", turn))
        closing = self._next(f"cta {turn.tone}", self.book.cta[turn.tone]).source
        scenes.append(self._scene("end", closing, self.values.get("price", self.values["name"])))
        slots: dict[str, str] = {}
        for number, scene in enumerate(scenes, start=1):
            slots[slot_name(number, "narration")] = scene.narration
            slots[slot_name(number, "on_screen")] = scene.on_screen
            slots[slot_name(number, "shot")] = scene.shot
            slots[slot_name(number, "seconds")] = str(scene.seconds)
        return slots

    def _said(self, part: str, turn: Turn) -> _Scene:
        """A scene of a pattern; what stands on the screen is the value that the pattern turns on."""
        patterns = [
            p for p in self.slots[part]["any"] if p.needs - {"scene", "benefit"} <= self.values.keys()
        ]
        pattern = self._next(part, patterns)
        values = self._values_with_choices(pattern, turn)
        shown = next((values[n] for n in ("benefit", "scene", "name") if n in pattern.needs), values["name"])
        return self._scene(part, pattern.fill(values), shown[:1].upper() + shown[1:])

    def _scene(self, part: str, narration: str, on_screen: str) -> _Scene:
        shown = on_screen.rstrip(".。！!")
        fits = shown if display_width(shown) <= _ON_SCREEN else self.values["name"]
        shot = self._next(f"shot {part}", self.slots["shot"][part]).source
        return _Scene(finish(narration, self.language), finish(fits, self.language), shot)
