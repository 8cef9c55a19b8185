"""The networks that others run for every frame, described from their papers and published shapes.

No weights: what they would draw is noise, what they cost is real. Kept as exporters write them,
batch normalisation folded into the convolutions before it.

* Wav2Lip: Prajwal et al., *A Lip Sync Expert Is All You Need*, ACM Multimedia 2020.
* The decoder of Stable Diffusion's autoencoder and its UNet: Rombach et al., *High-Resolution
  Image Synthesis with Latent Diffusion Models*, CVPR 2022; run once per frame, with audio for
  words, by MuseTalk: Zhang et al., *MuseTalk*, 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import onnx

from tests.bench.graphs import Graph

_VAE: Final = (512, 512, 256, 128)
_UNET: Final = (320, 640, 1280, 1280)
_HEADS: Final = 8
_AUDIO: Final = (50, 384)
"""Tokens and channels of the audio features that MuseTalk's UNet attends to."""


def wav2lip() -> onnx.ModelProto:
    """Wav2Lip: ``mel [1, 1, 80, 16]`` and ``face [1, 6, 96, 96]`` to ``[1, 3, 96, 96]``.

    On two cores, eight frames at a time took no less for each.
    """
    net = Graph()
    heard = _heard(net, net.input("mel", 1, 1, 80, 16))
    x, width = _layer(net, net.input("face", 1, 6, 96, 96), (6, 16), kernel=7), 16
    kept = [(x, width)]
    for wide, more in ((32, 2), (64, 3), (128, 2), (256, 2), (512, 1)):
        x, width = _layer(net, x, (width, wide), stride=(2, 2)), wide
        for _ in range(more):
            x = _layer(net, x, (width, width), residual=True)
        kept.append((x, width))
    x = _layer(net, _layer(net, x, (width, width), pad=0), (width, width), kernel=1)
    x, width = net.concatenate(_layer(net, heard, (512, 512), kernel=1), x), 512 + width
    for wide, stride, more in (
        (512, 1, 1), (512, 2, 2), (384, 2, 2), (256, 2, 2), (128, 2, 2), (64, 2, 2)
    ):  # fmt: skip
        x = net.relu(net.deconvolution(x, (width, wide), stride, pad=stride - 1))
        for _ in range(more):
            x = _layer(net, x, (wide, wide), residual=True)
        other, width = kept.pop()
        x, width = net.concatenate(x, other), wide + width
    x = _layer(net, x, (width, 32))
    return net.model(net.sigmoid(net.convolution(x, (32, 3), kernel=1)))


