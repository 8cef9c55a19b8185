"""Decode a clip and encode it again as relip would: ``python -m tests.bench.reencode IN OUT``."""

from __future__ import annotations

import sys

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from relip.media.probe import probe
from relip.media.target import target_for


def main(source: str, output: str) -> None:
    """With FFmpeg alone, all cores, nothing in between."""
    clip = probe(source)
    target = target_for(clip)
    with av.open(source) as given, av.open(output, "w") as made:
        assert isinstance(made, OutputContainer)
        video = made.add_stream(target.encoder, rate=clip.rate, options=target.options)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = clip.width, clip.height, target.pixels
        context.thread_count, context.thread_type = 0, "AUTO"
        given.streams.video[0].thread_type = "AUTO"
        for picture in given.decode(video=0):
            made.mux(video.encode(picture.reformat(format=target.pixels)))
        made.mux(video.encode(None))


if __name__ == "__main__":
    main(*sys.argv[1:])
