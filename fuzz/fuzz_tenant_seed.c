/* SPDX-License-Identifier: MIT */
/*
 * A seed of the local tenant: it is read, or refused with a sentence; either way the
 * next seed makes a whole tenant again.
 */
#include "fuzz.h"

#include "core.h"
#include "seed.h"

static a0__tenant *
tenant_of_all(void)
{
    static a0__tenant *tenant;

    if (tenant == NULL) {
        a0__tenant_options options = { .seed_json = "{}" };

        FUZZ_CHECK(a0__tenant_start(&options, &tenant, NULL) == A0_OK);
    }
    return tenant;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    a0__tenant *tenant = tenant_of_all();
    a0__text text = a0__text_range((const char *)data, size);
    a0_error *err = NULL;

    if (a0__seed_apply(tenant, text, &err) != A0_OK) {
        FUZZ_CHECK(err != NULL && a0_error_message(err)[0] != '\0');
        a0_error_free(err);
        err = NULL;
    }
    FUZZ_CHECK(a0__seed_apply(tenant, A0__LIT("{\"apis\":[{\"identifier\":\"x\"}]}"),
                              &err) == A0_OK);
    FUZZ_CHECK(tenant->tables[A0__USERS].len == 0 && tenant->tables[A0__APIS].len == 1);
    return 0;
}
