"""What a project may be told of.

Each is sent after the fact, when everything is stored; a receiver that raises is logged
and changes nothing. ``sender`` is the class of the client.
"""

from django.dispatch import Signal

# request, user_id (str), user_info (dict: the verified claims).
signed_in = Signal()

# request, primary_user_id (str), secondary_user_id (str, an identity of the primary now), rule
# (int, of docs/linking.md). What the project keeps by user id moves from one to the other.
accounts_linked = Signal()

# request, user_id (str), account (dict: Auth0's answer).
account_connected = Signal()

# request, user_id (str), connected_account_id (str).
account_disconnected = Signal()
