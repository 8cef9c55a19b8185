"""What decoding only a face's lower rows would save, and cost.

``python -m tests.bench.decoder_rows``. MuseTalk's decoder is that of Stable Diffusion. Its
attention and its group norms look at all of a face, so rows decoded alone differ from the same
rows of the whole. Here that is measured on the real architecture with random weights (they say
what depends on what, not how good a picture is), with the norms' statistics taken from three
places. Needs PyTorch, the extra ``convert``; about a minute on one core.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn import functional

from relip_plugin.models.networks.autoencoder import WIDTHS, Decoder

NEEDED: Final = 102
"""First of the 256 rows of a face that are used."""
_FIRST: Final = 40
"""Of 128 rows, from which on the two finest levels are decoded: their convolutions look 8 rows of
256 and 6 of 128 beyond their own."""
_LEVELS: Final = 2
"""Coarse levels that are decoded whole."""

Statistics = dict[nn.GroupNorm, tuple[Tensor, Tensor]]


def operations(share: float, widths: tuple[int, ...] = WIDTHS, side: int = 32) -> tuple[int, int]:
    """Of one face, whole and with ``share`` of the rows of the two finest levels."""
    falling = widths[::-1]
    whole = part = 0
    before = falling[0]
    for level, wide in enumerate(falling):
        pixels = (side << level) ** 2
        convolutions = [(before, wide), *[(wide, wide)] * 5]
        found = sum(2 * 9 * pixels * a * b for a, b in convolutions)
        found += 2 * pixels * before * wide if before != wide else 0
        more = 2 * 9 * 4 * pixels * wide * wide if level < len(falling) - 1 else 0
        saved = share if level >= _LEVELS else 1.0
        whole += found + more
        part += int((found + more) * saved)
        before = wide
    return whole, part


@contextmanager
def norms(decoder: nn.Module, known: Statistics | None, kept: Statistics) -> Iterator[None]:
    """While it lasts, norms use what is known and keep what they see."""

    def forward(self: nn.GroupNorm, x: Tensor) -> Tensor:
        groups = x.unflatten(1, (self.num_groups, -1))
        kept[self] = groups.mean((2, 3, 4)), groups.var((2, 3, 4), correction=0)
        mean, spread = (known or kept)[self]
        same = (groups - mean[..., None, None, None]) * torch.rsqrt(
            spread[..., None, None, None] + self.eps
        )
        return same.flatten(1, 2) * self.weight[:, None, None] + self.bias[:, None, None]

    with patch.object(nn.GroupNorm, "forward", forward):
        yield


def coarse(decoder: Decoder, latents: Tensor) -> Tensor:
    """As far as the coarse levels, ``[1, 512, 128, 128]``."""
    half = decoder.decoder
    x = half.mid_block(half.conv_in(decoder.post_quant_conv(latents)))
    for block in half.up_blocks[:_LEVELS]:
        x = block(x)
    return x


def fine(decoder: Decoder, x: Tensor) -> Tensor:
    """The rest of it."""
    for block in decoder.decoder.up_blocks[_LEVELS:]:
        x = block(x)
    return decoder.decoder.out(x)


def made_up() -> tuple[Tensor, Tensor]:
    """Latents of a face in two frames: smooth, other above than below, the mouth has moved."""
    latents = torch.randn(1, 4, 32, 32)
    latents[:, :, :16] = latents[:, :, :16] * 0.6 + 0.5
    before = latents.clone()
    before[:, :, 20:28, 10:22] = torch.randn(1, 4, 8, 12)
    return (
        functional.avg_pool2d(latents, 3, 1, 1) * 1.7,
        functional.avg_pool2d(before, 3, 1, 1) * 1.7,
    )


def main() -> None:
    """Print errors, in 8-bit steps of a picture whose range is that of the whole one."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    decoder = Decoder().eval()
    latents, before = made_up()
    with torch.no_grad():
        begin = time.monotonic()
        own: Statistics = {}
        with norms(decoder, None, own):
            whole = fine(decoder, coarse(decoder, latents))
        print(f"whole: {time.monotonic() - begin:.1f} s")
        earlier: Statistics = {}
        with norms(decoder, None, earlier):
            fine(decoder, coarse(decoder, before))
        x = coarse(decoder, latents)[:, :, _FIRST:]
        step = float(whole.max() - whole.min()) / 255
        wanted = whole[:, :, NEEDED:]
        for name, known in (("this face's", own), ("the frame before's", earlier), ("own", None)):
            begin = time.monotonic()
            with norms(decoder, known, {}):
                part = fine(decoder, x)[:, :, NEEDED - 2 * _FIRST :]
            error = (part - wanted).abs() / step
            print(
                f"rows with {name} statistics: {time.monotonic() - begin:.1f} s after the coarse "
                f"levels, off by at most {float(error.max()):.3f}, on average "
                f"{float(error.mean()):.4f} of 255 steps"
            )
        alone = decoder(latents[:, :, 12:])
        error = (alone[:, :, NEEDED - 96 :] - decoder(latents)[:, :, NEEDED:]).abs() / step
        print(
            f"latent rows 12 to 31 alone: off by at most {float(error.max()):.1f}, on average "
            f"{float(error.mean()):.2f} of 255 steps"
        )
    all_of_it, some = operations(1 - _FIRST / 128)
    print(
        f"convolutions of the levels: {all_of_it / 1e9:.0f} GFLOP whole, {some / 1e9:.0f} in rows"
    )


if __name__ == "__main__":
    main()
