"""From a brief to contents that passed the guards."""

from adwright.generate.backends import BACKENDS, create_backend
from adwright.generate.backends.chain import create_writer
from adwright.generate.exemplars import ExemplarConfig, find_exemplars
from adwright.generate.guards import GUARDS, check, is_blocked
from adwright.generate.kinds import CHANNELS, KINDS, get_kind
from adwright.generate.requests import Backend, Draft, WriteRequest
from adwright.generate.writer import Written, stream_contents, write_contents

__all__ = [
    "BACKENDS",
    "CHANNELS",
    "GUARDS",
    "KINDS",
    "Backend",
    "Draft",
    "ExemplarConfig",
    "WriteRequest",
    "Written",
    "check",
    "create_backend",
    "create_writer",
    "find_exemplars",
    "get_kind",
    "is_blocked",
    "stream_contents",
    "write_contents",
]
