"""The host side of the plug-in. Standard library only."""
