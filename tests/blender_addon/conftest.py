"""Real Blender as a module, with a profile of its own and the add-on from the checkout.

Without ``bpy`` everything that needs it skips and says so; ``.ci/blender`` runs all of it inside
each Blender that must work. Modules that need it begin with
``bpy = pytest.importorskip("bpy", reason=NO_BLENDER)``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ADDON = "blender_addon.relip"
"""What the add-on is called in the checkout; installed it is ``bl_ext.user_default.relip``."""

ENGINE = os.environ.get("RELIP_ENGINE", "")
HAS_BLENDER = importlib.util.find_spec("bpy") is not None
if HAS_BLENDER:
    # Read once, when Blender starts: nothing of the user's is seen, or written to.
    PROFILE = tempfile.mkdtemp(prefix="relip-blender-")
    os.environ["BLENDER_USER_RESOURCES"] = PROFILE
else:
    # Parts of the add-on that know no bpy are tested without it: a package that is only a folder.
    bare = ModuleType(ADDON)
    bare.__path__ = [str(Path(__file__).parents[2] / "blender_addon" / "relip")]
    sys.modules[ADDON] = bare


def pytest_unconfigure() -> None:
    if HAS_BLENDER:
        shutil.rmtree(PROFILE, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)  # the session goes on with other tests
def no_engine_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own engine, settings and journals out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("LOCALAPPDATA", str(tmp_path_factory.mktemp("local")))
        yield


@pytest.fixture
def blender() -> Iterator[None]:
    """Blender as it comes, with an empty scene and the add-on enabled."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon: Any = importlib.import_module(ADDON)
    addon.__time__ = Path(addon.__file__).stat().st_mtime  # or else Blender reloads it
    bpy.ops.preferences.addon_enable(module=ADDON)
    yield
    bpy.ops.preferences.addon_disable(module=ADDON)


@pytest.fixture(scope="session")
def engine() -> str:
    """The Python that has relip, as ``RELIP_ENGINE`` names it."""
    if not Path(ENGINE).is_file():
        pytest.skip("no engine: set RELIP_ENGINE to a Python that has relip")
    return ENGINE
