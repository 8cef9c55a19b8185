import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from relip.identity import LIBRARIES
from relip_job import ResyncJob, Speaker, SpeechPart, Voice
from relip_plugin.cache.keys import files_of, identities, job_key
from relip_plugin.doctor import ONNXRUNTIMES

F = Fraction


def job(folder: Path) -> ResyncJob:
    for name in ("take.mov", "dub.wav"):
        (folder / name).write_bytes(name.encode() * 100_000)
    speech = SpeechPart(str(folder / "dub.wav"), F(1))
    return ResyncJob(str(folder / "take.mov"), (speech,), output=str(folder / "out.mov"))


def key(asked: ResyncJob, engine: str = "1") -> str:
    return job_key(asked, identities(asked), engine)


def test_the_key_follows_what_a_result_depends_on(tmp_path: Path) -> None:
    asked = job(tmp_path)
    assert isinstance(asked.speech, tuple)
    known = key(asked)

    assert key(replace(asked, output=str(tmp_path / "elsewhere.mov"))) == known
    changes = {
        key(replace(asked, speaker=Speaker(2))),
        key(replace(asked, nudge=F(1, 25))),
        key(replace(asked, score=True)),
        key(replace(asked, speech=(replace(asked.speech[0], at=F(2)),))),
        key(replace(asked, output=str(tmp_path / "out.mkv"))),
        key(asked, engine="2"),
    }
    assert len(changes | {known}) == 7


def test_a_moved_file_is_the_same_and_an_altered_one_is_not(tmp_path: Path) -> None:
    asked = job(tmp_path)
    known = key(asked)
    moved = (tmp_path / "take.mov").rename(tmp_path / "moved.mov")

    assert key(replace(asked, picture=str(moved))) == known
    when = moved.stat().st_mtime_ns
    with moved.open("r+b") as file:
        file.seek(moved.stat().st_size // 2 + 10)
        file.write(b"!")
    os.utime(moved, ns=(when, when))
    assert key(replace(asked, picture=str(moved))) != known


def test_every_voice_counts(tmp_path: Path) -> None:
    alone = job(tmp_path)
    other = tmp_path / "other dub.wav"
    other.write_bytes(b"o" * 1000)
    plain = replace(alone, others=(Voice(str(other), Speaker(2)),))
    cut = replace(alone, others=(Voice((SpeechPart(str(other), F(1)),), Speaker(2)),))

    assert files_of(plain) == files_of(cut) == (*files_of(alone), str(other))
    known = {key(one) for one in (alone, plain, cut)}
    assert len(known) == 3
    other.write_bytes(b"p" * 1000)
    assert key(plain) not in known
    moved = other.rename(tmp_path / "moved.wav")
    again = replace(plain, others=(Voice(str(moved), Speaker(2)),))
    assert key(again) not in known
    assert key(again) == key(replace(again, output=str(tmp_path / "b.mov")))


def test_every_onnxruntime_there_is_counts() -> None:
    assert set(ONNXRUNTIMES) <= set(LIBRARIES)
