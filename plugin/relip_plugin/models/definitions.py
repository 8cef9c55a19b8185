"""Which networks can be filled from which weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from torch import Tensor

from relip_plugin.models.converting import Definition
from relip_plugin.models.networks import whisper
from relip_plugin.models.networks.autoencoder import Decoder, Encoder
from relip_plugin.models.networks.unet import HEARD, UNet
from relip_plugin.models.networks.wav2lip import SIDE, Wav2Lip
from relip_plugin.models.networks.whisper import WhisperTiny

Weights = Mapping[str, Tensor]
_OLDER: Final = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.",
                 ".proj_attn.": ".to_out.0."}  # fmt: skip
"""Names in autoencoders written before diffusers 0.18."""


def definitions(engine: str) -> dict[str, Definition]:
    """The parts of an engine's models, by their names in the catalogue."""
    if engine == "wav2lip":
        inputs = {"mel_spectrogram": (1, 1, 80, 16), "video_frames": (1, 6, SIDE, SIDE)}
        return {"generator": Definition(Wav2Lip, inputs, "predicted_frames", _wav2lip)}
    face, latents, heard = (1, 3, 256, 256), (1, 4, 32, 32), (1, 50, HEARD)
    return {
        "vae_encoder": Definition(Encoder, {"face": face}, "latents", _encoder),
        "unet": Definition(UNet, {"latents": (1, 8, 32, 32), "heard": heard}, "drawn", _unet),
        "vae_decoder": Definition(Decoder, {"latents": latents}, "face", _decoder),
        "whisper_encoder": Definition(
            WhisperTiny, {"mel": (1, 80, 2 * whisper.STEPS)}, "states", _whisper
        ),
    }


def _wav2lip(weights: Weights) -> dict[str, Tensor]:
    ours = ("face_encoder_blocks.", "audio_encoder.", "face_decoder_blocks.", "output_block.")
    if not all(any(name.startswith(prefix) for name in weights) for prefix in ours):
        return {}
    return {name: value for name, value in weights.items() if name.startswith(ours)}


def _encoder(weights: Weights) -> dict[str, Tensor]:
    return _half(weights, "encoder.", "quant_conv.", "encoder.down_blocks.0.resnets.0.conv1.weight")


def _decoder(weights: Weights) -> dict[str, Tensor]:
    known = "decoder.up_blocks.0.resnets.0.conv1.weight"
    return _half(weights, "decoder.", "post_quant_conv.", known)


def _half(weights: Weights, coder: str, beside: str, known: str) -> dict[str, Tensor]:
    """One half of an autoencoder."""
    if known not in weights:
        return {}
    return {
        _newer(name): value for name, value in weights.items() if name.startswith((coder, beside))
    }


def _newer(name: str) -> str:
    for old, new in _OLDER.items():
        name = name.replace(old, new)
    return name


def _unet(weights: Weights) -> dict[str, Tensor]:
    if "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight" not in weights:
        return {}
    return dict(weights)


def _whisper(weights: Weights) -> dict[str, Tensor]:
    for prefix in ("model.encoder.", "encoder."):
        if f"{prefix}conv1.weight" in weights:
            return {
                whisper.from_openai(name.removeprefix(prefix)): value
                for name, value in weights.items()
                if name.startswith(prefix)
            }
    return {}
