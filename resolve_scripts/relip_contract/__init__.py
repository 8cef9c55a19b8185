"""What the contract probe asks of a real Resolve. Standard library only, from Python 3.8 on."""
