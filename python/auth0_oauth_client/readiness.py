"""Whether Auth0 can be asked, for probes: what they find is kept for a moment, so that
nobody makes us ask Auth0 as often as they ask us."""

import threading
import time

from .client import auth_client
from .errors import Auth0OauthClientError, Auth0PingError

KEPT_S = 10.0

_lock = threading.Lock()
_kept = (0.0, None)


def forget():
    """What was found is asked anew."""
    global _kept
    with _lock:
        _kept = (0.0, None)


def look():
    """``{"ok": True}``, or ``{"ok": False, "stage": …}`` with the stage of
    :class:`.Auth0PingError` (``"settings"`` when it could not even be asked)."""
    global _kept
    with _lock:
        until, answer = _kept
        if answer is None or time.monotonic() >= until:
            answer = _ask()
            _kept = (time.monotonic() + KEPT_S, answer)
        return answer


def _ask():
    try:
        auth_client.ping()
    except Auth0PingError as error:
        return {"ok": False, "stage": error.stage}
    except Auth0OauthClientError:
        return {"ok": False, "stage": "settings"}
    return {"ok": True}
