/* SPDX-License-Identifier: MIT */
#include "flows/verify.h"

#include "jose/jws.h"

a0_status
a0__refetch_keys_for(a0_client *client, a0__text token, a0__tenant **out_tenant,
                     a0_error **err)
{
    A0_AUTO(a0__jws_header) header = A0__JWS_HEADER_INIT;

    A0_TRY(a0__jws_read_header(token, &header, err));
    return a0__provider_refetch_keys(client, a0__text_of(header.kid), out_tenant, err);
}

a0_status
a0__verify_with_newest_keys(a0_client *client, const a0__secret *id_token,
                            a0__id_token_expected *expected, a0__claims **out_claims,
                            a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) newest = NULL;
    A0_AUTO(a0__tenant_ptr) fresh = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__provider_get(client, &newest, err));
    expected->jwks = newest->jwks;
    status = a0__id_token_verify(id_token, expected, out_claims, &failure);
    if (a0__error_is(failure, A0_E_jwt_key_not_found)) {
        a0_status asked =
            a0__refetch_keys_for(client, a0__secret_expose(id_token), &fresh, err);

        if (asked != A0_NOT_FOUND) {
            A0_TRY(asked);
            expected->jwks = fresh->jwks;
            return a0__id_token_verify(id_token, expected, out_claims, err);
        }
    }
    if (status != A0_OK) {
        a0__error_move(err, &failure);
    }
    return status;
}
