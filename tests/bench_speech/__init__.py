"""How well speech is heard: figures beside their bars, on labelled utterances."""
