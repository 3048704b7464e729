"""Events of the core as log records of ``logging``.

The logger ``auth0_oauth_client`` gets one record for each refused or unusual thing, and
``auth0_oauth_client.audit`` who did what. Fields are in the message and, under their
names, in ``record.auth0``. No event holds a secret; people are named in the audit alone.
"""

import logging

TEXT, FOREIGN, PERSON, NUMBER = 1, 2, 3, 4
AUDIT = 4
LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.INFO)
FOREIGN_MAX = 256

logger = logging.getLogger("auth0_oauth_client")
audit = logging.getLogger("auth0_oauth_client.audit")


def _shown(kind, value):
    """Foreign text can not begin a line of its own, nor fill the log."""
    return ascii(value[:FOREIGN_MAX])[1:-1] if kind == FOREIGN else value


def event(level, name, fields):
    """The log port."""
    stream = audit if level == AUDIT else logger
    number = LEVELS[level]
    if not stream.isEnabledFor(number):
        return
    shown = {
        field: _shown(kind, value)
        for field, kind, value in fields
        if kind != PERSON or level == AUDIT
    }
    text = " ".join([name, *(f"{field}={value}" for field, value in shown.items())])
    stream.log(number, "%s", text, extra={"auth0": {"event": name, **shown}})
