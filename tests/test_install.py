import builtins
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import install


class Usage(NamedTuple):
    free: float


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "windows", "folder"),
    [
        ("linux", False, ".local/share/relip"),
        ("darwin", False, "Library/Application Support/relip"),
        ("win32", True, "AppData/Local/relip"),
    ],
)
def test_the_environment_lies_where_the_system_keeps_such_things(
    platform: str, windows: bool, folder: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(install, "WINDOWS", windows)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)

    assert install.data_dir() == home / folder


def test_an_old_python_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(install, "newer_python", lambda: "/opt/python3.12")

    with pytest.raises(install.InstallError) as caught:
        install.check_python()

    assert "this is 3.9.2" in caught.value.args[0]
    assert caught.value.args[1] == "run: /opt/python3.12 install.py"


def test_a_python_without_venv_is_told_which_package_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without_ensurepip(name: str, *rest: Any, **named: Any) -> ModuleType:
        if name == "ensurepip":
            raise ModuleNotFoundError("No module named 'ensurepip'", name="ensurepip")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_ensurepip)

    with pytest.raises(install.InstallError) as caught:
        install.check_venv()

    assert f"python{sys.version_info[0]}.{sys.version_info[1]}-venv" in caught.value.args[1]


def test_a_full_disk_is_noticed_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(free=3e8))

    with pytest.raises(install.InstallError, match=r"0\.3 GB are free"):
        install.check_space(tmp_path / "not" / "yet" / "there")


