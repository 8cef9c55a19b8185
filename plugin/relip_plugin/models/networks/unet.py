"""MuseTalk's UNet: that of Stable Diffusion 1, with 8 channels in and speech for words.

Zhang et al., *MuseTalk*, 2024. Its time step is always 0 and is part of the network here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from relip_plugin.models.networks.diffusion import GROUPS, Attention, Larger, Residual, Smaller

WIDTHS: Final = (320, 640, 1280, 1280)
HEARD: Final = 384
_HEADS: Final = 8
_EPSILON: Final = 1e-5


class _Gated(nn.Module):
    """GEGLU, Shazeer 2020."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Linear(channels, 8 * channels)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        y: Tensor = value * functional.gelu(gate)
        return y


class _Thinking(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        # The one between takes nothing and has no weights: nothing is dropped here.
        self.net = nn.ModuleList(
            [_Gated(channels), nn.Identity(), nn.Linear(4 * channels, channels)]
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.net[2](self.net[0](x))
        return y


class _Turn(nn.Module):
    """Tokens look at each other, then at what is heard, then each thinks for itself."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = Attention(channels, channels, _HEADS)
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = Attention(channels, HEARD, _HEADS)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = _Thinking(channels)

    def forward(self, x: Tensor, heard: Tensor) -> Tensor:
        same = self.norm1(x)
        x = x + self.attn1(same, same)
        x = x + self.attn2(self.norm2(x), heard)
        y: Tensor = x + self.ff(self.norm3(x))
        return y


class _Attending(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(min(GROUPS, channels), channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList([_Turn(channels)])
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, heard: Tensor) -> Tensor:
        y = self.proj_in(self.norm(x))
        tokens = self.transformer_blocks[0](y.flatten(2).transpose(1, 2), heard)
        return x + self.proj_out(tokens.transpose(1, 2).reshape(x.shape))


class _Level(nn.Module):
    """A size of picture: layers, each with attention if the level has any."""

    def __init__(self, sizes: Sequence[tuple[int, int]], step: int, attending: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([Residual(a, b, step, _EPSILON) for a, b in sizes])
        if attending:
            self.attentions = nn.ModuleList([_Attending(b) for _, b in sizes])
        self._attending = attending

    def layer(self, number: int, x: Tensor, step: Tensor, heard: Tensor) -> Tensor:
        x = self.resnets[number](x, step)
        return self.attentions[number](x, heard) if self._attending else x


class _Middle(nn.Module):
    def __init__(self, channels: int, step: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(
            [Residual(channels, channels, step, _EPSILON) for _ in range(2)]
        )
        self.attentions = nn.ModuleList([_Attending(channels)])

    def forward(self, x: Tensor, step: Tensor, heard: Tensor) -> Tensor:
        y: Tensor = self.resnets[1](self.attentions[0](self.resnets[0](x, step), heard), step)
        return y


class _Step(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(width, 4 * width)
        self.linear_2 = nn.Linear(4 * width, 4 * width)

    def forward(self, waves: Tensor) -> Tensor:
        y: Tensor = self.linear_2(functional.silu(self.linear_1(waves)))
        return y


class UNet(nn.Module):
    """``latents [n, 8, 32, 32]`` and ``heard [n, 50, 384]`` to ``[n, 4, 32, 32]``.

    Latents are those of the masked face, then of the reference.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        width, steps = widths[0], 4 * widths[0]
        deepest = len(widths) - 1
        self._waves = width // 2
        self.conv_in = nn.Conv2d(8, width, 3, padding=1)
        self.time_embedding = _Step(width)
        kept = [width]
        down: list[_Level] = []
        for level, wide in enumerate(widths):
            block = _Level([(width, wide), (wide, wide)], steps, level < deepest)
            kept += [wide, wide]
            if level < deepest:
                block.downsamplers = nn.ModuleList([Smaller(wide, aside=False)])
                kept.append(wide)
            down.append(block)
            width = wide
        self.down_blocks = nn.ModuleList(down)
        self.mid_block = _Middle(width, steps)
        up: list[_Level] = []
        for level, wide in reversed(list(enumerate(widths))):
            sizes = []
            for _ in range(3):
                sizes.append((width + kept.pop(), wide))
                width = wide
            block = _Level(sizes, steps, level < deepest)
            if level > 0:
                block.upsamplers = nn.ModuleList([Larger(wide)])
            up.append(block)
        self.up_blocks = nn.ModuleList(up)
        self.conv_norm_out = nn.GroupNorm(min(GROUPS, width), width, eps=_EPSILON)
        self.conv_out = nn.Conv2d(width, 4, 3, padding=1)

    def forward(self, latents: Tensor, heard: Tensor) -> Tensor:
        """Latents of the face that says it."""
        # Cosines, then sines, of a time of 0.
        cosines = latents.new_ones(1, self._waves)
        step = self.time_embedding(torch.cat((cosines, torch.zeros_like(cosines)), dim=1))
        x = self.conv_in(latents)
        kept = [x]
        for block in self.down_blocks:
            for number in range(2):
                x = block.layer(number, x, step, heard)
                kept.append(x)
            if hasattr(block, "downsamplers"):
                x = block.downsamplers[0](x)
                kept.append(x)
        x = self.mid_block(x, step, heard)
        for block in self.up_blocks:
            for number in range(3):
                x = block.layer(number, torch.cat((x, kept.pop()), dim=1), step, heard)
            if hasattr(block, "upsamplers"):
                x = block.upsamplers[0](x)
        drawn: Tensor = self.conv_out(functional.silu(self.conv_norm_out(x)))
        return drawn
