"""A labelled set for tests: the shipped line with its known phones."""

from __future__ import annotations

from pathlib import Path

from relip import sample
from relip.media.speech import RATE, read_speech
from tests.bench.remade import write_wav
from tests.bench_speech.ipa import visemes_of


def labelled_line(root: Path, name: str = "en_sample") -> Path:
    """``root`` with a folder ``name`` of one utterance; the phones ``p``, ``b`` are whole there."""
    folder = root / name
    folder.mkdir(parents=True)
    write_wav(folder / "000.wav", read_speech(sample.line()).samples, RATE)
    lines = []
    for phone in sample.phones():
        visemes = visemes_of(phone.name) or (0,)
        length = (phone.end - phone.start) / len(visemes)
        for at, viseme in enumerate(visemes):
            start = phone.start + at * length
            lines.append(f"{start:.4f} {start + length:.4f} {viseme} {phone.name or 'sil'}")
    (folder / "000.lab").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root
