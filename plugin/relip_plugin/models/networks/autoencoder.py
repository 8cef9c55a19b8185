"""The autoencoder of Stable Diffusion, its halves apart, latents scaled as its UNets see them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from relip_plugin.models.networks.diffusion import GROUPS, Attention, Larger, Residual, Smaller

WIDTHS: Final = (128, 256, 512, 512)
LATENTS: Final = 4
SCALE: Final = 0.18215
_EPSILON: Final = 1e-6


class _Looking(Attention):
    """All pixels look at all."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, heads=1, bias=True)
        self.group_norm = nn.GroupNorm(min(GROUPS, channels), channels, eps=_EPSILON)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """``[n, channels, h, w]``."""
        tokens = self.group_norm(x).flatten(2).transpose(1, 2)
        return x + super().forward(tokens, tokens).transpose(1, 2).reshape(x.shape)


class _Middle(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([Residual(channels, channels) for _ in range(2)])
        self.attentions = nn.ModuleList([_Looking(channels)])

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.resnets[1](self.attentions[0](self.resnets[0](x)))
        return y


class _Level(nn.Module):
    """A size of picture; ``next`` changes to that of the level after it."""

    def __init__(self, channels: int, wide: int, layers: int, **after: nn.Module) -> None:
        super().__init__()
        sizes = [channels, *[wide] * layers]
        self.resnets = nn.ModuleList([Residual(a, b) for a, b in pairwise(sizes)])
        for name, module in after.items():
            self.add_module(name, nn.ModuleList([module]))
        self._after = tuple(after)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.resnets:
            x = layer(x)
        for name in self._after:
            x = getattr(self, name)[0](x)
        return x


class _Half(nn.Module):
    """What both halves have in common, named for each."""

    def __init__(self, first: int, last: tuple[int, int], middle: int) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(*((3, first) if last[1] != 3 else (LATENTS, first)), 3, padding=1)
        self.mid_block = _Middle(middle)
        self.conv_norm_out = nn.GroupNorm(min(GROUPS, last[0]), last[0], eps=_EPSILON)
        self.conv_out = nn.Conv2d(*last, 3, padding=1)

    def out(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv_out(functional.silu(self.conv_norm_out(x)))
        return y


class _Down(_Half):
    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__(widths[0], (widths[-1], 2 * LATENTS), widths[-1])
        before = [widths[0], *widths[:-1]]
        self.down_blocks = nn.ModuleList(
            [
                _Level(a, b, 2, **({} if last else {"downsamplers": Smaller(b, aside=True)}))
                for a, b, last in zip(before, widths, _lasts(len(widths)), strict=True)
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        for block in self.down_blocks:
            x = block(x)
        return self.out(self.mid_block(x))


class _Up(_Half):
    def __init__(self, widths: Sequence[int]) -> None:
        falling = widths[::-1]
        super().__init__(falling[0], (falling[-1], 3), falling[0])
        before = [falling[0], *falling[:-1]]
        self.up_blocks = nn.ModuleList(
            [
                _Level(a, b, 3, **({} if last else {"upsamplers": Larger(b)}))
                for a, b, last in zip(before, falling, _lasts(len(widths)), strict=True)
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.mid_block(self.conv_in(x))
        for block in self.up_blocks:
            x = block(x)
        return self.out(x)


class Encoder(nn.Module):
    """``face [n, 3, 256, 256]``, R, G, B of -1 to 1, to ``[n, 4, 32, 32]``: the mean, scaled."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.encoder = _Down(widths)
        self.quant_conv = nn.Conv2d(2 * LATENTS, 2 * LATENTS, 1)

    def forward(self, face: Tensor) -> Tensor:
        """Latents."""
        latents: Tensor = self.quant_conv(self.encoder(face))[:, :LATENTS] * SCALE
        return latents


class Decoder(nn.Module):
    """Scaled ``latents [n, 4, 32, 32]`` to ``[n, 3, 256, 256]``, R, G, B of about -1 to 1."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.post_quant_conv = nn.Conv2d(LATENTS, LATENTS, 1)
        self.decoder = _Up(widths)

    def forward(self, latents: Tensor) -> Tensor:
        """A face."""
        face: Tensor = self.decoder(self.post_quant_conv(latents / SCALE))
        return face


def _lasts(count: int) -> list[bool]:
    return [False] * (count - 1) + [True]
