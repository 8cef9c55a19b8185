#!/usr/bin/env python3
"""Install relip into an environment of its own; standard library only, no admin rights.

::

    python install.py                  create or renew the environment, put a launcher, and the
                                       scripts and the extension where Resolve and Blender find them
    python install.py --demo           the same, then re-sync and score the shipped sample
    python install.py --with farm      the same, and what many machines need; transcript: what
                                       reads a text; convert: PyTorch, for relip models convert
    python install.py --test           an environment inside the checkout, then the tests
    python install.py --engine WHAT    only the environment, from a wheel, a folder of wheels, a
                                       checkout or the package index; Blender's Set Up Engine
    python install.py --uninstall      remove all of that

Running it again renews what is there. Besides the environment there are one launcher file, one
small settings file beside the environment, the scripts in Resolve's own folder and the extension
in Blender's; with ``--env`` there is only the environment.
"""

# Written so that Python 3.6 can read it far enough to say that it is too old.

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

OLDEST = (3, 11)
NEEDED_GIGABYTES = 2.0  # 1.0 stay (FFmpeg, OpenCV, numba, onnxruntime), the rest is pip's
HERE = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
# What pip says when the other end could not be reached, whatever its version.
NO_NETWORK = (
    "connection error",
    "connectionerror",
    "failed to establish a new connection",
    "max retries exceeded",
    "name resolution",
    "network is unreachable",
    "newconnectionerror",
    "read timed out",
    "temporary failure",
    "connection aborted",
    "connection reset",
    "remotedisconnected",
)
EXTRAS = {"farm": 0.0, "transcript": 0.2, "convert": 8.0 if sys.platform == "linux" else 1.0}
"""What only some need, and about how many more gigabytes: on Linux PyTorch comes with CUDA."""
NO_SUCH = "No matching distribution found for "
STEPS = ("Collecting ", "Downloading ", "Processing ", "Installing ", "Building ")
"""What lines of pip begin with that show it is getting somewhere."""


class InstallError(Exception):
    """What is wrong, and in a second argument what to do about it."""


def say(line: str) -> None:
    """Print a step now, also into a pipe."""
    print(line, flush=True)


# Where things go


def data_dir() -> Path:
    """This user's folder for relip, by the habits of the system."""
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "relip"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "relip"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "relip"


def script(env: Path, name: str) -> Path:
    """A program of the environment."""
    return env / "Scripts" / f"{name}.exe" if WINDOWS else env / "bin" / name


def launcher() -> Path:
    """The one file outside the environment."""
    return data_dir() / "relip.cmd" if WINDOWS else Path.home() / ".local" / "bin" / "relip"


def settings() -> Path:
    """The file that tells others, such as Blender's extension, where the engine is."""
    return data_dir() / "settings.json"


# What has to be true first


