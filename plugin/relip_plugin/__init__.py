"""The engine side of the plug-in: command line, worker, installers."""
