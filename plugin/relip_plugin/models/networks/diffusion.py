"""What the autoencoder and the UNet of Stable Diffusion share.

Rombach et al., *High-Resolution Image Synthesis with Latent Diffusion Models*, CVPR 2022; weights
are named as diffusers writes them.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

GROUPS: Final = 32


class Residual(nn.Module):
    """Two convolutions beside a way past them; in the UNet the time step is added between them."""

    def __init__(self, channels: int, wide: int, step: int = 0, epsilon: float = 1e-6) -> None:
        super().__init__()
        groups = min(GROUPS, channels), min(GROUPS, wide)
        self.norm1 = nn.GroupNorm(groups[0], channels, eps=epsilon)
        self.conv1 = nn.Conv2d(channels, wide, 3, padding=1)
        if step:
            self.time_emb_proj = nn.Linear(step, wide)
        self.norm2 = nn.GroupNorm(groups[1], wide, eps=epsilon)
        self.conv2 = nn.Conv2d(wide, wide, 3, padding=1)
        if channels != wide:
            self.conv_shortcut = nn.Conv2d(channels, wide, 1)
        self._same = channels == wide

    def forward(self, x: Tensor, step: Tensor | None = None) -> Tensor:
        """``[n, channels, h, w]`` and ``[1, step]`` to ``[n, wide, h, w]``."""
        y = self.conv1(functional.silu(self.norm1(x)))
        if step is not None:
            y = y + self.time_emb_proj(functional.silu(step))[:, :, None, None]
        y = self.conv2(functional.silu(self.norm2(y)))
        past: Tensor = x if self._same else self.conv_shortcut(x)
        return past + y


class Attention(nn.Module):
    """Scaled dot products of ``[n, tokens, channels]`` with ``[n, others, context]``."""

    def __init__(self, channels: int, context: int, heads: int, bias: bool = False) -> None:
        super().__init__()
        self.to_q = nn.Linear(channels, channels, bias=bias)
        self.to_k = nn.Linear(context, channels, bias=bias)
        self.to_v = nn.Linear(context, channels, bias=bias)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])
        self._heads = heads

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """What each token finds in the context."""
        size = x.shape[-1] // self._heads
        query, key, value = (
            part.unflatten(-1, (self._heads, size)).transpose(1, 2)
            for part in (self.to_q(x), self.to_k(context), self.to_v(context))
        )
        scores = torch.softmax(query @ key.transpose(-1, -2) * size**-0.5, dim=-1)
        seen: Tensor = self.to_out[0]((scores @ value).transpose(1, 2).flatten(2))
        return seen


class Smaller(nn.Module):
    """Half as wide and high; the autoencoder pads right and below only."""

    def __init__(self, channels: int, aside: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=0 if aside else 1)
        self._aside = aside

    def forward(self, x: Tensor) -> Tensor:
        """``[n, channels, h, w]`` to half of h and w."""
        y: Tensor = self.conv(functional.pad(x, (0, 1, 0, 1)) if self._aside else x)
        return y


class Larger(nn.Module):
    """Twice as wide and high."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """``[n, channels, h, w]`` to twice h and w."""
        y: Tensor = self.conv(functional.interpolate(x, scale_factor=2.0, mode="nearest"))
        return y