def newer_python() -> str:
    """A Python of this machine that is new enough, or nothing."""
    for minor in (13, 12, 11, 14):
        found = shutil.which(f"python3.{minor}")
        # It may be a stand-in that names a version which is not there.
        if (
            found
            and subprocess.run(
                [found, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ).returncode
            == 0
        ):
            return found
    return ""


def check_python() -> None:
    """Refuse a Python that is too old, and name a newer one if the machine has it."""
    if sys.version_info >= OLDEST:
        return
    have = ".".join(map(str, sys.version_info[:3]))
    newer = newer_python()
    remedy = f"run: {newer} install.py" if newer else "install one from https://www.python.org"
    raise InstallError(f"relip needs Python 3.11 or newer and this is {have}", remedy)


def check_venv() -> None:
    """Refuse a Python that cannot make environments (Debian packs that separately)."""
    try:
        import ensurepip
        import venv
    except ImportError as error:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise InstallError(
            f"this Python cannot make environments ({error.name} is missing)",
            f"on Debian and Ubuntu: sudo apt install python{version}-venv; then run this again",
        ) from error
    del ensurepip, venv


def check_space(env: Path, more: float = 0.0) -> None:
    """Refuse to start on a full disk; renewing takes less than installing, ``more`` GB on top."""
    folder = next(parent for parent in (env, *env.parents) if parent.exists())
    free = shutil.disk_usage(folder).free / 1e9
    needed = more + (NEEDED_GIGABYTES if not env.exists() else NEEDED_GIGABYTES / 4)
    if free < needed:
        raise InstallError(
            f"{free:.1f} GB are free where {env} lies and relip needs {needed:.1f} GB",
            "free some space, or put it elsewhere with --env FOLDER",
        )


# The environment


def is_healthy(env: Path) -> bool:
    """Whether the environment's own Python runs, is new enough and has pip."""
    python = script(env, "python")
    if not python.exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([str(python), "-I", "-c", probe], capture_output=True).returncode == 0


def make_environment(env: Path) -> None:
    """An environment at ``env``: kept if it works, made anew if it is broken or absent."""
    if is_healthy(env):
        say(f"renewing {env}")
        return
    if env.exists() and any(env.iterdir()) and not (env / "pyvenv.cfg").exists():
        raise InstallError(
            f"{env} holds something else", "name an empty or a new folder with --env FOLDER"
        )
    check_venv()
    say(f"creating {env}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(env)], capture_output=True, text=True
    )
    if made.returncode:
        why = (made.stdout + made.stderr).strip().splitlines() or ["no reason given"]
        raise InstallError(
            f"the environment {env} could not be made ({why[-1]})",
            "check that you may write there, or name another folder with --env FOLDER",
        )


def pip(env: Path, *arguments: str, steps: bool = False) -> None:
    """Run the environment's pip; once more after a network hiccup. ``steps``: say what it does."""
    command = [str(script(env, "python")), "-I", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", *([] if steps else ["--quiet"]), *arguments]
    for attempt in (1, 2):
        code, told = run_in_steps(command) if steps else run_quietly(command)
        if code == 0:
            return
        offline = any(sign in told.lower() for sign in NO_NETWORK)
        if not offline:
            break
        if attempt == 1:
            say("the package index did not answer, trying once more")
    if "no space left" in told.lower():
        raise InstallError("the disk is full", "free some space and run this again")
    if offline:
        raise InstallError(
            "the package index cannot be reached",
            "connect to the internet (behind a proxy: set HTTPS_PROXY) and run this again",
        )
    print(told, file=sys.stderr)
    unknown = [line.split(NO_SUCH)[1] for line in told.splitlines() if NO_SUCH in line]
    if unknown:
        raise InstallError(
            f"there is no {unknown[-1].strip()} for this Python",
            "name a folder with wheels of relip and of everything it needs"
            if "--no-index" in arguments
            else "try another Python, best 3.13, or tell us",
        )
    raise InstallError("pip could not install relip", "its own words are above")


def run_quietly(command: "list[str]") -> "tuple[int, str]":
    """Exit code and everything that was printed."""
    ran = subprocess.run(command, capture_output=True, text=True)
    return ran.returncode, (ran.stdout + ran.stderr).strip()


def run_in_steps(command: "list[str]") -> "tuple[int, str]":
    """The same, and what shows that it gets somewhere is said at once."""
    told = []
    with subprocess.Popen(
        [*command, "--progress-bar", "off"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        errors="replace",
    ) as ran:
        assert ran.stdout is not None
        for line in ran.stdout:
            told.append(line)
            if line.strip().startswith(STEPS):
                say(" ".join(line.split())[:100])
    return ran.returncode, "".join(told).strip()


def install(env: Path, extras: "list[str]") -> None:
    """relip and what it needs, from this checkout, as a copy; renewing keeps earlier extras."""
    check_space(env, sum(EXTRAS[name] for name in extras))
    make_environment(env)
    say("installing relip and what it needs (some minutes the first time)")
    pip(env, f"{HERE}[{','.join(extras)}]" if extras else str(HERE))


def install_engine(env: Path, what: str, offline: bool) -> None:
    """relip and what it needs, from what is named."""
    check_space(env)
    wanted = named(what)
    make_environment(env)
    say("installing relip and what it needs (some minutes the first time)")
    index = ["--no-index"] if offline else []
    pip(env, *index, *wanted, steps=True)
    if wanted[0].endswith(".whl"):
        # pip keeps what has the same version, and this file may be another build of it.
        pip(env, "--no-index", "--no-deps", "--force-reinstall", wanted[0], steps=True)


def named(what: str) -> "list[str]":
    """What pip is told: a checkout, a wheel with those beside it, or a name for the index."""
    path = Path(what).expanduser()
    if path.is_dir() and (path / "pyproject.toml").is_file():
        return [str(path)]
    if path.is_dir():
        wheels = sorted(path.glob("relip-*.whl"), key=lambda wheel: wheel.stat().st_mtime)
        if not wheels:
            raise InstallError(
                f"{path} holds neither relip's sources nor a wheel of it",
                "name a folder that holds relip-<version>-py3-none-any.whl, or that file",
            )
        return [str(wheels[-1]), "--find-links", str(path)]
    if path.is_file():
        return [str(path), "--find-links", str(path.parent)]
    if os.sep in what or what.endswith(".whl"):
        raise InstallError(f"{path} is not there", "name a wheel of relip, or a folder with one")
    return [what]


def write_settings(env: Path) -> None:
    """Tell others where the engine is, whole or not at all."""
    partial = settings().with_name(settings().name + ".partial")
    told = {"engine": [str(script(env, "python"))], "folder": str(data_dir())}
    partial.write_text(json.dumps(told, indent=1), encoding="utf-8")
    partial.replace(settings())


def install_for_tests() -> Path:
    """The environment inside the checkout, where relip is the checkout itself."""
    env = HERE / ".venv"
    check_space(env)
    make_environment(env)
    say("installing relip and its test tools")
    pip(env, "--editable", f"{HERE}[test]")
    return env


# The launcher


def put_launcher(env: Path) -> Path:
    """A ``relip`` one can call; the environment's own if the place is taken."""
    place, program = launcher(), script(env, "relip")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if WINDOWS:
            place.write_text(f'@"{program}" %*\n', encoding="utf-8")
        elif place.is_symlink() and place.readlink() == program:
            pass
        elif place.is_symlink() or place.exists():
            say(f"{place} is somebody else's and stays as it is")
            return program
        else:
            place.symlink_to(program)
    except OSError as error:
        say(f"no launcher at {place} ({error.strerror})")
        return program
    return place


def tell_how_to_run(command: Path) -> None:
    """The launcher's place and what to type."""
    on_path = shutil.which("relip")
    say(f"relip is at {command}")
    if on_path and Path(on_path).resolve() == command.resolve():
        say("run it with: relip doctor")
        return
    say(f'run it with: "{command}" doctor')
    if WINDOWS:
        say(f"to type only 'relip', add {command.parent} to Path in your environment variables")
    else:
        say(f"""to type only 'relip': export PATH="{command.parent}:$PATH" """.rstrip())


def put_into(program: str, env: Path, *options: str) -> None:
    """Have relip put its part where an editing program looks for it, or take it away."""
    python = script(env, "python")
    if not python.exists():
        return
    command = [str(python), "-I", "-m", "relip_plugin.cli", "install", program, *options]
    # Its sentences are for the user; relip itself is installed whatever becomes of this.
    subprocess.run(command)


def uninstall(env: Path, own: bool) -> None:
    """Remove the environment, and the launcher if it leads there."""
    place = launcher()
    if own and (WINDOWS or place.is_symlink()):
        leads_here = place.exists() if WINDOWS else place.readlink() == script(env, "relip")
        if leads_here:
            place.unlink()
            say(f"removed {place}")
    if own and settings().is_file():
        settings().unlink()
    if not (env / "pyvenv.cfg").exists():
        say(f"there is no environment at {env}")
        return
    shutil.rmtree(env)
    say(f"removed {env}")


# The demonstration


def demonstrate(env: Path) -> int:
    """Re-sync the shipped sample in ``relip_demo/`` of the current folder, and score it."""
    ask = "from relip.sample import line, picture; print(picture()); print(line())"
    found = subprocess.run(
        [str(script(env, "python")), "-I", "-c", ask], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    folder = Path("relip_demo").resolve()
    folder.mkdir(exist_ok=True)
    picture, line = (Path(shutil.copy(path, folder)) for path in found)
    say(f"re-syncing {picture} to {line}")
    command = [str(script(env, "relip")), "sync", str(picture), "--speech", str(line)]
    ran = subprocess.run([*command, "--codec", "h264", "--audio", "dub"])
    if ran.returncode:
        return ran.returncode
    results = [path for path in folder.glob("*_relip_v*") if path.suffix not in (".json", ".html")]
    newest = max(results, key=lambda path: path.stat().st_mtime)
    page = newest.with_suffix(".html")
    score = [str(script(env, "relip")), "score", str(picture), str(newest), "--report", str(page)]
    scored = subprocess.run(score).returncode
    say(f"before: {picture}")
    say(f"after:  {newest}")
    if scored in (0, 1):  # 1: it could be judged, and does not earn every point
        say(f"card:   {page}")
        return 0
    return scored


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(description="Install relip.", epilog="Run it again to renew.")
    found.add_argument("--env", type=Path, metavar="FOLDER", help="where the environment goes")
    todo = found.add_mutually_exclusive_group()
    todo.add_argument("--demo", action="store_true", help="install, then re-sync the sample")
    todo.add_argument("--test", action="store_true", help="run the tests in .venv of the checkout")
    todo.add_argument("--test-env", action="store_true", help="only make .venv of the checkout")
    todo.add_argument("--engine", metavar="WHAT",
        help="only the environment, from a wheel, a folder or a name for the index")  # fmt: skip
    todo.add_argument("--uninstall", action="store_true", help="remove relip")
    found.add_argument("--with", dest="extras", action="append", default=[], choices=EXTRAS,
        help="also install what this needs; may be given again")  # fmt: skip
    found.add_argument("--offline", action="store_true", help="with --engine: no package index")
    return found


def run(options: argparse.Namespace) -> int:
    """Do what was asked; the exit code."""
    check_python()
    if options.extras and (options.test or options.test_env or options.engine or options.uninstall):
        raise InstallError("--with is for installing from this checkout", "leave one of them out")
    if options.test or options.test_env:
        env = install_for_tests()
        tests = [str(script(env, "python")), "-m", "pytest"]
        return subprocess.run(tests, cwd=HERE).returncode if options.test else 0
    env = (options.env or data_dir() / "env").expanduser().absolute()
    if options.uninstall:
        if options.env is None:
            put_into("resolve", env, "--uninstall", "--if-found")
            put_into("blender", env, "--uninstall", "--if-found")
        uninstall(env, own=options.env is None)
        return 0
    if options.engine:
        install_engine(env, options.engine, options.offline)
        if options.env is None:
            write_settings(env)
        return 0
    install(env, options.extras)
    tell_how_to_run(script(env, "relip") if options.env else put_launcher(env))
    if options.env is None:
        write_settings(env)
        put_into("resolve", env, "--if-found")
        put_into("blender", env, "--if-found")
    return demonstrate(env) if options.demo else 0


def main() -> NoReturn:
    """Run, and leave with a message instead of a traceback."""
    try:
        sys.exit(run(parser().parse_args()))
    except InstallError as error:
        print(f"relip was not installed: {error.args[0]}", file=sys.stderr)
        print(f"what to do: {error.args[1]}", file=sys.stderr)
        sys.exit(2)
    except PermissionError as error:
        print(f"relip was not installed: {error.filename} may not be written", file=sys.stderr)
        print("what to do: name another folder with --env FOLDER", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("cancelled; run it again to finish", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
