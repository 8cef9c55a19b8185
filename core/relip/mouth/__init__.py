"""From what is heard to how this person's mouth moves."""
