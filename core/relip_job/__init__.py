"""The vocabulary hosts and engine share: jobs, events, errors. Standard library only."""

from relip_job.errors import RelipError
from relip_job.events import Event, Failed, Finished, Hello, Notice, Progress, Voiced
from relip_job.job import ResyncJob, Speaker, SpeechPart, TimeRange, Voice, job_to_json

__all__ = [
    "Event",
    "Failed",
    "Finished",
    "Hello",
    "Notice",
    "Progress",
    "RelipError",
    "ResyncJob",
    "Speaker",
    "SpeechPart",
    "TimeRange",
    "Voice",
    "Voiced",
    "job_to_json",
]