def _heard(net: Graph, mel: str) -> str:
    """The audio encoder: ``[n, 512, 1, 1]``."""
    x = _layer(net, mel, (1, 32))
    for width, stride, more in ((32, None, 2), (64, (3, 1), 2), (128, (3, 3), 2), (256, (3, 2), 1)):
        if stride:
            x = _layer(net, x, (width // 2, width), stride=stride)
        for _ in range(more):
            x = _layer(net, x, (width, width), residual=True)
    return _layer(net, _layer(net, x, (256, 512), pad=0), (512, 512), kernel=1)


def _layer(
    net: Graph,
    x: str,
    channels: tuple[int, int],
    *,
    kernel: int = 3,
    stride: tuple[int, int] = (1, 1),
    pad: int | None = None,
    residual: bool = False,
) -> str:
    made = net.convolution(x, channels, kernel, stride, pad)
    return net.relu(net.add(made, x) if residual else made)


def vae_decoder(widths: Sequence[int] = _VAE, side: int = 32) -> onnx.ModelProto:
    """``latents [1, 4, side, side]`` to a picture, doubled for each of ``widths`` but one."""
    net = Graph()
    width = widths[0]
    x = net.convolution(net.input("latents", 1, 4, side, side), (4, 4), kernel=1)
    x = _residual(net, net.convolution(x, (4, width)), width, width)
    y = _as_tokens(net, net.group_norm(x, width), width)
    query, key, value = (net.linear(y, (width, width)) for _ in range(3))
    y = net.linear(net.attention(query, key, value, width, heads=1), (width, width))
    x = _residual(net, net.add(x, _as_picture(net, y, width, side)), width, width)
    for index, wide in enumerate(widths):
        for _ in range(3):
            x, width = _residual(net, x, width, wide), wide
        if index < len(widths) - 1:
            x = net.convolution(net.twice_as_large(x), (width, width))
    return net.model(net.convolution(net.silu(net.group_norm(x, width)), (width, 3)))


def vae_encoder(widths: Sequence[int] = _VAE[::-1], side: int = 256) -> onnx.ModelProto:
    """A picture ``[1, 3, side, side]`` to latents, halved for each of ``widths`` but one.

    Halving pads on all sides, where the published one does on two; that costs as much.
    """
    net = Graph()
    width = widths[0]
    x = net.convolution(net.input("image", 1, 3, side, side), (3, width))
    for index, wide in enumerate(widths):
        for _ in range(2):
            x, width = _residual(net, x, width, wide), wide
        if index < len(widths) - 1:
            x, side = net.convolution(x, (width, width), stride=(2, 2)), side // 2
    x = _residual(net, x, width, width)
    y = _as_tokens(net, net.group_norm(x, width), width)
    query, key, value = (net.linear(y, (width, width)) for _ in range(3))
    y = net.linear(net.attention(query, key, value, width, heads=1), (width, width))
    x = _residual(net, net.add(x, _as_picture(net, y, width, side)), width, width)
    # Means and spreads; of the last layer only the means are asked for.
    x = net.convolution(net.silu(net.group_norm(x, width)), (width, 8))
    return net.model(net.convolution(x, (8, 4), kernel=1))


@dataclass(frozen=True)
class _Known:
    """What every block of the UNet is given: the time step's features, the audio's."""

    step: str
    steps: int
    audio: str


def unet(widths: Sequence[int] = _UNET, side: int = 32) -> onnx.ModelProto:
    """``latents [1, 8, side, side]``, ``step [1, widths[0]]``, ``audio [1, 50, 384]`` to latents.

    Its time step is always 0 here; the sinusoids it is made of come as an input.
    """
    net = Graph()
    width, steps = widths[0], 4 * widths[0]
    x = net.input("latents", 1, 8, side, side)
    step = net.silu(net.linear(net.input("step", 1, width), (width, steps)))
    known = _Known(net.linear(step, (steps, steps)), steps, net.input("audio", 1, *_AUDIO))
    x = net.convolution(x, (8, width))
    kept = [(x, width)]
    deepest = len(widths) - 1
    for level, wide in enumerate(widths):
        for _ in range(2):
            x, width = _residual(net, x, width, wide, known), wide
            x = _attending(net, x, width, side, known) if level < deepest else x
            kept.append((x, width))
        if level < deepest:
            x, side = net.convolution(x, (width, width), stride=(2, 2)), side // 2
            kept.append((x, width))
    x = _attending(net, _residual(net, x, width, width, known), width, side, known)
    x = _residual(net, x, width, width, known)
    for level, wide in reversed(list(enumerate(widths))):
        for _ in range(3):
            other, more = kept.pop()
            x = _residual(net, net.concatenate(x, other), width + more, wide, known)
            width = wide
            x = _attending(net, x, width, side, known) if level < deepest else x
        if level > 0:
            x, side = net.convolution(net.twice_as_large(x), (width, width)), side * 2
    return net.model(net.convolution(net.silu(net.group_norm(x, width)), (width, 4)))


def _residual(net: Graph, x: str, width: int, wide: int, known: _Known | None = None) -> str:
    """Two convolutions beside a way past them."""
    y = net.convolution(net.silu(net.group_norm(x, width)), (width, wide))
    if known:
        step = net.linear(net.silu(known.step), (known.steps, wide))
        y = net.add(y, net.reshape(step, 0, 0, 1, 1))
    y = net.convolution(net.silu(net.group_norm(y, wide)), (wide, wide))
    return net.add(x if width == wide else net.convolution(x, (width, wide), kernel=1), y)


def _attending(net: Graph, x: str, width: int, side: int, known: _Known) -> str:
    """Pixels look at each other, then at the audio, then each thinks for itself."""
    pixels = net.convolution(net.group_norm(x, width), (width, width), kernel=1)
    y = _as_tokens(net, pixels, width)
    for source, channels in ((None, width), (known.audio, _AUDIO[1])):
        same = net.layer_norm(y, width)
        query = net.linear(same, (width, width), bias=False)
        key, value = (
            net.linear(source or same, (channels, width), bias=False) for _ in range(2)
        )  # fmt: skip
        seen = net.attention(query, key, value, width, _HEADS)
        y = net.add(y, net.linear(seen, (width, width)))
    value, gate = net.halves(net.linear(net.layer_norm(y, width), (width, 8 * width)))
    y = net.add(y, net.linear(net.multiply(value, net.gelu(gate)), (4 * width, width)))
    return net.add(x, net.convolution(_as_picture(net, y, width, side), (width, width), kernel=1))


def _as_tokens(net: Graph, x: str, width: int) -> str:
    """``[n, width, h, w]`` to ``[n, h * w, width]``."""
    return net.transpose(net.reshape(x, 0, width, -1), 0, 2, 1)


def _as_picture(net: Graph, x: str, width: int, side: int) -> str:
    """And back."""
    return net.reshape(net.transpose(x, 0, 2, 1), 0, width, side, side)