def test_pip_tries_twice_when_the_index_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def offline(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        tried.append(command)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: Max retries exceeded with url")

    monkeypatch.setattr(subprocess, "run", offline)

    with pytest.raises(install.InstallError) as caught:
        install.pip(tmp_path, "relip")

    assert len(tried) == 2
    assert "internet" in caught.value.args[1]


def test_what_only_some_need_is_installed_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    spaces: list[float] = []
    monkeypatch.setattr(install, "check_space", lambda env, more: spaces.append(more))
    monkeypatch.setattr(install, "make_environment", lambda env: None)
    monkeypatch.setattr(install, "pip", lambda env, *words: asked.append(words))

    options = install.parser().parse_args(["--with", "farm", "--with", "convert"])
    install.install(tmp_path, options.extras)
    install.install(tmp_path, [])

    assert asked == [(f"{install.HERE}[farm,convert]",), (str(install.HERE),)]
    assert spaces[0] >= 1
    assert spaces[1] == 0
    project = tomllib.loads((install.HERE / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    assert {*install.EXTRAS, "test"} == set(extras), "test is --test"


@pytest.mark.parametrize("other", [["--test"], ["--engine", "relip"], ["--uninstall"]])
def test_what_has_no_use_for_an_extra_does_not_swallow_it(other: list[str]) -> None:
    with pytest.raises(install.InstallError, match="--with is for installing"):
        install.run(install.parser().parse_args([*other, "--with", "farm"]))


def test_pips_own_words_are_shown_when_it_fails_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no matching distribution")

    monkeypatch.setattr(subprocess, "run", failing)

    with pytest.raises(install.InstallError):
        install.pip(tmp_path, "relip")

    assert "no matching distribution" in capsys.readouterr().err


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose")

    with pytest.raises(install.InstallError, match="something else"):
        install.make_environment(tmp_path)

    assert (tmp_path / "thesis.txt").read_text() == "do not lose"


def test_an_environment_that_works_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = tmp_path / "with a space" / "env"

    install.make_environment(env)
    assert install.is_healthy(env)
    install.make_environment(env)

    assert capsys.readouterr().out == f"creating {env}\nrenewing {env}\n"


def test_an_environment_that_is_broken_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyvenv.cfg").touch()
    ran = []

    def remember(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", remember)

    install.make_environment(tmp_path)

    assert [command[1:] for command in ran] == [["-m", "venv", "--clear", str(tmp_path)]]


@pytest.mark.skipif(install.WINDOWS, reason="the launcher is a .cmd file there")
class TestLauncher:
    def test_leads_to_the_environment_and_is_put_once(self, home: Path) -> None:
        env = home / "env"

        for _ in range(2):
            assert install.put_launcher(env) == home / ".local" / "bin" / "relip"

        assert install.launcher().readlink() == env / "bin" / "relip"

    def test_does_not_replace_somebody_elses_relip(self, home: Path) -> None:
        place = home / ".local" / "bin" / "relip"
        place.parent.mkdir(parents=True)
        place.write_text("mine")

        assert install.put_launcher(home / "env") == home / "env" / "bin" / "relip"
        assert place.read_text() == "mine"

    def test_goes_with_the_environment(self, home: Path) -> None:
        env = home / "env"
        env.mkdir()
        (env / "pyvenv.cfg").touch()
        install.put_launcher(env)

        install.uninstall(env, own=True)

        assert not env.exists()
        assert not install.launcher().is_symlink()

    def test_is_put_on_windows_as_a_command_file(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(install, "WINDOWS", True)
        monkeypatch.setenv("LOCALAPPDATA", str(home))
        env = home / "env"

        place = install.put_launcher(env)

        assert place == home / "relip" / "relip.cmd"
        assert place.read_text() == f'@"{env / "Scripts" / "relip.exe"}" %*\n'


def test_nothing_that_is_no_environment_is_removed(home: Path) -> None:
    folder = home / "films"
    folder.mkdir()

    install.uninstall(folder, own=False)

    assert folder.exists()


def test_what_is_to_be_installed_may_be_named_in_four_ways(tmp_path: Path) -> None:
    checkout, wheels = tmp_path / "checkout", tmp_path / "wheels"
    for folder in (checkout, wheels):
        folder.mkdir()
    (checkout / "pyproject.toml").touch()
    wheel = wheels / "relip-0.1.0-py3-none-any.whl"
    for path in (wheel, wheels / "numpy-2.4.0-cp313.whl"):
        path.touch()

    assert install.named(str(checkout)) == [str(checkout)]
    assert install.named(str(wheels)) == [str(wheel), "--find-links", str(wheels)]
    assert install.named(str(wheel)) == [str(wheel), "--find-links", str(wheels)]
    assert install.named("relip==0.1.0") == ["relip==0.1.0"]


@pytest.mark.parametrize("name", [".", "gone/relip.whl", "relip-9-py3-none-any.whl"])
def test_what_cannot_be_installed_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(install.InstallError) as caught:
        install.named(name)

    assert caught.value.args[1]


def test_pip_is_heard_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    said = "print('Collecting numpy'); print('chatter'); print('  Downloading  numpy.whl (16 MB)')"

    code, told = install.run_in_steps([sys.executable, "-c", said])

    assert (code, told.splitlines()[1]) == (0, "chatter")
    assert capsys.readouterr().out == "Collecting numpy\nDownloading numpy.whl (16 MB)\n"


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "ERROR: No matching distribution found for av>=18.1\n"
    monkeypatch.setattr(install, "run_in_steps", lambda _: (1, told))

    with pytest.raises(install.InstallError) as caught:
        install.pip(tmp_path, "--no-index", "relip.whl", steps=True)

    assert caught.value.args[0] == "there is no av>=18.1 for this Python"
    assert "folder with wheels" in caught.value.args[1]


def test_others_are_told_where_the_engine_is_until_it_is_removed(home: Path) -> None:
    env = install.data_dir() / "env"
    install.data_dir().mkdir(parents=True)

    install.write_settings(env)

    told = json.loads(install.settings().read_text())
    assert told == {"engine": [str(install.script(env, "python"))], "folder": str(env.parent)}
    assert [path.name for path in env.parent.iterdir()] == ["settings.json"]
    install.uninstall(env, own=False)
    assert install.settings().exists()
    install.uninstall(env, own=True)
    assert not install.settings().exists()


def test_programs_get_and_lose_their_parts_with_relip(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(install, "install", lambda env, extras: None)
    monkeypatch.setattr(install, "put_into", lambda *words: ran.append([str(w) for w in words]))
    env = str(install.data_dir() / "env")
    install.data_dir().mkdir(parents=True)

    install.run(install.parser().parse_args([]))
    assert ran == [["resolve", env, "--if-found"], ["blender", env, "--if-found"]]
    ran.clear()

    install.run(install.parser().parse_args(["--uninstall"]))
    assert ran == [
        ["resolve", env, "--uninstall", "--if-found"],
        ["blender", env, "--uninstall", "--if-found"],
    ]
    ran.clear()

    elsewhere = ["--env", str(home / "elsewhere")]
    install.run(install.parser().parse_args(elsewhere))
    install.run(install.parser().parse_args(["--uninstall", *elsewhere]))
    assert ran == [], "an environment elsewhere is nobody's"


def test_failure_is_two_lines_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["install.py"])
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    with pytest.raises(SystemExit) as caught:
        install.main()

    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
