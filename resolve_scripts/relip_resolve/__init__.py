"""What relip does inside DaVinci Resolve. Standard library only, from Python 3.8 on."""
