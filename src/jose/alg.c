/* SPDX-License-Identifier: MIT */
#include "jose/alg.h"

static const char *const registered[A0__ALGS_LEN] = {
    [A0__RS256] = "RS256", [A0__RS384] = "RS384", [A0__RS512] = "RS512",
    [A0__PS256] = "PS256", [A0__PS384] = "PS384", [A0__PS512] = "PS512",
    [A0__ES256] = "ES256", [A0__ES384] = "ES384", [A0__ES512] = "ES512",
    [A0__EDDSA] = "EdDSA", [A0__HS256] = "HS256",
};

bool
a0__alg_named(a0__text name, a0__alg *out_alg)
{
    for (unsigned i = 0; i < A0__ALGS_LEN; i++) {
        if (a0__text_is(name, registered[i])) {
            *out_alg = (a0__alg)i;
            return true;
        }
    }
    return false;
}

const char *
a0__alg_name(a0__alg alg)
{
    return registered[alg];
}

a0__algs
a0__algs_named(const a0__strings *names)
{
    a0__algs set = 0;
    a0__alg alg = A0__RS256;

    for (size_t i = 0; i < names->len; i++) {
        if (a0__alg_named(a0__text_of(names->items[i]), &alg)) {
            set |= A0__ALG_BIT(alg);
        }
    }
    return set;
}
