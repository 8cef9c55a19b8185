"""The fake's Deliver page: what is rendered is what the tracks sound like."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media_made import make_sound
from tests.resolve_scripts.fake_resolve import Linked, Studio, Traits
from tests.resolve_scripts.fake_resolve.mix import mix
from tests.resolve_scripts.film_made import opened

RATE = 48000


def ramp(path: Path, channels: int = 1) -> NDArray[np.float32]:
    """A file of 2 s in which every sample of every channel is another value."""
    count = 2 * RATE
    values = np.arange(count)[:, None] / count * 0.5 + np.arange(channels) * 0.05
    samples = values.astype(np.float32)
    layout = {1: "mono", 2: "stereo"}[channels]
    make_sound(path, samples, RATE, codec="pcm_f32le", layout=layout)
    return samples


def job(studio: Studio, folder: Path, **settings: Any) -> tuple[Any, str]:
    """The project, and a job of ten frames from the timeline's start."""
    project = opened(studio)[0]
    studio.resolve.OpenPage("deliver")
    assert project.LoadRenderPreset("Audio Only") is True
    start = studio.timeline.start
    asked = {"TargetDir": str(folder), "CustomName": "dub", "MarkIn": start, "MarkOut": start + 9}
    assert project.SetRenderSettings({**asked, "AudioBitDepth": 24, **settings}) is True
    return project, str(project.AddRenderJob())


def run(project: Any, uid: str) -> dict[str, Any]:
    assert project.StartRendering([uid], False) is True
    while project.IsRenderingInProgress():
        pass
    return dict(project.GetRenderJobStatus(uid))


def test_a_job_writes_the_range_of_the_tracks_that_are_enabled(tmp_path: Path) -> None:
    studio = Studio(rate="24")
    samples = ramp(tmp_path / "line.wav")
    studio.audio(tmp_path / "line.wav", at=2, in_samples=777, frames=5, track=2)
    studio.audio(tmp_path / "line.wav", at=0, frames=9, track=1)
    opened(studio)[1].SetTrackEnable("audio", 1, False)
    project, uid = job(studio, tmp_path)

    assert run(project, uid)["CompletionPercentage"] == 100
    with wave.open(str(tmp_path / "dub.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (RATE, 20000)
        assert (file.getsampwidth(), file.getnchannels()) == (3, 2)
    sound = mix(studio.timeline, studio.timeline.start, studio.timeline.start + 10, RATE)
    np.testing.assert_allclose(sound[4000:14000, 0], samples[777:10777, 0], atol=1e-6)
    assert not sound[:4000].any()
    assert not sound[14000:].any()


def test_linked_files_are_heard_with_their_offset(tmp_path: Path) -> None:
    studio = Studio(rate="24")
    ramp(tmp_path / "camera.wav", 2)
    boom = ramp(tmp_path / "boom.wav")
    for number, offset in enumerate((-100, 100)):
        clip = studio.media(tmp_path / "camera.wav", name=f"camera {number}")
        linked = (Linked(str(tmp_path / "boom.wav"), 1, offset),)
        studio.audio(clip, at=5 * number, frames=5, channels=(3,), linked=linked)

    sound = mix(studio.timeline, studio.timeline.start, studio.timeline.start + 10, RATE)
    np.testing.assert_allclose(sound[:1000, 0], boom[100:1100, 0], atol=1e-6)
    assert not sound[10000:10100].any()  # silence leads
    np.testing.assert_allclose(sound[10100:11000, 1], boom[:900, 0], atol=1e-6)


def test_retimed_and_louder_sound_is_heard_as_such(tmp_path: Path) -> None:
    studio = Studio(rate="24")
    samples = ramp(tmp_path / "line.wav")
    studio.audio(tmp_path / "line.wav", frames=10, speed=Fraction(2), gain=0.5)

    sound = mix(studio.timeline, studio.timeline.start, studio.timeline.start + 10, RATE)
    np.testing.assert_allclose(sound[:5000, 0], samples[:10000:2, 0] * 0.5, atol=1e-6)


def test_only_the_deliver_page_takes_jobs(tmp_path: Path) -> None:
    studio = Studio()
    project, uid = job(studio, tmp_path)

    assert uid
    studio.resolve.OpenPage("edit")
    assert project.AddRenderJob() == ""
    studio.resolve.OpenPage("deliver")
    project.SetRenderSettings({"TargetDir": str(tmp_path / "none")})
    assert project.AddRenderJob() == ""


def test_a_preset_may_win_over_what_is_set_and_the_job_list_denies_it(tmp_path: Path) -> None:
    ramp(tmp_path / "line.wav")
    studio = Studio(traits=Traits(preset_ignores={"MarkIn", "MarkOut", "CustomName"}))
    studio.audio(tmp_path / "line.wav", frames=24)
    project, uid = job(studio, tmp_path)
    run(project, uid)

    (told,) = project.GetRenderJobList()
    assert told["OutputFilename"] == "dub.wav"
    assert not (tmp_path / "dub.wav").exists()
    with wave.open(str(tmp_path / "Timeline 1.wav")) as file:
        assert file.getnframes() == RATE


@pytest.mark.parametrize(("inclusive", "frames"), [(True, 10), (False, 9)])
def test_the_out_mark_belongs_to_the_range_or_not(
    tmp_path: Path, inclusive: bool, frames: int
) -> None:
    studio = Studio(traits=Traits(mark_out_inclusive=inclusive))
    run(*job(studio, tmp_path))

    with wave.open(str(tmp_path / "dub.wav")) as file:
        assert file.getnframes() == frames * 2000


def test_the_state_of_a_job_is_in_the_language_of_the_seat(tmp_path: Path) -> None:
    studio = Studio(traits=Traits(job_language="de"))

    status = run(*job(studio, tmp_path))
    assert status["JobStatus"] == "Abgeschlossen"
    assert "Error" not in status


def test_a_job_can_fail_and_be_cancelled(tmp_path: Path) -> None:
    studio = Studio(traits=Traits(render_fails="no space left"))
    project, uid = job(studio, tmp_path)

    status = run(project, uid)
    assert status["Error"] == "no space left"
    assert status["CompletionPercentage"] < 100
    assert project.StartRendering([uid], False) is True
    project.StopRendering()
    assert project.IsRenderingInProgress() is False
    assert not (tmp_path / "dub.wav").exists()
    assert project.DeleteRenderJob(uid) is True
    assert project.DeleteRenderJob(uid) is False


def test_formats_are_chosen_by_id_and_wave_cannot_be(tmp_path: Path) -> None:
    project = opened(Studio())[0]

    assert project.GetRenderFormats()["QuickTime"] == "mov"
    assert project.GetRenderCodecs("QuickTime") == {}
    assert project.SetCurrentRenderFormatAndCodec("wav", "") is False
    assert project.SetCurrentRenderFormatAndCodec("mov", "ProRes422HQ") is True


def test_settings_can_be_kept_as_a_preset(tmp_path: Path) -> None:
    project = opened(Studio())[0]
    project.LoadRenderPreset("ProRes 422 HQ")

    assert project.SaveAsNewRenderPreset("mine") is True
    project.LoadRenderPreset("Audio Only")
    assert project.LoadRenderPreset("mine") is True
    assert project.GetCurrentRenderFormatAndCodec() == {"format": "mov", "codec": "ProRes422HQ"}
    assert project.DeleteRenderPreset("mine") is True
    assert project.DeleteRenderPreset("Audio Only") is False
