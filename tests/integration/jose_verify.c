/* SPDX-License-Identifier: MIT */
/*
 * For test_jose_pyjwt.py: reads lines of three fields between tabs, a JWK set, an
 * algorithm and a token, and answers each with "ok" or the id of the error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jose/jwt.h"

static const char *
verdict(a0__text keys, a0__text alg_name, a0__text token, a0_error **err)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__alg alg = A0__RS256;
    a0__jws_trust trust = { .algs = 0 };

    if (!a0__alg_named(alg_name, &alg)) {
        return "unknown algorithm";
    }
    if (a0__jwks_parse(keys, &set, err) != A0_OK) {
        return a0_error_id(*err);
    }
    trust.algs = A0__ALG_BIT(alg);
    trust.keys = set;
    return a0__jwt_verify(token, &trust, &claims, err) == A0_OK ? "ok"
                                                                : a0_error_id(*err);
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;

    for (ssize_t len = getline(&line, &room, stdin); len > 0;
         len = getline(&line, &room, stdin)) {
        a0__text rest = a0__text_range(line, (size_t)len - 1);
        a0__text fields[3] = { A0__NO_TEXT, A0__NO_TEXT, A0__NO_TEXT };
        A0_AUTO(a0__error_ptr) err = NULL;

        for (int i = 0; i < 3; i++) {
            (void)a0__text_next(&rest, '\t', &fields[i]);
        }
        (void)puts(verdict(fields[0], fields[1], fields[2], &err));
        (void)fflush(stdout);
    }
    free(line);
    return 0;
}
