/* SPDX-License-Identifier: MIT */
/*
 * What a person sees of a simulated provider: an account chooser and a consent page.
 * A sign-in and a connect go through the same.
 */
#ifndef A0_TENANT_PROVIDER_PAGES_H
#define A0_TENANT_PROVIDER_PAGES_H

#include "exchange.h"
#include "people.h"

typedef struct a0__provider_visit {
    const a0__connection *connection;
    const a0__client *client;
    const char *form;  /* where its forms lead */
    const char *state; /* what they carry */
    const char *login_hint;
    const a0__list *scopes; /* of a connect; NULL: a sign-in */
} a0__provider_visit;

typedef enum a0__provider_answer {
    A0__PROVIDER_ASKED, /* a page was shown */
    A0__PROVIDER_ALLOWED,
    A0__PROVIDER_DENIED
} a0__provider_answer;

void a0__provider_choose(a0__exchange *x, const a0__provider_visit *visit,
                         const char *problem);
/*
 * Reads what a form said. *out_known is the account when the provider has it already,
 * else NULL and *out_person says who it is to be.
 */
a0__provider_answer a0__provider_ask(a0__exchange *x, const a0__provider_visit *visit,
                                     a0__user **out_known, a0__person *out_person);

#endif
