"""Models that are not shipped: what they are for, where they are, what their licences mean.

None is fetched without being asked for. Addresses and sizes are those that public projects name;
where nobody published a checksum, that of the first file is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from relip_models.signature import Port, Ports, Signature

FurtherName = Literal["wav2lip", "wav2lip_gan", "musetalk"]


@dataclass(frozen=True)
class Source:
    """A file to fetch.

    Attributes
    ----------
    address : https.
    size : bytes; None where only about how many is known.
    sha256 : in hexadecimal; None where nobody published it.
    """

    address: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Part:
    """One network of a model.

    Attributes
    ----------
    signatures : what a file of it takes and gives, in any of these ways.
    source : where it is fetched from; None if it can only be added.
    about : bytes, roughly, for planning.
    """

    name: str
    purpose: str
    signatures: tuple[Signature, ...]
    source: Source | None
    about: int


@dataclass(frozen=True)
class Further:
    """A model that a user may add.

    Attributes
    ----------
    engine : the one that draws with it, as in ``--engine``.
    consequence : of its licence, in one sentence.
    page : where it is published.
    elsewhere : how else to come by it, in words.
    """

    name: FurtherName
    engine: str
    purpose: str
    licence: str
    consequence: str
    page: str
    elsewhere: str
    parts: tuple[Part, ...]

    @property
    def about(self) -> int:
        """Bytes of all files, roughly."""
        return sum(part.about for part in self.parts)

    def part_like(self, inputs: Ports, outputs: Ports) -> Part | None:
        """The part that takes and gives these; None if none does."""
        fits = (
            part
            for part in self.parts
            if any(signature.fits(inputs, outputs) for signature in part.signatures)
        )
        return next(fits, None)


def _wav2lip(*names: str, side: int) -> Signature:
    sound, faces, drawn = (*names, "")[:3]
    return Signature(
        (Port((None, 1, 80, 16), sound), Port((None, 6, side, side), faces)),
        (Port((None, 3, side, side), drawn),),
    )


_WAV2LIP: Final = (
    _wav2lip("mel_spectrogram", "video_frames", "predicted_frames", side=96),
    _wav2lip("mel_spectrogram", "video_frames", "predicted_frames", side=256),
    _wav2lip("source", "target", side=96),
)
"""As instant-high/wav2lip-onnx and as facefusion name them."""
_LATENTS: Final = Port((None, 4, 32, 32))
_FACE: Final = Port((None, 3, 256, 256))
_HEARD: Final = Port((None, 50, 384))
_NON_COMMERCIAL: Final = "research and other non-commercial use only (trained on LRS2)"
_NO_FILMS: Final = "What you make with it may not be sold, broadcast or used for a client."
_CONVERT: Final = "relip models convert wav2lip FILE.pth takes the authors' own file"

FURTHER: Final[tuple[Further, ...]] = (
    Further(
        "wav2lip",
        "wav2lip",
        "draws a mouth of 96 x 96 that is in sync, softly",
        _NON_COMMERCIAL,
        _NO_FILMS,
        "https://huggingface.co/bluefoxcreation/Wav2lip-Onnx, weights of "
        "https://github.com/Rudrabha/Wav2Lip",
        f"{_CONVERT}; files of facefusion (wav2lip_96.onnx) and networks of 256 x 256 from "
        "https://github.com/instant-high/wav2lip-onnx-256 can be added",
        (
            Part(
                "generator",
                "the whole of it",
                _WAV2LIP,
                Source(
                    "https://huggingface.co/bluefoxcreation/Wav2lip-Onnx/resolve/main/wav2lip.onnx",
                    145_175_471,
                    "902d7719f0ebbd461f956da8f603f02e84c019d8d64cfe25402a217605b2e690",
                ),
                145_175_471,
            ),
        ),
    ),
    Further(
        "wav2lip_gan",
        "wav2lip",
        "the same; by its authors sharper, and a little less in sync",
        _NON_COMMERCIAL,
        _NO_FILMS,
        "https://huggingface.co/bluefoxcreation/Wav2lip-Onnx, weights of "
        "https://github.com/Rudrabha/Wav2Lip",
        f"{_CONVERT}; facefusion's wav2lip_gan_96.onnx can be added",
        (
            Part(
                "generator",
                "the whole of it",
                _WAV2LIP,
                Source(
                    "https://huggingface.co/bluefoxcreation/Wav2lip-Onnx/resolve/main/"
                    "wav2lip_gan.onnx"
                ),
                145_175_471,
            ),
        ),
    ),
    Further(
        "musetalk",
        "musetalk",
        "draws the lower half of a face at 256 x 256 (version 1.5)",
        "weights by their authors for any purpose, tagged creativeml-openrail-m; autoencoder and "
        "Whisper by their own licences",
        "You may use it commercially, but not for what the OpenRAIL list forbids, such as harming "
        "or deceiving people.",
        "https://huggingface.co/DgDev91/MuseTalk-ONNX, weights of "
        "https://huggingface.co/TMElyralab/MuseTalk",
        "relip models convert musetalk takes the authors' files: musetalkV15/unet.pth, "
        "stabilityai/sd-vae-ft-mse and openai/whisper-tiny",
        (
            Part(
                "vae_encoder",
                "a face to latents, scaled by 0.18215",
                (Signature((_FACE,), (_LATENTS,)),),
                Source(
                    "https://huggingface.co/DgDev91/MuseTalk-ONNX/resolve/main/vae_encoder.onnx",
                    136_729_981,
                ),
                136_729_981,
            ),
            Part(
                "unet",
                "latents and speech to latents; its weights have 16 bits",
                (
                    Signature((Port((None, 8, 32, 32)), _HEARD), (_LATENTS,)),
                    # With its time step, which is always 0.
                    Signature((Port((None, 8, 32, 32)), Port((None,)), _HEARD), (_LATENTS,)),
                    Signature((Port((None, 8, 32, 32)), Port(()), _HEARD), (_LATENTS,)),
                ),
                Source("https://huggingface.co/DgDev91/MuseTalk-ONNX/resolve/main/unet_fp16.onnx"),
                1_700_000_000,
            ),
            Part(
                "vae_decoder",
                "scaled latents to a face of -1 to 1",
                (Signature((_LATENTS,), (_FACE,)),),
                Source(
                    "https://huggingface.co/DgDev91/MuseTalk-ONNX/resolve/main/vae_decoder.onnx",
                    198_059_649,
                ),
                198_059_649,
            ),
            Part(
                "whisper_encoder",
                "what is heard in 30 seconds, after each of its layers",
                (Signature((Port((None, 80, 3000)),), (Port((None, 1500, 5, 384)),)),),
                Source(
                    "https://huggingface.co/DgDev91/MuseTalk-ONNX/resolve/main/"
                    "whisper_encoder.onnx",
                    32_891_369,
                ),
                32_891_369,
            ),
        ),
    ),
)


def further(name: str) -> Further:
    """The model of that name; ``KeyError`` if there is none."""
    if name not in get_args(FurtherName):
        raise KeyError(name)
    return next(entry for entry in FURTHER if entry.name == name)
