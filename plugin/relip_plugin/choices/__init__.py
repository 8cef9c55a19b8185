"""The page on which an editor chooses how to re-sync, and then watches it happen.

A process of its own between an editing program and a browser: see :mod:`relip_host.page` for
what travels on stdin and stdout. Standard library only but for the check of what comes in.
"""
