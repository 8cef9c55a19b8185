"""Where relip keeps what is its own, by the habits of each system."""

from __future__ import annotations

from pathlib import Path

from relip_models.folder import data_folder

__all__ = ["data_folder", "state_folder"]


def state_folder() -> Path:
    """Journals of runs, and what was chosen last in each project."""
    return data_folder() / "state"
