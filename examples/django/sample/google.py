"""A call to Google on behalf of a person."""

import json
from datetime import datetime
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils import timezone


class CalendarError(Exception):
    """Google did not give the events."""


def next_events(access_token):
    """The next events of a calendar: its name, and a list of (start, summary).

    Args:
        access_token (str): good for ``settings.CALENDAR_SCOPE``.

    Raises:
        CalendarError
    """
    query = urlencode({"timeMin": timezone.now().isoformat(), "maxResults": 5, "singleEvents": "true"})
    request = Request(
        f"{settings.CALENDAR_URL}?{query}", headers={"Authorization": f"Bearer {access_token}"}
    )
    try:
        with urlopen(request, timeout=5) as answer:
            calendar = json.load(answer)
    except HTTPError as error:
        raise CalendarError(f"Google answered {error.code}.") from None
    except (OSError, ValueError) as error:
        raise CalendarError("Google could not be asked.") from error
    return calendar["summary"], [(_start(event), event["summary"]) for event in calendar["items"]]


def _start(event):
    """A moment; events of a whole day have a date alone."""
    start = event["start"]
    return datetime.fromisoformat(start.get("dateTime", start.get("date")).replace("Z", "+00:00"))
