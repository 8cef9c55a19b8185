"""The extension in the folders of each Blender of this user."""

import zipfile
from pathlib import Path

import pytest

import relip
from relip_job.errors import OutputError
from relip_plugin.cli import main
from relip_plugin.install_blender import Blender, blenders, install, uninstall


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "environment", "parent"),
    [
        ("linux", {}, ".config/blender"),
        ("linux", {"XDG_CONFIG_HOME": "{}/cfg"}, "cfg/blender"),
        ("linux", {}, ".var/app/org.blender.Blender/config/blender"),
        ("darwin", {}, "Library/Application Support/Blender"),
        ("win32", {}, "AppData/Roaming/Blender Foundation/Blender"),
        ("win32", {"APPDATA": "{}/roaming"}, "roaming/Blender Foundation/Blender"),
    ],
)
def test_blenders_are_found_where_their_system_keeps_them(
    platform: str, environment: dict[str, str], parent: str, home: Path
) -> None:
    for version in ("3.6", "4.1", "4.2", "5.2", "4.10", "config", "4.5 backup"):
        (home / parent / version).mkdir(parents=True)
    named = {name: value.format(home) for name, value in environment.items()}

    found = blenders(named, platform)

    assert [blender.name for blender in found] == ["Blender 5.2", "Blender 4.10", "Blender 4.2"]
    assert found[0].extension == home / parent / "5.2/extensions/user_default/relip"


def test_every_blender_gets_the_extension_and_keeps_its_others(tmp_path: Path) -> None:
    found = tuple(Blender((4, minor), tmp_path / f"4.{minor}") for minor in (5, 2))
    other = found[0].extension.with_name("other") / "__init__.py"
    other.parent.mkdir(parents=True)
    other.touch()

    for _ in range(2):
        told = list(install(found, tmp_path))

    assert told == [
        f"Blender 4.5: the extension is in {found[0].extension}",
        f"Blender 4.2: the extension is in {found[1].extension}",
        "in Blender, started anew: Edit > Preferences > Add-ons, tick relip",
    ]
    for blender in found:
        assert (blender.extension / "relip_host" / "host.py").is_file()
    names = sorted(path.name for path in found[0].extension.parent.iterdir())
    assert names == ["other", "relip"]

    assert list(uninstall(found)) == [
        f"Blender 4.5: removed {found[0].extension}",
        f"Blender 4.2: removed {found[1].extension}",
    ]
    assert [path.name for path in found[0].extension.parent.iterdir()] == ["other"]
    assert list(uninstall(found)) == ["the extension is in no Blender here"]


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    blender = Blender((4, 5), tmp_path / "4.5")

    told = list(install((blender,), tmp_path, dry_run=True))

    assert told == [f"Blender 4.5: would put the extension into {blender.extension}"]
    assert list(install((), tmp_path, dry_run=True))
    assert list(tmp_path.iterdir()) == []


def test_without_blender_there_is_a_zip_to_drag(tmp_path: Path) -> None:
    told = list(install((), tmp_path))

    (made,) = tmp_path.iterdir()
    assert told[0] == f"{made} is the extension"
    assert "drag" in told[1]


def test_the_command_says_what_it_did_and_can_be_silent(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for words in (["--if-found"], ["--uninstall", "--if-found"]):
        assert main(["install", "blender", *words]) == 0
    assert capsys.readouterr().out == ""
    assert list(home.iterdir()) == []

    assert main(["install", "blender"]) == 0
    assert main(["package", "blender", "-o", str(home)]) == 0

    name = f"relip-{relip.__version__}.zip"
    assert capsys.readouterr().out.splitlines() == [
        f"{home / 'data' / 'relip' / name} is the extension",
        "no Blender from 4.2 on was found here; drag the extension onto Blender's window",
        str(home / name),
    ]


def test_somebody_elses_extension_stays(tmp_path: Path) -> None:
    blender = Blender((4, 5), tmp_path)
    blender.extension.mkdir(parents=True)
    (blender.extension / "blender_manifest.toml").write_text('id = "relip"\nmaintainer = "me"\n')

    with pytest.raises(OutputError, match="somebody else's"):
        list(install((blender,), tmp_path))

    assert list(uninstall((blender,))) == [
        f"Blender 4.5: {blender.extension} is somebody else's and stays"
    ]
    assert len(list(blender.extension.iterdir())) == 1


def test_what_is_there_stays_whole_if_the_new_one_cannot_be_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blender = Blender((4, 5), tmp_path / "4.5")
    list(install((blender,), tmp_path))
    before = sorted(blender.extension.rglob("*"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extractall", full)

    with pytest.raises(OutputError, match="No space left on device"):
        list(install((blender,), tmp_path))

    assert sorted(blender.extension.rglob("*")) == before
    assert [path.name for path in blender.extension.parent.iterdir()] == ["relip"]


def test_an_installation_that_was_cut_off_is_mended(tmp_path: Path) -> None:
    blender = Blender((4, 5), tmp_path / "4.5")
    list(install((blender,), tmp_path))
    blender.extension.rename(blender.extension.with_name(".relip.old"))
    blender.extension.with_name(".relip.partial").mkdir()

    list(install((blender,), tmp_path))

    assert [path.name for path in blender.extension.parent.iterdir()] == ["relip"]
