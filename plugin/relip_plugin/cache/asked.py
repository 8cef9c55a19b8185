"""A job from when it is asked for until its result is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from relip.media.identity import media_identity
from relip_job import Event, Finished, Notice, ResyncJob, Voiced
from relip_job.errors import MediaError, ModelError
from relip_models import Store
from relip_plugin.cache.keys import identities, job_key
from relip_plugin.cache.results import Known


@dataclass(frozen=True)
class Asked:
    """A job, the key of its result, and what its files and networks were when it was asked for."""

    job: ResyncJob
    key: str
    files: Mapping[str, str]
    networks: str

    def believed(self, event: Finished, told: Iterable[Event], seconds: float) -> Known:
        """What is known of its result, if it was made of what was asked for.

        Parameters
        ----------
        told : what the engine said on the way.
        seconds : how long it took.

        Raises
        ------
        MediaError
            The picture or the speech was replaced meanwhile, or is gone; or the result is.
        ModelError
            The user's own networks were replaced meanwhile.
        """
        if identities(self.job) != self.files:
            raise MediaError(
                "the picture or the speech was replaced while it was read; the result was removed",
                "run it again",
            )
        if Store().identity(self.job.engine) != self.networks:
            raise ModelError(
                f"the networks of the engine {self.job.engine} were replaced while a line was "
                "made; the result was removed",
                "run it again",
            )
        said = tuple(told)
        return Known(
            event.output,
            event.sidecar,
            media_identity(event.output),
            event.frames,
            event.changed,
            event.score or "",
            event.scores,
            tuple(one for one in said if isinstance(one, Notice)),
            tuple(one for one in said if isinstance(one, Voiced)),
            seconds,
        )


def as_it_is(job: ResyncJob, engine: str) -> Asked:
    """The job as it is now; ``engine`` is what :func:`~relip.identity.engine_identity` gave.

    Raises
    ------
    MissingMedia
        A file of it cannot be read.
    """
    files = identities(job)
    # Networks of the user's own are no part of the engine.
    networks = Store().identity(job.engine)
    drawn_by = " ".join(filter(None, (engine, networks)))
    return Asked(job, job_key(job, files, drawn_by), files, networks)


def discard(event: Finished) -> None:
    """Remove a result that is not believed in."""
    for path in (event.output, event.sidecar):
        with suppress(OSError):
            Path(path).unlink()
