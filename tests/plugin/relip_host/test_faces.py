from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host.choice import Choice
from relip_host.faces import is_face, read_faces, speaker_of
from relip_host.host import Shot
from relip_job.errors import JobError

F = Fraction
SHOT = Shot("v", "take", 1, F(0), F(2), "/take.mov", F(1), F(25), 250, 25 * 3600)
FACES = st.one_of(
    st.integers(1, 99).map(str),
    st.builds("{},{}@{}".format, st.integers(0, 4000), st.integers(0, 4000), st.just("2.5s")),
)


@given(st.dictionaries(st.integers(1, 128), FACES, max_size=4))
def test_faces_are_read_as_they_are_written(faces: dict[int, str]) -> None:
    assert read_faces(", ".join(f"{track}={face}" for track, face in faces.items())) == faces


@pytest.mark.parametrize(
    "text", ["A3=1, A4=640,360@2s", "3 = 1,4=640,360@2s", " a3=1 , channel 4=640,360@2s "]
)
def test_an_editor_may_write_them_in_several_ways(text: str) -> None:
    assert read_faces(text) == {3: "1", 4: "640,360@2s"}


@pytest.mark.parametrize("text", ["1", "A3", "A3=", "A3=anna", "A3=0", "A3=1 A4=2", "A3=640,360"])
def test_what_names_no_face_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"640,360@2s"):
        read_faces(text)


def test_a_track_has_one_face() -> None:
    with pytest.raises(ValueError, match=r"track 3 is named twice"):
        read_faces("3=1, 3=2")


def test_a_number_a_pixel_at_a_time_or_timecode_and_nothing_are_speakers() -> None:
    assert speaker_of("2", SHOT).number == 2
    assert speaker_of("640,360@2s", SHOT).point == (640.0, 360.0, F(2))
    assert speaker_of("640,360@01:00:02:00", SHOT).point == (640.0, 360.0, F(2))
    assert speaker_of("", SHOT).number is None
    assert is_face("640,360@2s")
    assert not is_face("anna")


def test_a_time_outside_the_clip_is_refused() -> None:
    with pytest.raises(JobError, match=r"is not in the clip"):
        speaker_of("640,360@11s", SHOT)


def test_what_is_said_of_a_track_counts_before_what_is_said_of_all() -> None:
    choice = Choice((3, 4), speaker=2, speakers={3: "1"})

    assert [choice.face(track) for track in (3, 4)] == ["1", "2"]
    assert Choice((3,)).face(3) == ""
