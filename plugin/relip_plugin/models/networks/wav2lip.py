"""Wav2Lip: Prajwal et al., *A Lip Sync Expert Is All You Need*, ACM Multimedia 2020."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

SIDE: Final = 96
_FACE: Final = ((32, 3), (64, 4), (128, 3), (256, 3), (512, 2))
"""Channels and layers of each halving of the face."""
_SOUND: Final = ((32, 1, 3), (64, (3, 1), 3), (128, 3, 3), (256, (3, 2), 2))
"""Channels, stride of the first layer, and layers of each step down the sound."""
_DRAWN: Final = ((1024, 512, 3), (768, 384, 3), (512, 256, 3), (320, 128, 3), (160, 64, 3))
"""Channels in and out, and layers of each doubling of the picture."""


class Layer(nn.Module):
    """A convolution, its batches normalised, added to what went in if that is as large, ReLU."""

    def __init__(
        self,
        channels: tuple[int, int],
        kernel: int = 3,
        stride: int | tuple[int, int] = 1,
        padding: int = 1,
        larger: bool = False,
        residual: bool = False,
    ) -> None:
        super().__init__()
        convolution = (
            nn.ConvTranspose2d(*channels, kernel, stride, padding, output_padding=padding)
            if larger
            else nn.Conv2d(*channels, kernel, stride, padding)
        )
        self.conv_block = nn.Sequential(convolution, nn.BatchNorm2d(channels[1]))
        self._residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """``[n, channels, h, w]``."""
        y: Tensor = self.conv_block(x)
        return torch.relu(x + y if self._residual else y)


def _more(channels: int, layers: int) -> list[Layer]:
    return [Layer((channels, channels), residual=True) for _ in range(layers)]


class Wav2Lip(nn.Module):
    """``mel [n, 1, 80, 16]`` and ``faces [n, 6, 96, 96]`` to ``[n, 3, 96, 96]``.

    Faces are masked below, then whole, both B, G, R of 0 to 1; so is what is drawn.
    """

    def __init__(self) -> None:
        super().__init__()
        blocks = [nn.Sequential(Layer((6, 16), 7, padding=3))]
        width = 16
        for wide, layers in _FACE:
            first = Layer((width, wide), stride=2)
            blocks.append(nn.Sequential(first, *_more(wide, layers - 1)))
            width = wide
        # What is 3 x 3 by now becomes 1 x 1.
        last = (Layer((512, 512), padding=0), Layer((512, 512), 1, padding=0))
        self.face_encoder_blocks = nn.ModuleList([*blocks, nn.Sequential(*last)])

        heard: list[Layer] = []
        width = 1
        for wide, stride, layers in _SOUND:
            heard += [Layer((width, wide), stride=stride), *_more(wide, layers - 1)]
            width = wide
        heard += [Layer((256, 512), padding=0), Layer((512, 512), 1, padding=0)]
        self.audio_encoder = nn.Sequential(*heard)

        drawn = [
            nn.Sequential(Layer((512, 512), 1, padding=0)),
            nn.Sequential(Layer((1024, 512), padding=0, larger=True), *_more(512, 1)),
        ]
        for channels, wide, layers in _DRAWN:
            up = Layer((channels, wide), stride=2, larger=True)
            drawn.append(nn.Sequential(up, *_more(wide, layers - 1)))
        self.face_decoder_blocks = nn.ModuleList(drawn)
        self.output_block = nn.Sequential(Layer((80, 32)), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        """Draw the faces that say the sound."""
        kept = []
        x = faces
        for block in self.face_encoder_blocks:
            x = block(x)
            kept.append(x)
        x = self.audio_encoder(mel)
        for block in self.face_decoder_blocks:
            x = torch.cat((block(x), kept.pop()), dim=1)
        drawn: Tensor = self.output_block(x)
        return drawn
