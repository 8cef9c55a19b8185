from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import relip
from relip_job.errors import OutputError, RelipError
from relip_plugin import install_resolve
from relip_plugin.cli import main
from relip_plugin.hello import engine_version
from relip_plugin.install_resolve import install, look, uninstall
from relip_plugin.resolve_places import house, scripts_folder

ROOTS = [
    str(Path(__file__).resolve().parents[3] / folder) for folder in ("core", "models", "plugin")
]
ENGINE = (
    sys.executable,
    "-c",
    f"import runpy, sys; sys.path[:0] = {ROOTS!r}; sys.argv[1:] = [];"
    " runpy.run_module('relip_plugin.worker', run_name='__main__')",
)
NAMES = {"Re-sync Clip", "Re-sync Timeline", "Apply Finished", "Revert Last Run"}


@pytest.fixture
def fusion(tmp_path: Path) -> Path:
    return tmp_path / "DaVinci Resolve" / "Fusion"


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the start of the engine where it does not matter."""
    monkeypatch.setattr(install_resolve, "engine_version", lambda engine: relip.__version__)


def put(fusion: Path) -> list[str]:
    return list(install(fusion, str(fusion.parents[1] / "state"), ("/engine/python",)))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_menu_gets_four_scripts_that_find_their_modules(fusion: Path) -> None:
    said = list(install(fusion, "~/state", ENGINE))

    menu = scripts_folder(fusion)
    assert {path.name for path in menu.iterdir()} == {f"relip - {name}.py" for name in NAMES}
    assert all(name in said[0] for name in NAMES)
    told = json.loads((house(fusion) / "settings.json").read_text(encoding="utf-8"))
    assert told["engine"] == list(ENGINE)
    assert told["folder"] == "~/state"
    assert told["version"] == relip.__version__
    # As Resolve's Python runs them: nothing on the path, no site, another folder.
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(menu / "relip - Re-sync Clip.py")],
        capture_output=True,
        text=True,
        cwd=fusion.parent,
        check=False,
    )
    assert "scripting module was not found" in ran.stdout, ran.stdout + ran.stderr
    assert ran.stderr == ""


def test_an_engine_that_does_not_answer_is_not_put_there(fusion: Path) -> None:
    with pytest.raises(RelipError, match="is not relip's engine"):
        list(install(fusion, "state", (sys.executable, "-c", "print('hi')")))

    assert not fusion.exists()


def test_the_engine_says_its_version() -> None:
    assert engine_version(ENGINE) == relip.__version__


@pytest.mark.usefixtures("answering")
class TestPlaces:
    def test_a_second_time_changes_nothing(self, fusion: Path) -> None:
        put(fusion)
        before = files(fusion)

        put(fusion)

        assert files(fusion) == before

    def test_all_of_it_goes_again_and_nothing_else(self, fusion: Path) -> None:
        menu = scripts_folder(fusion)
        menu.mkdir(parents=True)
        (menu / "theirs.py").write_text("mine")
        (fusion / "Macros").mkdir()
        (fusion / "Macros" / "title.setting").write_text("mine")
        before = files(fusion)
        put(fusion)
        (house(fusion) / "relip_host" / "__pycache__").mkdir()
        (house(fusion) / "relip_host" / "__pycache__" / "page.cpython-311.pyc").touch()

        (said,) = uninstall(fusion)

        assert files(fusion) == before
        assert not house(fusion).exists()
        assert said.startswith("removed ")
        assert list(uninstall(fusion)) == [f"relip's scripts are not in {fusion}"]

    def test_what_was_changed_or_added_stays(self, fusion: Path) -> None:
        put(fusion)
        script = scripts_folder(fusion) / "relip - Re-sync Clip.py"
        script.write_text("# mine now")
        note = house(fusion) / "note.txt"
        note.write_text("mine")

        said = list(uninstall(fusion))

        assert set(files(fusion)) == {
            script.relative_to(fusion).as_posix(),
            "relip/note.txt",
            "relip/installed.json",
        }
        assert said[0] == f"{script} was changed since, and stays"

    def test_a_new_version_replaces_the_old_one(
        self, fusion: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        contents = dict(install_resolve._contents())
        old = {
            **contents,
            "relip/relip_host/dropped.py": b"old",
            "Scripts/Utility/relip - Old Name.py": b"old",
            "Scripts/Utility/relip - Re-sync Clip.py": b"old",
        }
        with monkeypatch.context() as patched:
            patched.setattr(install_resolve, "_contents", old.items)
            put(fusion)
        settings = house(fusion) / "settings.json"
        told = json.loads(settings.read_text(encoding="utf-8"))
        settings.write_text(json.dumps({**told, "version": "0.0", "colour": "Pink"}))

        put(fusion)

        assert {name for name in files(fusion) if name.endswith(".py")} == set(contents)
        again = json.loads(settings.read_text(encoding="utf-8"))
        assert again == {**told, "colour": "Pink"}, "what the editor set is kept"

    @pytest.mark.parametrize("name", ["relip_host/page.py", "settings.json", "Re-sync Clip.py"])
    def test_what_fails_half_way_leaves_it_as_it_was(
        self, fusion: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        put(fusion)
        (scripts_folder(fusion) / "relip - Re-sync Clip.py").write_text("# older")
        before = files(fusion)
        write = Path.write_bytes

        def full(path: Path, content: bytes) -> int:
            if path.as_posix().removesuffix(".partial").endswith(name):
                raise OSError(28, "No space left on device", str(path))
            return write(path, content)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "write_bytes", full)
            with pytest.raises(OutputError, match="No space left"):
                put(fusion)

        assert files(fusion) == before

    def test_an_installation_that_was_cut_off_is_mended(self, fusion: Path) -> None:
        put(fusion)
        before = files(fusion)
        house(fusion).rename(fusion / ".relip.old")
        (fusion / ".relip.partial").mkdir()

        assert list(install(fusion, "state", dry_run=True))
        put(fusion)

        assert files(fusion) == before
        assert {path.name for path in fusion.iterdir()} == {"Scripts", "relip"}

    def test_what_another_put_there_is_not_replaced(self, fusion: Path) -> None:
        script = scripts_folder(fusion) / "relip - Re-sync Clip.py"
        script.parent.mkdir(parents=True)
        script.write_text("mine")
        with pytest.raises(OutputError, match="not put there by relip"):
            put(fusion)
        script.unlink()
        house(fusion).mkdir()
        with pytest.raises(OutputError, match="somebody else's"):
            put(fusion)

    def test_a_dry_run_touches_nothing(self, fusion: Path) -> None:
        said = list(install(fusion, "state", dry_run=True))
        assert all(sentence.startswith("would ") for sentence in said)
        assert not fusion.exists()

        put(fusion)
        before = files(fusion)
        (sentence,) = uninstall(fusion, dry_run=True)
        assert sentence.startswith("would remove ")
        assert files(fusion) == before

    def test_a_record_cannot_lead_elsewhere(self, fusion: Path, tmp_path: Path) -> None:
        put(fusion)
        mine = tmp_path / "mine.txt"
        mine.write_text("mine")
        record = house(fusion) / "installed.json"
        told = json.loads(record.read_text(encoding="utf-8"))
        up = os.path.relpath(mine, fusion)
        outside = {up: "", str(mine): "", f"relip/../{up}": "", "Macros/x": ""}
        record.write_text(json.dumps({**told, **outside}))

        list(uninstall(fusion))

        assert mine.read_text() == "mine"

    def test_what_is_there_is_looked_at(self, fusion: Path) -> None:
        assert look(fusion) is None
        put(fusion)

        found = look(fusion)
        assert found is not None
        assert (found.version, found.engine, found.wrong) == (
            relip.__version__,
            ("/engine/python",),
            (),
        )
        (house(fusion) / "relip_job" / "job.py").unlink()
        again = look(fusion)
        assert again is not None
        assert again.wrong == ("relip/relip_job/job.py",)
        (house(fusion) / "settings.json").unlink()
        broken = look(fusion)
        assert broken is not None
        assert broken.wrong == ("relip/settings.json",)


@pytest.mark.usefixtures("answering")
class TestCommand:
    @pytest.fixture
    def machine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A Linux machine with nothing on it; its root."""
        from relip_plugin import install_command
        from relip_plugin.resolve_places import resolve_places

        monkeypatch.setattr(Path, "home", lambda: tmp_path / "home" / "anna")
        monkeypatch.setattr(
            install_command, "resolve_places", lambda: resolve_places("linux", {}, tmp_path)
        )
        return tmp_path

    def resolve_is_there(self, machine: Path) -> None:
        (machine / "opt" / "resolve" / "bin").mkdir(parents=True)
        (machine / "opt" / "resolve" / "bin" / "resolve").touch()

    def run(self, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, Any]:
        code = main(["install", "resolve", "--json", *options])
        told = json.loads(capsys.readouterr().out)
        return code, told.get("said", told.get("message"))

    def test_where_no_resolve_is_nothing_is_done_unasked(
        self, machine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, said = self.run(capsys)
        assert code == 2
        assert said == "DaVinci Resolve was not found on this machine"
        assert self.run(capsys, "--if-found") == (0, [])
        assert not (machine / "home").exists()

    def test_where_no_resolve_is_it_can_be_asked_for(
        self, machine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, said = self.run(capsys, "--user")

        assert code == 0
        assert "was not found" in said[0]
        assert look(machine / "home/anna/.local/share/DaVinciResolve/Fusion") is not None

    def test_it_goes_to_this_user_and_away_again(
        self, machine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.resolve_is_there(machine)
        fusion = machine / "home/anna/.local/share/DaVinciResolve/Fusion"

        code, said = self.run(capsys, "--if-found")
        assert code == 0
        assert "Workspace > Scripts" in " ".join(said)
        found = look(fusion)
        assert found is not None
        assert found.engine == (sys.executable,)

        assert self.run(capsys, "--uninstall")[0] == 0
        assert look(fusion) is None
        assert self.run(capsys, "--uninstall", "--if-found") == (0, [])

    def test_for_everybody_each_keeps_their_own_state(
        self, machine: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.resolve_is_there(machine)

        assert self.run(capsys, "--system")[0] == 0

        place = house(machine / "opt/resolve/Fusion")
        told = json.loads((place / "settings.json").read_text(encoding="utf-8"))
        assert told["folder"].startswith("~")
        code, said = self.run(capsys, "--user")
        assert code == 0
        assert "in the menu twice" in " ".join(said)

    def test_without_rights_an_administrator_is_asked_for(
        self, machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.resolve_is_there(machine)

        def forbidden(path: Path, *_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "mkdir", forbidden)

        assert main(["install", "resolve", "--system"]) == 2

        said = capsys.readouterr().err
        assert "Permission denied" in said
        assert "as an administrator" in said
