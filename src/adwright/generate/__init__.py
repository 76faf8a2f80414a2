"""From a brief to contents that passed the guards."""

from adwright.generate.backends import BACKENDS, create_backend
from adwright.generate.guards import GUARDS, check, is_blocked
from adwright.generate.kinds import CHANNELS, KINDS, get_kind
from adwright.generate.requests import Backend, Draft, WriteRequest
from adwright.generate.writer import Written, write_contents

__all__ = [
    "BACKENDS",
    "CHANNELS",
    "GUARDS",
    "KINDS",
    "Backend",
    "Draft",
    "WriteRequest",
    "Written",
    "check",
    "create_backend",
    "get_kind",
    "is_blocked",
    "write_contents",
]
