"""Sampling from the base writer, many texts at once, each held to its brief while it is written.

At every step a token may be drawn only if the brief allows it: a fact that is known and not told in this slot
yet, a fact that still fits, words of the language, and the next slot's marker, in the order of the slots; never
a digit, but for the 5 that a rating is out of. So no answer states a figure or names a fact that the catalogue
does not give, and none lacks a slot. Where the model would mostly go on with something that is not allowed, the
text has lost its way: it goes back to where the sentence began, and begins it with another token, a bounded
number of times. Each text has random numbers of its own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.generate.backends.goods import read_data
from adwright.generate.delexical import END, LINE, SLOT_TOKENS, UNITS, marker, special_tokens, topic
from adwright.schema import Language
from adwright.text.width import display_width

_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_LATIN = re.compile("[A-Za-z]")
_TOP_K = 40
_RETOLD = frozenset({"name", "this", "a", "noun", "s", "s1", "is", "is1", "it", "its", "them"})
"""What one slot may say more than once."""

_LOST = 0.35
"""A text has lost its way where more than this share of the probability lies on what is not allowed."""

_HARDLY = 0.02
_MOST_REWINDS, _MOST_BANNED = 10, 3

_LONGEST_AVOIDED = 60
_MARGIN = 3  # columns that a sentence still needs after its last fact


@dataclass(frozen=True, slots=True)
class Job:
    """One text to write.

    Args:
        language: Of the text.
        prompt: The brief as control tokens.
        category: The kind of goods, which is named again where a slot begins.
        slots: Slot -> its greatest width in columns.
        values: Fact -> its text; no other fact can be named.
        avoid: Words that may not stand in the text.
        multiline: Slots in which lines may break.
        seed: Of this text's random numbers.
        max_tokens: The longest answer.
    """

    language: Language
    prompt: str
    category: str
    slots: Mapping[str, int]
    values: Mapping[str, str]
    seed: int
    multiline: frozenset[str] = frozenset({"body", "description"})
    avoid: tuple[str, ...] = ()
    max_tokens: int = 220


@dataclass(frozen=True, slots=True)
class Answer:
    """What was written for a job: each slot with its slot tokens, or None where it broke off.

    Args:
        slots: Slot -> text.
        n_prompt_tokens, n_tokens: What it took.
    """

    slots: dict[str, str] | None
    n_prompt_tokens: int
    n_tokens: int


class Decoder:
    """A causal language model with the base writer's vocabulary, ready to write.

    Args:
        model, tokenizer: As `load_base_writer` gives them.
        temperature: 1 samples as the model believes; lower is plainer.
        top_p: The share of the probability that is sampled from.
        batch_size: How many texts at once.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        temperature: float = 0.9,
        top_p: float = 0.95,
        batch_size: int = 64,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.temperature = temperature
        self.top_p = top_p
        self.batch_size = batch_size
        self._vocabulary = _Vocabulary(tokenizer, int(model.config.vocab_size))

    def write(self, jobs: Sequence[Job]) -> list[Answer]:
        """The answers, in the order of the jobs; texts of like length are written together."""
        rows = [_Row(job, self._vocabulary) for job in jobs]
        open_ = sorted(rows, key=lambda row: (sum(row.job.slots.values()), len(row.job.prompt)))
        while open_:
            for start in range(0, len(open_), self.batch_size):
                self._write(open_[start : start + self.batch_size])
            open_ = [row for row in open_ if row.is_lost and row.rewind()]
        return [row.answer() for row in rows]

    def _write(self, rows: Sequence[_Row]) -> None:
        """Goes on with texts until each is whole, lost, or too long."""
        import torch

        device = self.model.device
        ids, mask = self._padded(rows)
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        active = list(rows)
        cache: Any = None
        with torch.inference_mode():
            while active:
                out = self.model(
                    input_ids=ids,
                    attention_mask=mask,
                    position_ids=positions,
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
                cache = out.past_key_values
                drawn = self._draw(out.logits[:, -1, :].float().cpu(), active)
                going = [k for k, row in enumerate(active) if row.take(drawn[k])]
                positions = positions[:, -1:] + 1
                mask = torch.cat([mask, mask.new_ones(len(active), 1)], dim=1)
                if len(going) < len(active):
                    keep = torch.tensor(going, dtype=torch.long, device=device)
                    cache.batch_select_indices(keep)
                    mask, positions = mask[keep], positions[keep]
                    active = [active[k] for k in going]
                ids = torch.tensor([[row.tokens[-1]] for row in active], dtype=torch.long, device=device)

    def _padded(self, rows: Sequence[_Row]) -> tuple[Any, Any]:
        """Prompts and what is kept of the texts, padded on the left, and the mask: (rows, longest)."""
        import torch

        known = [[*row.prompt, *row.tokens] for row in rows]
        longest = max(map(len, known))
        pad = int(self.tokenizer.pad_token_id)
        ids = torch.tensor([[pad] * (longest - len(k)) + k for k in known], dtype=torch.long)
        mask = torch.tensor([[0] * (longest - len(k)) + [1] * len(k) for k in known], dtype=torch.long)
        return ids.to(self.model.device), mask.to(self.model.device)

    def _draw(self, logits: Any, rows: Sequence[_Row]) -> list[int]:
        """One token a row: the allowed ones, cooled, cut to the most likely, drawn by the row's own number.

        Rows that have lost their way are marked; the first token, which is always the same marker, cannot.
        """
        import torch

        allowed = torch.from_numpy(np.stack([row.allowed() for row in rows]))
        kept = (torch.softmax(logits, dim=1) * allowed).sum(1)
        for row, share in zip(rows, kept.tolist(), strict=True):
            row.is_lost = bool(row.tokens) and row.minds(share)
        logits = logits.masked_fill(~allowed, float("-inf")) / max(self.temperature, 1e-3)
        best, tokens = torch.topk(logits, min(_TOP_K, logits.shape[1]), dim=1)
        p = torch.softmax(best, dim=1)
        before = p.cumsum(1) - p
        p = torch.where(before < self.top_p, p, torch.zeros_like(p))
        threshold = torch.tensor([[row.next_random()] for row in rows]) * p.sum(1, keepdim=True)
        place = (p.cumsum(1) < threshold).sum(1).clamp(max=p.shape[1] - 1)
        return [int(t) for t in tokens.gather(1, place[:, None])[:, 0]]


@functools.cache
def retired(language: Language) -> tuple[str, ...]:
    """Turns of phrase that the writer learned and that are no longer written."""
    return tuple(read_data("retired.toml")[language])


class _Vocabulary:
    """What each token of the vocabulary is."""

    def __init__(self, tokenizer: Any, size: int) -> None:
        ids = tokenizer.convert_tokens_to_ids
        self.size = size
        self.tokenizer = tokenizer
        self.end, self.line = int(ids(END)), int(ids(LINE))
        self.facts = {int(ids(token)): name for token, name in SLOT_TOKENS.items()}
        self.fact_ids = {name: token for token, name in self.facts.items()}
        self.markers = {slot: int(ids(marker(slot))) for slot in _all_slots()}
        special = {int(ids(token)) for token in special_tokens()}
        words = tokenizer.convert_ids_to_tokens(list(range(min(size, len(tokenizer)))))
        self.width = np.zeros(size, dtype=np.int64)
        self.text: dict[Language, npt.NDArray[np.bool_]] = {
            "en": np.zeros(size, dtype=bool),
            "zh": np.zeros(size, dtype=bool),
        }
        self.words = [word.replace("▁", " ").casefold() for word in words]
        for i, word in enumerate(words):
            if i in special or _BYTE.fullmatch(word) or any(c.isdigit() for c in word):
                continue
            self.width[i] = display_width(word.replace("▁", " "))
            self.text["en"][i] = word.isascii() or not _HAN.search(word.replace("▁", ""))
            self.text["zh"][i] = not _LATIN.search(word)
        self.five = int(ids("5"))
        self.stops = {int(ids(stop)) for stop in ".!?。！？"}

    def only(self, token: int) -> npt.NDArray[np.bool_]:
        """(vocabulary,) that token and no other."""
        may = np.zeros(self.size, dtype=bool)
        may[token] = True
        return may


def _all_slots() -> tuple[str, ...]:
    return tuple(dict.fromkeys(slot for slots in UNITS.values() for slot in slots))


class _Row:
    """One text under way."""

    def __init__(self, job: Job, vocabulary: _Vocabulary) -> None:
        self.job = job
        self.vocabulary = vocabulary
        self.prompt: list[int] = vocabulary.tokenizer(job.prompt, add_special_tokens=False).input_ids
        known = vocabulary.fact_ids
        self._values = {known[n]: display_width(v) for n, v in job.values.items() if n in known}
        self._random = np.random.default_rng(job.seed).random(job.max_tokens + 1)
        self._order = list(job.slots)
        self._avoid = [word.casefold() for word in (*job.avoid, *retired(job.language)) if word]
        self._topic = int(vocabulary.tokenizer.convert_tokens_to_ids(topic(job.category)))
        self._banned: dict[int, set[int]] = {}
        self._n_rewinds = 0
        self._n_drawn = 0
        self._closed: set[int] = set()
        self._start()

    def _start(self) -> None:
        self.tokens: list[int] = []
        self.texts: dict[str, list[int]] = {}
        self.slot: str | None = None
        self.told: set[str] = set()
        self.width = 0
        self.is_whole = self.is_lost = self.is_too_wide = self._awaits_topic = False
        self._sentence = self._slot_start = 0
        self._tail = ""

    def minds(self, share: float) -> bool:
        """Whether so small a share of the probability on what is allowed means that the way is lost.

        Where a token was banned on the way back, its share does not count; it is not known here, so that
        only what is all but impossible is minded.
        """
        place = len(self.tokens)
        if place in self._closed or self._awaits_topic:
            return False
        return share < (_HARDLY if place in self._banned else 1 - _LOST)

    def rewind(self) -> bool:
        """Goes back to where the sentence began, and bans its first token there; False where that is no use.

        A slot that grew too wide, or that finds no further sentence, ends there instead, where whole sentences
        of it remain.
        """
        self._n_rewinds += 1
        if self._n_rewinds > _MOST_REWINDS:
            return False
        if self._sentence >= len(self.tokens):  # lost right after a whole sentence
            self._closed.add(self._sentence)
            return self._sentence > self._slot_start and self._restart()
        place = self._sentence
        banned = self._banned.setdefault(place, set())
        banned.add(self.tokens[place])
        if place > self._slot_start and (self.is_too_wide or len(banned) > _MOST_BANNED):
            self._closed.add(place)
        return self._restart()

    def _restart(self) -> bool:
        """Takes up the text anew as far as its last whole sentence."""
        kept = self.tokens[: self._sentence]
        self._start()
        for token in kept:
            self._take(token)
        return True

    def next_random(self) -> float:
        """This text's random number for its next token."""
        return float(self._random[len(self.tokens)])

    def allowed(self) -> npt.NDArray[np.bool_]:
        """(vocabulary,) which tokens may come next."""
        v = self.vocabulary
        if self.slot is None:
            return v.only(v.markers[self._order[0]])
        if self._awaits_topic:
            return v.only(self._topic)
        following = self._following()
        ending = v.end if following is None else v.markers[following]
        if len(self.tokens) in self._closed:
            return v.only(ending)
        may = v.text[self.job.language].copy()
        may[v.five] = "rating" in self.told
        room = self.job.slots[self.slot] - self.width - _MARGIN
        for token, width in self._values.items():
            name = v.facts[token]
            may[token] = (name not in self.told or name in _RETOLD) and width <= room
        may[v.line] = self.slot in self.job.multiline and bool(self.texts[self.slot])
        may[ending] = bool(self.texts[self.slot])
        for token in self._banned.get(len(self.tokens), ()):
            may[token] = False
        return may

    def take(self, token: int) -> bool:
        """Appends a token, unless the way is lost; whether the text goes on."""
        if self.is_lost:
            return False
        self._n_drawn += 1
        return self._take(token)

    def _take(self, token: int) -> bool:
        v = self.vocabulary
        self.tokens.append(token)
        if self._awaits_topic:
            self._awaits_topic = False
            self._sentence = self._slot_start = len(self.tokens)
            return True
        if token in v.stops or token == v.line:
            self._sentence = len(self.tokens)
        if token == v.end:
            self.is_whole = True
            return False
        following = self._order[0] if self.slot is None else self._following()
        if following is not None and token == v.markers[following]:
            self.slot, self.told, self.width = following, set(), 0
            self._sentence = self._slot_start = len(self.tokens)
            self.texts[following] = []
            self._tail = ""
            self._awaits_topic = True
            return True
        slot = self.slot or self._order[0]  # the first token is always the first marker
        self.texts[slot].append(token)
        self.width += self._values.get(token, int(v.width[token]))
        if token in v.facts:
            self.told.add(v.facts[token])
        self.is_too_wide = self.width > self.job.slots[slot]
        self.is_lost = self.is_too_wide or self._says_avoided(token)
        return len(self.tokens) < self.job.max_tokens and not self.is_lost

    def _says_avoided(self, token: int) -> bool:
        """Whether a word that may not stand there is complete with this token."""
        before = self._tail[-_LONGEST_AVOIDED:]
        self._tail = before + ("\x00" if token in self.vocabulary.facts else self.vocabulary.words[token])
        return any(word in self._tail for word in self._avoid)

    def answer(self) -> Answer:
        """The slots as text."""
        decode = self.vocabulary.tokenizer.decode
        slots = (
            {name: decode(tokens).strip() for name, tokens in self.texts.items()} if self.is_whole else None
        )
        return Answer(slots, len(self.prompt), self._n_drawn)

    def _following(self) -> str | None:
        place = self._order.index(self.slot) + 1 if self.slot is not None else 0
        return self._order[place] if place < len(self._order) else None
