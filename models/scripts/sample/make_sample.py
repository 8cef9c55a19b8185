"""Make the sample that relip ships: a talking portrait, and a line to dub it with.

The face is NASA's portrait of Eileen Collins (public domain), which scikit-image carries as
``data.astronaut``; relip's own warp performs it. The voice is eSpeak NG's. From the
checkout, ``PYTHONPATH=core:models python -m scripts.sample.make_sample`` writes into
``core/relip/sample``; it needs scikit-image, SciPy and libespeak-ng.
"""

from __future__ import annotations

import json
import wave
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

from scripts.sample.mouth import trajectory
from scripts.sample.perform import HeadPose, Performer
from scripts.sample.speak import Phone, Utterance, speak

VOICE: Final = "en-us+f3"
WORDS_PER_MINUTE: Final = 150
SPOKEN: Final = (
    "My father brought home five warm blue shoes, "
    "and we all stopped to applaud a very big, happy mob."
)
LINE: Final = "Maybe Bob prefers fluffy purple muffins."
RATE: Final = 25
SILENCE: Final = (0.4, 1.0)  # seconds before and after the spoken sentence
BLINKS: Final = (1.48, 3.02, 5.62, 7.3)
LIDS: Final = (0.35, 0.9, 1.0, 0.65, 0.3)  # one value per frame of a blink
GRAIN: Final = 1.1  # standard deviation of the camera's noise, in 8-bit steps
HERE: Final = Path(__file__).resolve().parent
SHIPPED: Final = HERE.parents[2] / "core" / "relip" / "sample"


def head_pose(seconds: float, frame: int) -> HeadPose:
    """A head that is never quite still: slow sines whose periods do not meet."""

    def wave_of(*parts: tuple[float, float, float]) -> float:
        return float(
            sum(
                size * np.sin(2 * np.pi * seconds / period + phase) for size, period, phase in parts
            )
        )

    starts = [frame - round(moment * RATE) for moment in BLINKS]
    shut = max((LIDS[start] for start in starts if 0 <= start < len(LIDS)), default=0.0)
    return HeadPose(
        roll=wave_of((1.1, 3.7, 0.4), (0.4, 1.9, 2.0)),
        x=wave_of((1.6, 4.3, 1.0), (0.5, 1.7, 0.2)),
        y=wave_of((0.9, 2.9, 0.0), (0.4, 1.3, 1.1)),
        turn=wave_of((1.5, 5.1, 2.2), (0.5, 2.3, 0.3)),
        shut=shut,
    )


def write_picture(
    path: Path, pictures: list[NDArray[np.uint8]], sound: NDArray[np.float32], rate: int
) -> None:
    """H.264 and AAC in MP4, BT.709, timecode from one hour, as a camera's clip would be."""
    options = {"movflags": "+faststart", "write_tmcd": "1"}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *pictures[0].shape[1::-1], "yuv420p"
        stream.options = {"crf": "17", "preset": "veryslow", "g": str(RATE)}
        stream.metadata["timecode"] = "01:00:00:00"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        voice = container.add_stream("aac", rate=48000, layout="mono")
        voice.bit_rate = 128_000
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        heard = av.AudioFrame.from_ndarray(sound[None], "fltp", "mono")
        heard.rate, heard.pts = rate, 0
        resampler = av.AudioResampler("fltp", "mono", 48000, frame_size=1024)
        for part in [*resampler.resample(heard), *resampler.resample(None)]:
            container.mux(voice.encode(part))
        container.mux(voice.encode(None))


def write_sound(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """16-bit mono WAV."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "not compressed"))
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def placed(utterance: Utterance, before: float, after: float) -> Utterance:
    """The utterance with silence around it."""
    rate = utterance.rate
    silence = [np.zeros(round(seconds * rate), np.float32) for seconds in (before, after)]
    level = 0.7 / float(np.abs(utterance.samples).max())
    samples = np.concatenate([silence[0], utterance.samples * level, silence[1]])
    phones = [
        Phone(p.name, round(p.start + before, 3), round(p.end + before, 3))
        for p in utterance.phones
    ]
    whole = (Phone("", 0.0, before), *phones, Phone("", phones[-1].end, len(samples) / rate))
    return Utterance(samples, rate, tuple(phone for phone in whole if phone.end > phone.start))


def phones_json(utterance: Utterance, text: str) -> str:
    """What was said and when."""
    rows = ",\n    ".join(
        json.dumps(asdict(phone), ensure_ascii=False) for phone in utterance.phones
    )
    return f'{{\n  "text": {json.dumps(text)},\n  "phones": [\n    {rows}\n  ]\n}}\n'


def main() -> None:
    """Write picture, line and the times of their phones."""
    portrait: NDArray[np.uint8] = skimage.data.astronaut()
    # Found once by relip's own landmark network in the crop, four times enlarged.
    landmarks = np.array(json.loads((HERE / "landmarks.json").read_text()))
    performer = Performer(portrait, landmarks)
    spoken = placed(speak(SPOKEN, VOICE, WORDS_PER_MINUTE), *SILENCE)
    frames = int(len(spoken.samples) / spoken.rate * RATE)
    times = np.arange(frames) / RATE
    shapes = trajectory(spoken.phones, frames / RATE, times)
    random = np.random.default_rng(1995)
    pictures = []
    for index, shape in enumerate(shapes):
        drawn = performer.draw(shape, head_pose(float(times[index]), index)) * 255
        grain = cv2.GaussianBlur(random.normal(0, GRAIN * 1.7, (*drawn.shape[:2], 1)), (0, 0), 0.6)
        pictures.append(np.clip(drawn + grain[..., None] + 0.5, 0, 255).astype(np.uint8))
    SHIPPED.mkdir(exist_ok=True)
    write_picture(SHIPPED / "sample.mp4", pictures, spoken.samples, spoken.rate)
    line = placed(speak(LINE, VOICE, WORDS_PER_MINUTE), 0.1, 0.2)
    write_sound(SHIPPED / "line.wav", line.samples, line.rate)
    (SHIPPED / "line.json").write_text(phones_json(line, LINE), encoding="utf-8")
    (SHIPPED / "sample.json").write_text(phones_json(spoken, SPOKEN), encoding="utf-8")


if __name__ == "__main__":
    main()
