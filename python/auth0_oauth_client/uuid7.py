"""UUIDs of version 7 (RFC 9562 §5.7), whatever the version of Python."""

import os
import time
import uuid


def uuid7():
    """A new UUID: 48 bits of milliseconds since 1970, then 74 random bits."""
    octets = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10))
    octets[6] = octets[6] & 0x0F | 0x70
    octets[8] = octets[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(octets))
