"""Warping, blending, and laying a drawn mouth into the native picture."""
