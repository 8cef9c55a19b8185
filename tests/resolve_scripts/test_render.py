"""The dub rendered by Resolve: the right sound, and everything as it was before."""

from __future__ import annotations

import re
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relip_host.host import HostError
from relip_resolve.wav import cut_head, read_wav, sample_rate
from tests.resolve_scripts.fake_resolve import Studio, Traits
from tests.resolve_scripts.fake_resolve.bridge import Proxy, Rules
from tests.resolve_scripts.stage import host_of, make_tone


def staged(folder: Path, **known: object) -> Studio:
    """Tones of 330, 440 and 550 Hz on A1 to A3, of which A3 is off, marks and a user's settings."""
    studio = Studio(**known)  # type: ignore[arg-type]
    for track, hertz in ((1, 330.0), (2, 440.0), (3, 550.0)):
        studio.audio(make_tone(folder / f"{hertz:.0f}.wav", hertz=hertz), frames=90, track=track)
    studio.track(3, "audio").enabled = False
    studio.mark(5, 77)
    studio.page = "color"
    render = studio.project.render
    render.preset, render.format, render.codec = "ProRes 422 HQ", "mov", "ProRes422HQ"
    render.settings = {"TargetDir": str(folder), "CustomName": "my film"}
    return studio


def state(studio: Studio) -> dict[str, object]:
    """All that belongs to the editor; settings of the Deliver page as a job would get them."""
    render = studio.project.render
    preset = render.presets.get(render.preset)
    heard = {"ExportVideo": True, "ExportAudio": True} if preset is None else preset.settings
    return {
        "tracks": [track.enabled for track in studio.timeline.tracks["audio"]],
        "marks": deepcopy(studio.timeline.marked),
        "page": studio.page,
        "settings": {**heard, **render.settings},
        "format": (render.format, render.codec, render.mode),
        "jobs": len(render.jobs),
    }


def pitch(path: str, start: float = 0.0, seconds: float = 0.5) -> float:
    """The strongest tone, in hertz."""
    wav = read_wav(path)
    packed = np.fromfile(path, np.uint8, wav.size, offset=wav.offset).reshape(-1, wav.block)
    samples = (packed[:, 1].astype(np.int32) << 8 | packed[:, 2].astype(np.int32) << 16) << 8
    part = samples[round(start * wav.rate) : round((start + seconds) * wav.rate)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.argmax(spectrum) * wav.rate / len(part))


@pytest.mark.parametrize("language", ["en", "de", "ja"])
@pytest.mark.parametrize("inclusive", [True, False])
def test_the_chosen_tracks_are_rendered_and_everything_is_put_back(
    tmp_path: Path, language: str, inclusive: bool
) -> None:
    traits = Traits(mark_out_inclusive=inclusive)
    traits.job_language = language  # type: ignore[assignment]
    studio = staged(tmp_path, traits=traits)
    before = state(studio)

    path = host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert state(studio) == before
    assert abs(read_wav(path).duration - 1) <= Fraction(1, 24)
    assert abs(pitch(path) - 550) < 3


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97 DF"])
def test_the_file_begins_where_it_was_asked_to_the_sample(tmp_path: Path, rate: str) -> None:
    studio = Studio(rate=rate)
    fps = studio.timeline.rate
    studio.audio(make_tone(tmp_path / "a.wav"), at=30, frames=60, track=2)
    start = (30 - Fraction(3, 10)) / fps

    path = host_of(studio).render_dub((2,), start, 50 / fps, str(tmp_path))

    wav = read_wav(path)
    packed = np.fromfile(path, np.uint8, wav.size, offset=wav.offset).reshape(-1, wav.block)
    first = int(np.flatnonzero(packed[:, :3].any(axis=1))[0])
    assert abs(first - float(Fraction(3, 10) / fps) * 48000) <= 2
    assert wav.duration >= 50 / fps - start - 1 / fps


BREAKS = {
    "SaveAsNewRenderPreset": "render settings could not be kept",
    "SetTrackEnable": "track A1 is enabled",
    "SetRenderSettings": "Resolve said that|refused",
    "AddRenderJob": "the queue has 0 jobs as before",
    "StartRendering": "stopped the render of the dub at 0 %|refused StartRendering",
    "OpenPage": "the color page is open",
    "DeleteRenderJob": "take the job off the render queue",
}


