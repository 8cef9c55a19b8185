"""``relip listen``: read a recording, listen to it, show what was heard."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relip.media.sound import sound_blocks
from relip.media.speech import RATE, Speech, read_speech
from relip.speech.clipping import flat_tops
from relip.speech.recording import checking
from relip.speech.spelling import words_of
from relip.speech.transcript import aligned
from relip.speech.visemes import listening
from relip_job import Progress
from relip_job.errors import JobError, MissingMedia
from relip_plugin.hearing import Hearing, as_text, facts
from relip_plugin.progress import ProgressDisplay, followed

_TEXT = "write --transcript 'the words' or --transcript @file.txt"


@dataclass(frozen=True)
class Transcript:
    """What is said, and in which language (``de``, ``pt-BR``)."""

    text: str
    language: str


def run(options: argparse.Namespace) -> int:
    """Print what was heard, write the page; 0 somebody speaks, 1 nobody does."""
    transcript = transcript_from(options.transcript, options.language)
    if options.report is not None:
        from relip_plugin.report.document import refuse_page
        from relip_plugin.report.hearing_page import SIGN

        refuse_page(options.report, SIGN, "heard.html")
    display = None if options.json else ProgressDisplay(sys.stderr)
    try:
        hearing = followed(_heard(options.sound, transcript), display, [])
        if options.report is not None:
            from relip_plugin.report.hearing_page import write_hearing

            followed(write_hearing(options.report, hearing), display, [])
    finally:
        if display is not None:
            display.end()
    if options.json:
        print(json.dumps(facts(hearing), ensure_ascii=False, allow_nan=False))
    else:
        print(as_text(hearing))
        if options.report is not None:
            print(f"\nreport: {options.report}")
    return 0 if hearing.voice() else 1


def transcript_from(given: str | None, language: str | None) -> Transcript | None:
    """The words on the command line, or those of the file after ``@``.

    Raises
    ------
    JobError
        There are no words, or their language is not named.
    MissingMedia
        There is no such file.
    """
    if given is None:
        if language is not None:
            raise JobError("--language is that of a transcript, and there is none", _TEXT)
        return None
    if not language:
        raise JobError("the language of the transcript is not named", "name it: --language de")
    text = _read(Path(given[1:])) if given.startswith("@") else given
    if not text.strip():
        raise JobError("the transcript is empty", _TEXT)
    return Transcript(text.strip(), language)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingMedia(f"there is no transcript {path}", "check its path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(
            f"the transcript {path} cannot be read", "save it as plain text in UTF-8"
        ) from error


def _heard(path: Path, transcript: Transcript | None) -> Generator[Progress, None, Hearing]:
    if transcript is not None:
        # What cannot be read is refused before an hour is listened to.
        words_of(transcript.text, transcript.language)
    speech = read_speech(path)
    samples = on_clock(speech)
    heard = yield from listening(samples)
    if transcript is not None:
        heard = aligned(heard, samples, transcript.text, transcript.language)
    yield Progress("listen", 1, 1)
    rate, tops = next(sound_blocks(path)).rate, flat_tops(sound_blocks(path))
    warnings = yield from checking(samples, rate, heard, tops)
    return Hearing(path, samples, rate, heard, warnings)


def on_clock(speech: Speech) -> NDArray[np.float32]:
    """The samples from second 0 of the file on: what a film's sound lacks there is silence."""
    late = round(speech.start * RATE)
    return np.pad(speech.samples, (late, 0)) if late > 0 else speech.samples[-late:]
