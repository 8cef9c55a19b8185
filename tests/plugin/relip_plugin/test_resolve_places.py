from collections.abc import Mapping
from pathlib import Path

import pytest

from relip_plugin.folders import data_folder, state_folder
from relip_plugin.resolve_places import house, resolve_places, scripts_folder

MAC = "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("platform", "user", "system"),
    [
        ("darwin", f"home/{MAC}", MAC),
        (
            "win32",
            "roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility",
            "data/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
        ),
        (
            "linux",
            "home/.local/share/DaVinciResolve/Fusion/Scripts/Utility",
            "opt/resolve/Fusion/Scripts/Utility",
        ),
    ],
)
def test_scripts_go_where_each_system_has_them_listed(
    platform: str, user: str, system: str, home: Path, tmp_path: Path
) -> None:
    environment = {"APPDATA": str(tmp_path / "roaming"), "PROGRAMDATA": str(tmp_path / "data")}

    places = resolve_places(platform, environment, tmp_path)

    assert scripts_folder(places.fusion("user")) == tmp_path / user
    assert scripts_folder(places.fusion("system")) == tmp_path / system
    assert places.found is None


@pytest.mark.parametrize("environment", [{}, {"APPDATA": r"C:\Users\anna\AppData\Roaming"}])
def test_roaming_stands_once_in_a_windows_path(environment: Mapping[str, str], home: Path) -> None:
    assert str(resolve_places("win32", environment).user).count("Roaming") == 1


def test_modules_do_not_lie_where_scripts_are_listed(home: Path) -> None:
    fusion = resolve_places("linux").user

    assert fusion / "Scripts" not in house(fusion).parents


def test_a_resolve_below_home_is_found(home: Path, tmp_path: Path) -> None:
    program = tmp_path / "home" / "resolve" / "bin" / "resolve"
    program.parent.mkdir(parents=True)
    program.touch()

    places = resolve_places("linux", {}, tmp_path)

    assert places.found == program
    assert places.system == tmp_path / "home" / "resolve" / "Fusion"


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_our_own_scripts_are_no_trace_of_resolve(platform: str, home: Path, tmp_path: Path) -> None:
    environment = {"APPDATA": str(tmp_path / "roaming"), "PROGRAMDATA": str(tmp_path / "data")}
    places = resolve_places(platform, environment, tmp_path)
    scripts_folder(places.user).mkdir(parents=True)
    scripts_folder(places.system).mkdir(parents=True)
    assert places.found is None

    places.preferences.parent.mkdir(parents=True)
    assert places.found == places.preferences.parent


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {}, ".local/share/relip"),
        ("darwin", {}, "Library/Application Support/relip"),
        ("win32", {}, "AppData/Local/relip"),
    ],
)
def test_relips_own_folder_is_the_installers(
    platform: str, environment: Mapping[str, str], folder: str, home: Path
) -> None:
    assert data_folder(environment, platform) == home / folder
    assert state_folder().name == "state"
