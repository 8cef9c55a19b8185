"""The page that ``--markdown`` writes: the same table, to be kept with the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.cells import Cells, markdown_table
from tests.bench.table import FIGURES, Row, averages, value, verdict, written

ABOUT: Final = {
    "peers": """\
Every way is compared with decoding the same 1080p clip (H.264) and encoding it again (ProRes 422
HQ) with FFmpeg, in the same run, on the same cores: the floor under any tool that writes such a
clip. *Copying the source frame* is the floor of quality, the picture nobody touched, saying the
wrong words: its cost is that of decoding and encoding, and was not measured a second time.

The networks have the published architectures, counted from the graphs that were run, and random
weights: **the same operations, no quality claim.** They run through the same onnxruntime as
relip's own networks, in float32, on the processor, one frame at a time, alone: what a tool around
them decodes, finds, cuts out, blends and encodes comes on top, and so does at least 1 x. Their
memory is that of a process which does nothing else. On a graphics card, for which their authors
made them, they are much faster; nothing of that is measured here.

`core ms` is time on all cores together; other work on the machine changes it less than the time on
the wall. GFLOP: thousand millions of multiplications and additions in convolutions and matrix
products.""",
    "growth": """\
The shipped sample, enlarged and tiled to 16:9, again and again; one thing is varied at a time,
size and faces on the shortest clip.
With several faces all are followed, and the one that moves with the sound is re-synced. The first
columns are those of the whole command: `x work` compares not the time on the wall but that on all
cores together, `cores busy` is the latter over the former. The floor is decoding and encoding the
same clip. Starting takes its share of short clips.""",
}
"""What stands above a figure's table."""


def as_markdown(rows: Sequence[Row], command: str, circumstances: Mapping[str, str]) -> str:
    """The whole page: what was run on what, then a table for every figure.

    Parameters
    ----------
    rows : all of them; averages are added.
    circumstances : what to say about the machine and the versions, by name.
    """
    lines = [
        "# Measured",
        "",
        "Written by this command, not by hand; run it again to renew it:",
        "",
        f"    {command}",
        "",
        *markdown_table([["", ""], *([name, said] for name, said in circumstances.items())]),
    ]
    everything = [*rows, *averages(rows)]
    for key, figure in FIGURES.items():
        block = [row for row in everything if row.figure == key]
        if not block:
            continue
        title = figure.says[0].upper() + figure.says[1:]
        lines += ["", f"## {title}", ""]
        if key in ABOUT:
            lines += [ABOUT[key], ""]
        lines += markdown_table(_cells(block))
    return "\n".join(lines) + "\n"


def _cells(block: Sequence[Row]) -> Cells:
    """Head and rows, without the columns that nobody fills."""
    figure = FIGURES[block[0].figure]
    measures = list(dict.fromkeys(what for row in block for what in row.measures))
    notes = any(row.note for row in block)
    bar = figure.bar
    head = ["", "value", *([f"bar: {bar}"] if bar else []), *measures, *(["note"] if notes else [])]
    body = [
        [
            row.clip,
            value(row),
            *([verdict(row)] if bar else []),
            *(written(row.measures[what]) if what in row.measures else "" for what in measures),
            *([row.note] if notes else []),
        ]
        for row in block
    ]
    return [head, *body]
