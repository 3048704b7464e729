/* SPDX-License-Identifier: MIT */
#include "events.h"

#include "base/log.h"
#include "server/route.h"

enum {
    FINGERPRINT_BYTES = 8,
    ADDRESS_MAX = 64
};

static void
emit(const events *e, a0_log_level level, const char *name, const a0_log_field *fields,
     size_t fields_len)
{
    if (level >= e->level) {
        atomic_store(e->is_lost,
                     !a0__log_write(e->fd, level, name, fields, fields_len));
    }
}

static void
emit_for_client(void *self, a0_log_level level, const char *name,
                const a0_log_field *fields, size_t fields_len)
{
    if (!a0__text_is(a0__text_of(name), "callback.rejected") &&
        !a0__text_is(a0__text_of(name), "connect.rejected")) {
        emit(self, level, name, fields, fields_len);
    }
}

const a0_log events_of_client = { .size = sizeof events_of_client,
                                  .event = emit_for_client };

const char *
event_family(const char *error_id)
{
    static const struct {
        const char *prefix;
        const char *family;
    } families[] = {
        { "callback_", "callback" },  { "token_", "callback" },
        { "idt_", "callback" },       { "jwt_", "callback" },
        { "jwks_", "callback" },      { "userinfo_", "callback" },
        { "discovery_", "callback" }, { "session_", "session" },
        { "logout_", "logout" },      { "param_", "authz" },
        { "par_", "authz" },          { "http_", "http" },
        { "store_", "store" },        { "refresh_", "refresh" },
        { "scope_", "refresh" },      { "mfa_", "refresh" },
        { "connect_", "connect" },    { "vault_", "vault" },
        { "link_", "link" },          { "gw_", "gateway" },
    };

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (a0__text_starts_with(a0__text_of(error_id),
                                 a0__text_of(families[i].prefix))) {
            return families[i].family;
        }
    }
    return "internal";
}

static void
fingerprint(const events *e, const a0__address *client, a0__buf *out)
{
    a0__digest digest = { 0 };

    if (a0__hmac_sha256(
            a0__text_range((const char *)e->key, sizeof e->key),
            a0__text_range((const char *)client->bytes, sizeof client->bytes), &digest,
            NULL) == A0_OK) {
        a0__buf_hex(out, digest.bytes, FINGERPRINT_BYTES);
    }
}

/* Codes that stand in a registry or in Auth0's documentation; any other text of a peer
 * may be anything, a secret included. [CB-07, SEC-02] */
static const char *
registered(const char *code)
{
    static const char *const codes[] = {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_scope",
        "invalid_target",
        "invalid_token",
        "login_required",
        "mfa_required",
        "registration_not_supported",
        "request_not_supported",
        "request_uri_not_supported",
        "server_error",
        "slow_down",
        "temporarily_unavailable",
        "too_many_attempts",
        "too_many_requests",
        "unauthorized",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (a0__text_is(a0__text_of(code), codes[i])) {
            return codes[i];
        }
    }
    return code != NULL ? "other" : "";
}

void
event_rejected(const events *e, const a0__web_request *request,
               const a0__address *client, const char *error_id, const a0_error *err)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(ADDRESS_MAX);
    A0_AUTO(a0__buf) peer = A0__BUF_INIT(ADDRESS_MAX);

    a0__buf_string(&name, event_family(error_id));
    a0__buf_string(&name, ".rejected");
    fingerprint(e, client, &peer);
    {
        const char *description = a0_error_peer_description(err);
        const a0_log_field fields[] = {
            A0__FIELD_TEXT("error", error_id),
            A0__FIELD_TEXT("correlation_id", request->id),
            A0__FIELD_TEXT("tenant", e->tenant),
            A0__FIELD_TEXT("peer", a0__buf_cstr(&peer)),
            A0__FIELD_TEXT("argument", a0_error_argument(err)),
            A0__FIELD_TEXT("auth0_code", registered(a0_error_peer_code(err))),
            A0__FIELD_NUMBER("auth0_status", a0_error_peer_status(err)),
            A0__FIELD_NUMBER("description_bytes",
                             (int64_t)a0__text_of(description).len),
        };

        emit(e, A0_LOG_WARN, a0__buf_cstr(&name), fields,
             err != NULL ? sizeof fields / sizeof fields[0] : 4);
    }
}

void
event_audit(const events *e, const char *name, const a0__web_request *request,
            const a0__address *client, const char *user_id)
{
    A0_AUTO(a0__buf) address = A0__BUF_INIT(ADDRESS_MAX);

    a0__address_write(client, &address);
    {
        const a0_log_field fields[] = {
            A0__FIELD_PERSON("user_id", user_id),
            A0__FIELD_PERSON("address", a0__buf_cstr(&address)),
            A0__FIELD_TEXT("correlation_id", request->id),
            A0__FIELD_TEXT("tenant", e->tenant),
        };

        emit(e, A0_LOG_AUDIT, name, fields, sizeof fields / sizeof fields[0]);
    }
}

void
event_audit_account(const events *e, const char *name, const a0__web_request *request,
                    const a0__address *client, const char *user_id,
                    const char *connection, const char *account_id)
{
    A0_AUTO(a0__buf) address = A0__BUF_INIT(ADDRESS_MAX);

    a0__address_write(client, &address);
    {
        const a0_log_field fields[] = {
            A0__FIELD_PERSON("user_id", user_id),
            A0__FIELD_PERSON("address", a0__buf_cstr(&address)),
            A0__FIELD_FOREIGN("connection", connection),
            A0__FIELD_FOREIGN("account_id", account_id),
            A0__FIELD_TEXT("correlation_id", request->id),
            A0__FIELD_TEXT("tenant", e->tenant),
        };

        emit(e, A0_LOG_AUDIT, name, fields, sizeof fields / sizeof fields[0]);
    }
}

void
event_note(const events *e, a0_log_level level, const char *name,
           const a0__web_request *request, const char *detail)
{
    const a0_log_field fields[] = {
        A0__FIELD_FOREIGN("detail", detail),
        A0__FIELD_TEXT("correlation_id", request != NULL ? request->id : ""),
        A0__FIELD_TEXT("tenant", e->tenant),
    };

    emit(e, level, name, fields, sizeof fields / sizeof fields[0]);
}

/* The route's pattern, not the path: identifiers of people stand in paths. */
void
event_answered(const events *e, const a0__web_request *request,
               const a0__web_response *response)
{
    A0_AUTO(a0__buf) method = A0__BUF_INIT(ADDRESS_MAX);

    if (e->level > A0_LOG_DEBUG) {
        return;
    }
    a0__buf_text(&method, request->method);
    {
        const a0_log_field fields[] = {
            A0__FIELD_FOREIGN("method", a0__buf_cstr(&method)),
            A0__FIELD_TEXT("route", request->route != NULL ? request->route->path : ""),
            A0__FIELD_NUMBER("status", response->status),
            A0__FIELD_TEXT("correlation_id", request->id),
        };

        emit(e, A0_LOG_DEBUG, "request.answered", fields,
             sizeof fields / sizeof fields[0]);
    }
}
