"""Timelines as documents: read from OTIO, Final Cut Pro 7 XML and FCPXML, written back by editing.

A document is never made anew. What a result changes is cut into the bytes that were read; all
others stay as they are.
"""
