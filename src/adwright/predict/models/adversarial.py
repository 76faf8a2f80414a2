"""Adversarial training on word embeddings: the loss where the embeddings stand, and where they hurt most.

Each text's embeddings e may be moved by r with |r| <= radius |e|, the norm over all of the text's tokens:

    fgm      (L(0) + L(radius |e| g / |g|)) / 2,  g = dL/de           Miyato et al. 2017, ICLR, eq. 5
    pgd      (L(0) + L(r_K)) / 2,  r_k = P(r_(k-1) + a g / |g|)       Madry et al. 2018, ICLR, section 2.1
    freelb   mean over k of L(r_k), r_0 drawn in the ball             Zhu et al. 2020, ICLR, algorithm 1

P projects onto the ball, a = 2.5 radius |e| / K. FreeLB's dropout is drawn anew in each of its passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from adwright.predict.encoder_config import RobustConfig

Shifts = Sequence[torch.Tensor]
LossOf = Callable[[Shifts | None], torch.Tensor]

_STEP = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """Where embeddings may be moved to.

    Args:
        mask: By batch, (b, length, 1): 1 where there is a token.
        radius: By batch, (b, 1, 1): of each text's ball.
        width: Of an embedding.
    """

    mask: Shifts
    radius: Shifts
    width: int

    @classmethod
    def around(cls, embedded: Shifts, mask: Shifts, radius: float) -> Ball:
        """Around embeddings (b, length, width), of a radius as a share of each text's norm."""
        tokens = [held[..., None] for held in mask]
        norms = [radius * _norm(e.detach() * held) for e, held in zip(embedded, tokens, strict=True)]
        return cls(tokens, norms, embedded[0].shape[-1])

    def centre(self) -> list[torch.Tensor]:
        """No shift."""
        return [torch.zeros(*held.shape[:2], self.width, requires_grad=True) for held in self.mask]

    def drawn(self) -> list[torch.Tensor]:
        """A shift drawn as FreeLB draws it: uniform in a cube inside the ball, by torch's generator."""
        shifts = []
        for held, radius in zip(self.mask, self.radius, strict=True):
            side = radius / (held.sum(1, keepdim=True) * self.width).sqrt()
            drawn = (2 * torch.rand(*held.shape[:2], self.width) - 1) * side * held
            shifts.append(drawn.requires_grad_())
        return shifts

    def moved(self, shifts: Shifts, gradients: Shifts, share: float) -> list[torch.Tensor]:
        """The shifts after a step of `share` radii along the gradients, back inside the ball."""
        found = []
        for shift, gradient, held, radius in zip(shifts, gradients, self.mask, self.radius, strict=True):
            along = gradient * held
            step = shift.detach() + share * radius * along / _norm(along).clamp_min(1e-12)
            inside = step * (radius / _norm(step).clamp_min(1e-12)).clamp_max(1.0)
            found.append(inside.requires_grad_())
        return found


def adversarial_backward(loss_of: LossOf, ball: Ball, robust: RobustConfig) -> float:
    """Adds the gradients of the attack's loss to the parameters; the first pass's loss.

    Args:
        loss_of: The loss with the embeddings moved; a pass forward.
        ball: Where they may be moved to.
        robust: Which attack.
    """
    if robust.attack == "freelb":
        return _freelb(loss_of, ball, robust.attack_steps)
    steps = 1 if robust.attack == "fgm" else robust.attack_steps
    share = 1.0 if robust.attack == "fgm" else _STEP / steps
    shifts = ball.centre()
    loss = loss_of(shifts)
    (loss / 2).backward()  # type: ignore[no-untyped-call]
    gradients: Shifts = [shift.grad for shift in shifts if shift.grad is not None]
    for step in range(steps):
        shifts = ball.moved(shifts, gradients, share)
        moved = loss_of(shifts)
        if step < steps - 1:
            gradients = torch.autograd.grad(moved, shifts)
        else:
            (moved / 2).backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


def _freelb(loss_of: LossOf, ball: Ball, steps: int) -> float:
    shifts, first = ball.drawn(), 0.0
    for step in range(steps):
        loss = loss_of(shifts)
        (loss / steps).backward()  # type: ignore[no-untyped-call]
        first = float(loss.detach()) if step == 0 else first
        gradients = [shift.grad for shift in shifts if shift.grad is not None]
        shifts = ball.moved(shifts, gradients, _STEP / steps)
    return first


def _norm(values: torch.Tensor) -> torch.Tensor:
    """(b, 1, 1) over each text's tokens."""
    norms: torch.Tensor = torch.linalg.vector_norm(values.flatten(1), dim=1)
    return norms[:, None, None]
