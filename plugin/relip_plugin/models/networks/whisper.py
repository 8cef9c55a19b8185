"""Whisper's encoder: Radford et al., *Robust Speech Recognition via Large-Scale Weak Supervision*.

Weights are named as transformers writes them.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH: Final = 384
LAYERS: Final = 4
STEPS: Final = 1500
_HEADS: Final = 6


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_proj = nn.Linear(WIDTH, WIDTH)
        self.k_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v_proj = nn.Linear(WIDTH, WIDTH)
        self.out_proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        size = WIDTH // _HEADS
        query, key, value = (
            part.unflatten(-1, (_HEADS, size)).transpose(1, 2)
            for part in (self.q_proj(x), self.k_proj(x), self.v_proj(x))
        )
        scores = torch.softmax(query @ key.transpose(-1, -2) * size**-0.5, dim=-1)
        seen: Tensor = self.out_proj((scores @ value).transpose(1, 2).flatten(2))
        return seen


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.self_attn = _Attention()
        self.final_layer_norm = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.self_attn_layer_norm(x))
        y: Tensor = x + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))
        return y


class WhisperTiny(nn.Module):
    """``mel [n, 80, 3000]`` to ``[n, 1500, 5, 384]``: before each layer, and, normalised, after."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(80, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(STEPS, WIDTH)
        self.layers = nn.ModuleList([_Layer() for _ in range(LAYERS)])
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor) -> Tensor:
        """What is heard, 50 times a second."""
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel))))
        x = x.transpose(1, 2) + self.embed_positions.weight
        states = []
        for layer in self.layers:
            states.append(x)
            x = layer(x)
        return torch.stack([*states, self.layer_norm(x)], dim=2)


def from_openai(name: str) -> str:
    """The name of a weight of OpenAI's own file as transformers writes it."""
    for theirs, ours in (
        ("positional_embedding", "embed_positions.weight"),
        ("blocks.", "layers."),
        (".attn.query.", ".self_attn.q_proj."),
        (".attn.key.", ".self_attn.k_proj."),
        (".attn.value.", ".self_attn.v_proj."),
        (".attn.out.", ".self_attn.out_proj."),
        (".attn_ln.", ".self_attn_layer_norm."),
        (".mlp.0.", ".fc1."),
        (".mlp.2.", ".fc2."),
        (".mlp_ln.", ".final_layer_norm."),
        ("ln_post.", "layer_norm."),
    ):
        name = name.replace(theirs, ours)
    return name
