"""How good a re-sync is, in numbers, and which frames cost what."""