@pytest.mark.parametrize("how", ["lies", "refuses"])
@pytest.mark.parametrize("call", BREAKS)
def test_a_render_that_does_not_happen_is_told_and_leaves_nothing(
    tmp_path: Path, call: str, how: str
) -> None:
    studio = staged(tmp_path)
    before = state(studio)
    (studio.lie_on if how == "lies" else studio.refuse_on)(call)

    with pytest.raises(HostError) as told:
        host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert re.search(BREAKS[call], str(told.value)), told.value
    after = state(studio)
    left = {"jobs"} if call == "DeleteRenderJob" else set()
    assert {key for key in before if before[key] != after[key]} == left


@pytest.mark.parametrize("call", ["LoadRenderPreset", "SetTrackEnable", "OpenPage"])
def test_what_is_not_put_back_is_named(tmp_path: Path, call: str) -> None:
    """The first of these calls work, and the last one lies."""
    studio = staged(tmp_path)
    host = host_of(studio)
    nth = {"LoadRenderPreset": 2, "SetTrackEnable": 3 + 1, "OpenPage": 2}[call]
    lie_from(studio, call, nth)

    with pytest.raises(HostError, match=f"after the render: .*{call}.*put that right"):
        host.render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))


@pytest.mark.parametrize("lies", [False, True])
def test_marks_that_the_render_moves_are_put_back(tmp_path: Path, lies: bool) -> None:
    studio = staged(tmp_path)
    before = state(studio)
    perform = studio.perform

    def moving(proxy: Proxy, rules: Rules, *arguments: object) -> object:
        if rules.function.__name__ == "SetRenderSettings":
            studio.mark(24, 47)
        return perform(proxy, rules, *arguments)

    studio.perform = moving  # type: ignore[method-assign]
    if lies:
        studio.lie_on("SetMarkInOut")
        with pytest.raises(HostError, match=r"SetMarkInOut.*the in and out marks were .*5.*77"):
            host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))
        return
    host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert state(studio) == before


def lie_from(studio: Studio, name: str, nth: int) -> None:
    """Lie from the ``nth`` call of this name on."""
    perform = studio.perform

    def counting(proxy: Proxy, rules: Rules, *arguments: object) -> object:
        if rules.function.__name__ == name and studio.count(name) >= nth - 1:
            studio.lie_on(name)
        return perform(proxy, rules, *arguments)

    studio.perform = counting  # type: ignore[method-assign]


def test_a_render_that_fails_says_what_resolve_says(tmp_path: Path) -> None:
    studio = staged(tmp_path, traits=Traits(render_fails="no disk space"))
    before = state(studio)

    with pytest.raises(HostError, match="no disk space; bounce the dub"):
        host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert state(studio) == before


def test_a_preset_that_wins_over_the_marks_is_noticed_by_the_length(tmp_path: Path) -> None:
    studio = staged(tmp_path, traits=Traits(preset_ignores={"MarkIn", "MarkOut"}))
    before = state(studio)

    with pytest.raises(HostError, match=r"rendered 3\.75 s of the dub instead of 1\.00 s"):
        host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert state(studio) == before
    assert not list(tmp_path.glob("relip_dub*"))


def test_render_presets_do_not_pile_up(tmp_path: Path) -> None:
    studio = staged(tmp_path)
    before = state(studio)
    for _ in range(3):
        host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert len(studio.project.render.presets) == 1
    assert state(studio) == before


def test_a_render_of_the_editor_is_not_disturbed(tmp_path: Path) -> None:
    studio = staged(tmp_path, traits=Traits(render_steps=50))
    project = studio.resolve.GetProjectManager().GetCurrentProject()
    studio.page = "deliver"
    project.StartRendering([project.AddRenderJob()])

    with pytest.raises(HostError, match="Resolve is rendering; wait"):
        host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))


def test_before_19_1_marks_would_be_lost(tmp_path: Path) -> None:
    studio = staged(tmp_path, version="19.0")
    before = state(studio)

    with pytest.raises(HostError, match=r"does not tell where the in and out marks are.*19\.1"):
        host_of(studio).render_dub((3,), Fraction(1), Fraction(2), str(tmp_path))

    assert state(studio) == before


def test_the_head_of_a_wav_is_cut_to_the_sample(tmp_path: Path) -> None:
    path = str(make_tone(tmp_path / "a.wav", seconds=1.0, channels=2))
    whole = Path(path).read_bytes()[read_wav(path).offset :]

    cut_head(path, Fraction(1, 3))

    wav = read_wav(path)
    assert (wav.frames, wav.rate) == (32000, 48000)
    assert Path(path).read_bytes()[wav.offset :] == whole[16000 * 4 :]
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_no_wav_has_no_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    for content in (b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"):
        path.write_bytes(content)
        assert sample_rate(str(path)) is None
    assert sample_rate(str(tmp_path / "none.wav")) is None
