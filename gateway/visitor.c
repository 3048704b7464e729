/* SPDX-License-Identifier: MIT */
/* Whose request it is. */
#include "internal.h"

#include <string.h>

#include "base/base64url.h"

void
gateway_error_auto(gateway_error *error)
{
    a0_error_free(*error);
}

void
gateway_session_auto(gateway_session *session)
{
    a0_session_free(*session);
}

void
gateway_link_answer_auto(gateway_link_answer *answer)
{
    a0_link_answer_free(*answer);
}

void
gateway_answer_auto(gateway_answer *answer)
{
    a0_connect_answer_free(*answer);
}

bool
gateway_id_of_cookie(const gateway *g, const a0__web_request *request, const char *id,
                     char out[A0_SESSION_ID_LEN + 1])
{
    const gateway_origin *origin = gateway_origin_of(request);
    A0_AUTO(a0__buf) octets = A0__BUF_INIT(A0_SESSION_ID_LEN);
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0_SESSION_ID_LEN);
    unsigned char pad[A0__KEY_BYTES];

    if (origin == &g->origins.items[0]) {
        memcpy(out, id, A0_SESSION_ID_LEN + 1);
        return true;
    }
    if (!a0__base64url_decode(a0__text_of(id), &octets) || octets.len != sizeof pad ||
        a0__hkdf_sha256(a0__secret_expose(&g->settings.secret),
                        A0__LIT("a0 gateway cookies"), a0__text_of(origin->text), pad,
                        sizeof pad, NULL) != A0_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof pad; i++) {
        octets.ptr[i] = (char)((unsigned char)octets.ptr[i] ^ pad[i]);
    }
    a0__wipe(pad, sizeof pad);
    a0__base64url_encode(octets.ptr, octets.len, &text);
    if (text.len != A0_SESSION_ID_LEN) {
        return false;
    }
    memcpy(out, text.ptr, A0_SESSION_ID_LEN + 1);
    return true;
}

void
gateway_session_keep(gateway *g, const a0__web_request *request, const char *id,
                     int64_t max_age_s, a0__web_response *response)
{
    char cookie[A0_SESSION_ID_LEN + 1];

    if (gateway_id_of_cookie(g, request, id, cookie)) {
        cookie_session_set(response, g->settings.cookies, cookie, max_age_s);
    }
    a0__wipe(cookie, sizeof cookie);
}

a0_status
gateway_visitor(gateway *g, const a0__web_request *request, a0__web_response *response,
                a0_session **out_session, a0_error **err)
{
    char cookie[A0_SESSION_ID_LEN + 1];
    char id[A0_SESSION_ID_LEN + 1];
    a0_session *session = NULL;
    a0_status status = A0_OK;
    a0__address client;

    *out_session = NULL;
    switch (cookie_session(request, g->settings.cookies, cookie)) {
    case COOKIE_NONE:
        return A0_OK;
    case COOKIE_AMBIGUOUS:
        client = gateway_client_of(g, request);
        event_rejected(&g->log, request, &client, "session_ambiguous", NULL);
        cookie_session_clear(response, g->settings.cookies);
        return A0_OK;
    case COOKIE_ONE:
        break;
    }
    if (!gateway_id_of_cookie(g, request, cookie, id)) {
        return A0_OK;
    }
    status = a0_session_open(g->client, id, &session, err);
    a0__wipe(cookie, sizeof cookie);
    a0__wipe(id, sizeof id);
    if (status == A0_OK && a0_session_is_signed_in(session)) {
        *out_session = session;
        return A0_OK;
    }
    a0_session_free(session);
    return status;
}

a0_status
gateway_csrf_token(const gateway *g, const char *session_id,
                   char out[CSRF_TOKEN_LEN + 1], a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(CSRF_TOKEN_LEN);
    a0__digest digest = { 0 };

    A0_TRY(
        a0__hmac_sha256(a0__text_range((const char *)g->csrf_key, sizeof g->csrf_key),
                        a0__text_of(session_id), &digest, err));
    a0__base64url_encode(digest.bytes, sizeof digest.bytes, &text);
    A0_TRY(a0__buf_check(&text, err));
    memcpy(out, text.ptr, CSRF_TOKEN_LEN);
    out[CSRF_TOKEN_LEN] = '\0';
    return A0_OK;
}
