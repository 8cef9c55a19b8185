"""The vocabulary hosts and engine share: jobs, events, errors. Standard library only."""

from relip_job.errors import RelipError
from relip_job.events import Event, Failed, Finished, Notice, Progress
from relip_job.job import ResyncJob, Speaker, TimeRange

__all__ = [
    "Event",
    "Failed",
    "Finished",
    "Notice",
    "Progress",
    "RelipError",
    "ResyncJob",
    "Speaker",
    "TimeRange",
]
