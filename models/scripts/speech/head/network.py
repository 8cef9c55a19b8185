"""The head: from speech features and named phones to what the lips do."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

FEATURES: Final = 384
PHONES: Final = 191
VISEMES: Final = 10
DILATIONS: Final = (1, 2, 4, 1, 2, 4, 1)


class Residual(nn.Module):
    """A dilated convolution over time beside the identity."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
            nn.Conv1d(channels, channels, 1),
            nn.Dropout(0.1),
        )

    def forward(self, given: Tensor) -> Tensor:
        """Channels over time ``[b, c, t]`` to the same."""
        made: Tensor = given + self.body(given)
        return made


class Head(nn.Module):
    """Features ``[b, 384, t]`` and phones ``[b, 191, t]``, p ** .25, at 50 Hz.

    Gives logits of the visemes ``[b, 10, 2 t]`` and of the opening ``[b, 2 t]`` at 100 Hz.
    """

    def __init__(self, channels: int = 128, hidden: int = 48) -> None:
        super().__init__()
        self.level = nn.LayerNorm(FEATURES)
        self.features = nn.Sequential(nn.Dropout(0.15), nn.Conv1d(FEATURES, channels, 1))
        self.phones = nn.Sequential(
            nn.Dropout(0.1),
            nn.Conv1d(PHONES, hidden, 1),
            nn.ReLU(),
            nn.Conv1d(hidden, channels, 5, padding=2),
        )
        self.body = nn.Sequential(
            nn.BatchNorm1d(channels),
            nn.ReLU(),
            *(Residual(channels, dilation) for dilation in DILATIONS),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
        )
        self.last = nn.Conv1d(channels, 2 * (VISEMES + 1), 1)

    def forward(self, features: Tensor, phones: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        level = self.level(features.transpose(1, 2)).transpose(1, 2)
        made = self.last(self.body(self.features(level) + self.phones(phones)))
        batch, _, count = made.shape
        pairs = made.reshape(batch, 2, VISEMES + 1, count).permute(0, 2, 3, 1)
        whole = pairs.reshape(batch, VISEMES + 1, 2 * count)
        return whole[:, :VISEMES], whole[:, VISEMES]
