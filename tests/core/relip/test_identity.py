import subprocess
import sys

from relip.identity import engine_identity


def test_an_engine_is_the_same_in_every_process() -> None:
    asked = "from relip.identity import engine_identity; print(engine_identity())"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {asked}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == engine_identity()


def test_asking_which_engine_it_is_does_not_load_it() -> None:
    asked = (
        "import relip.identity, relip.media.identity; relip.identity.engine_identity(); "
        "print({'av', 'cv2', 'numpy', 'onnxruntime'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {asked}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "set()"
