"""A script for a short video: scenes with narration, words on the screen, the shot and the seconds.

Source of the pace: an unhurried voice-over says about 2.5 English words or 4.5 Chinese characters a second
(broadcast guidance of 150 words a minute; Mandarin news is read at 250 to 300 characters a minute).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adwright.errors import DataError
from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots

FEWEST_SCENES, MOST_SCENES = 3, 8
PARTS = ("narration", "on_screen", "shot", "seconds")
WORDS_A_SECOND, HAN_A_SECOND = 2.5, 4.5
SHORTEST_S, LONGEST_S = 1.0, 30.0
_HASTE = 1.35  # so much faster than the unhurried pace still can be said

_HOLDS = {
    "narration": "what the voice says",
    "on_screen": "a few words that are shown",
    "shot": "what the camera shows, for the people who make it",
    "seconds": "how long it lasts, a number",
}
_EXAMPLE = {"narration": "Here it is.", "on_screen": "Meet it", "shot": "close-up", "seconds": "4"}
_WORD = re.compile(r"[^\W\u3400-\u9fff]+(?:['’-][^\W\u3400-\u9fff]+)*")
_HAN = re.compile("[\u3400-\u9fff]")


def slot_name(scene: int, part: str) -> str:
    """The name of a scene's slot: `scene_2_narration`; scenes count from 1."""
    return f"scene_{scene}_{part}"


def speaking_seconds(text: str) -> float:
    """How long an unhurried voice takes for a text, in seconds.

    >>> speaking_seconds("Five words are two seconds.")
    2.0
    """
    return len(_WORD.findall(text)) / WORDS_A_SECOND + len(_HAN.findall(text)) / HAN_A_SECOND


def parse_scenes(answer: str, slots: tuple[Slot, ...]) -> dict[str, str]:
    """The scenes of an answer, numbered without gaps, each whole and no faster than it can be said.

    Raises:
        DataError: too few scenes, half a scene, or seconds that do not fit the narration.
    """
    found = parse_json_slots(answer, slots)
    scenes = [
        {part: found[name] for part in PARTS if (name := slot_name(i, part)) in found}
        for i in range(1, MOST_SCENES + 1)
    ]
    kept: dict[str, str] = {}
    for number, scene in enumerate((s for s in scenes if s), start=1):
        missing = [part for part in PARTS if part not in scene]
        if missing:
            raise DataError("half a scene", argument=slot_name(number, missing[0]), value=scene)
        scene["seconds"] = _seconds(scene, number)
        kept |= {slot_name(number, part): scene[part] for part in PARTS}
    return kept


def _seconds(scene: Mapping[str, str], number: int) -> str:
    name = slot_name(number, "seconds")
    try:
        seconds = float(scene["seconds"].rstrip("s秒 "))
    except ValueError as error:
        raise DataError("not a number", argument=name, value=scene["seconds"], allowed="seconds") from error
    if not SHORTEST_S <= seconds <= LONGEST_S:
        allowed = f"{SHORTEST_S:g} to {LONGEST_S:g}"
        raise DataError("too short or too long", argument=name, value=seconds, allowed=allowed)
    needed = speaking_seconds(scene["narration"])
    if needed > _HASTE * seconds:
        raise DataError(
            "the narration takes longer than its scene", argument=name, value=seconds, allowed=f"{needed:.1f}"
        )
    return f"{seconds:g}"


def scenes_of(slots: Mapping[str, str]) -> list[dict[str, str]]:
    """The scenes of a script in order, each a dict of its parts."""
    names = (i for i in range(1, MOST_SCENES + 1) if slot_name(i, "narration") in slots)
    return [{part: slots.get(slot_name(i, part), "") for part in PARTS} for i in names]


VIDEO_SCRIPT = Kind(
    name="video_script",
    slots=tuple(
        Slot(
            slot_name(i, part),
            _HOLDS[part],
            required=i <= FEWEST_SCENES,
            is_said=part in ("narration", "on_screen"),
            example=_EXAMPLE[part],
        )
        for i in range(1, MOST_SCENES + 1)
        for part in PARTS
    ),
    template="video_script.v1.j2",
    parse=parse_scenes,
)
