"""``relip farm``: the scheduler and the workers of a farm, started the way relip needs them.

Both are Dask's own programs, run in this process; ``dask scheduler`` and ``dask worker`` do, too.
"""

from __future__ import annotations

import argparse
import os
from typing import Final

from relip_host.executor import default_workers
from relip_job.errors import JobError
from relip_plugin.batch.farm import ADDRESS, require_distributed
from relip_plugin.batch.farm_paths import VARIABLE, read_map

GIVEN_UP_AFTER: Final = "60s"
"""A machine that has not been heard of for so long is lost; Dask itself waits for five minutes."""
QUIET: Final = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
"""No pages for others to look at."""


def scheduler(options: argparse.Namespace) -> int:
    """Run the one that knows all machines, until it is stopped.

    Raises
    ------
    RelipError
        Dask is not installed.
    """
    # Read when Dask is imported.
    os.environ.setdefault("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", GIVEN_UP_AFTER)
    require_distributed(silent=False)
    from distributed.cli.dask_scheduler import main

    host = ["--host", options.host] if options.host else []
    main(["--port", str(options.port), *host, *QUIET], "relip farm scheduler", None, False)
    return 0


def worker(options: argparse.Namespace) -> int:
    """Run the one that does lines on this machine, until it is stopped.

    Raises
    ------
    RelipError
        Dask is not installed, or an option makes no sense.
    """
    if not ADDRESS.fullmatch(options.scheduler):
        raise JobError(
            f"{options.scheduler!r} is no address of a scheduler",
            "name it as the scheduler does when it starts: tcp://farm:8786",
        )
    if options.nthreads is not None and options.nthreads < 1:
        raise JobError(f"{options.nthreads} lines at a time are none", "name 1 or more")
    if options.map:
        os.environ[VARIABLE] = ";".join(options.map)
    read_map(os.environ.get(VARIABLE, ""))
    require_distributed(silent=False)
    from distributed.cli.dask_worker import main

    threads = str(options.nthreads or default_workers())
    host = ["--host", options.host] if options.host else []
    words = [options.scheduler, "--nworkers", "1", "--nthreads", threads, *host, *QUIET]
    main(words, "relip farm worker", None, False)
    return 0
