"""What a project may be told of.

Each is sent after the fact, when everything is stored; a receiver that raises is logged
and changes nothing. ``sender`` is the class of the client.
"""

from django.dispatch import Signal

# request, user_id (str), user_info (dict: the verified claims).
signed_in = Signal()

# request, user_id (str), account (dict: Auth0's answer).
account_connected = Signal()

# request, user_id (str), connected_account_id (str).
account_disconnected = Signal()
