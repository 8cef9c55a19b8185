"""relip in Blender's Video Sequence Editor: select a shot and its dub, and the lips follow.

The engine is a process of its own; nothing here needs more than Blender's own Python. What knows
no bpy can be imported without it: so nothing that does is imported before Blender asks.
"""

from __future__ import annotations


def register() -> None:
    """Add everything to Blender."""
    from .registration import register_all

    register_all()


def unregister() -> None:
    """Take everything out again, and leave nothing running."""
    from .registration import unregister_all

    unregister_all()
