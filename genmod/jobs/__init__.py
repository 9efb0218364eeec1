"""Which run trains now: asking for a training, the queue over all visitors and servers, stopping, resuming."""

from genmod.jobs.dispatch import call_worker, ensure_worker, unserved
from genmod.jobs.estimates import Outlook, outlook
from genmod.jobs.overviews import Overview, overview, queue
from genmod.jobs.room import make_room
from genmod.jobs.shortage import check_free, free_memory, shortage, startable
from genmod.jobs.trainings import (
    MOST_WAITING,
    RESUMABLE,
    Submission,
    begin,
    claim,
    hold,
    resume,
    resume_interrupted,
    stop,
    submit,
)

__all__ = [
    "MOST_WAITING",
    "RESUMABLE",
    "Outlook",
    "Overview",
    "Submission",
    "begin",
    "call_worker",
    "check_free",
    "claim",
    "ensure_worker",
    "free_memory",
    "hold",
    "make_room",
    "outlook",
    "overview",
    "queue",
    "resume",
    "resume_interrupted",
    "shortage",
    "startable",
    "stop",
    "submit",
    "unserved",
]
