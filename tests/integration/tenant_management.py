# SPDX-License-Identifier: MIT
"""The Management API of the local tenant, called as a machine does it."""

import urllib.parse

from tenant_process import M2M

USERS = "/api/v2/users"


def segment(text):
    return urllib.parse.quote(text, safe="")


class Management:
    """A machine's token with just the scopes given."""

    def __init__(self, tenant, scope):
        self.tenant = tenant
        audience = tenant.issuer + "api/v2/"
        tenant.control(
            "client_grants",
            {
                "id": "cgr_test",
                "client_id": M2M["client_id"],
                "audience": audience,
                "scope": scope.split(),
            },
        )
        for grant in tenant.control("client_grants", method="GET"):
            if grant["audience"] == audience and grant["id"] != "cgr_test":
                tenant.control("client_grants/" + grant["id"], method="DELETE")
        answer = tenant.token(
            grant_type="client_credentials", audience=audience, **M2M
        )
        assert answer.status == 200, answer.text
        self.token = answer.json["access_token"]

    def call(self, method, path, data=None, token=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        headers = {"Authorization": "Bearer " + (token or self.token)}
        return self.tenant.request(method, path, data=data, headers=headers)

    def user(self, user_id):
        return self.call("GET", f"{USERS}/{segment(user_id)}")

    def patch(self, user, **changes):
        return self.call("PATCH", f"{USERS}/{segment(user)}", changes)

    def link(self, primary, token=None, **body):
        path = f"{USERS}/{segment(primary)}/identities"
        return self.call("POST", path, body, token)

    def unlink(self, user_id, provider, identity, token=None):
        path = f"{USERS}/{segment(user_id)}/identities/{provider}/{segment(identity)}"
        return self.call("DELETE", path, token=token)


def error(answer, status, message, code=None):
    """An error as the Management API writes it."""
    assert answer.status == status, answer.text
    said = answer.json
    assert said["statusCode"] == status and said["error"]
    assert message in said["message"], said
    assert said.get("errorCode") == code, said
