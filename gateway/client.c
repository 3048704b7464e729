/* SPDX-License-Identifier: MIT */
/* The client on the gateway's database: the gateway's own, and that of the commands
 * which look after what it keeps. */
#include "gateway.h"
#include "internal.h"

static a0_status
open_store(const gateway_settings *settings, a0_ports *ports, a0_error **err)
{
    if (a0__text_is(a0__text_of(settings->database), ":memory:")) {
        return a0_store_memory_new(&ports->store, &ports->store_self, err);
    }
    return a0_store_sqlite_open(settings->database, &ports->store, &ports->store_self,
                                err);
}

a0_status
gateway_open_client(const gateway_settings *settings, a0_config *config,
                    const a0_log *log, void *log_self, a0_client **out_client,
                    a0_error **err)
{
    a0_ports ports = A0_PORTS_INIT;
    a0_status status = A0_OK;

    /* Another gateway on the same database and keys has sessions of its own [GW-10]. */
    if (settings->base_urls.len > 0) {
        A0_TRY(a0_config_set(config, "session_site", settings->base_urls.items[0].text,
                             err));
    }
    ports.log = log;
    ports.log_self = log_self;
    A0_TRY(open_store(settings, &ports, err));
    status = a0_client_new(config, &ports, out_client, err);
    if (status != A0_OK) {
        ports.store->destroy(ports.store_self);
    }
    return status;
}

a0_status
gateway_client_new(a0_config *config, a0_client **out_client, a0_error **err)
{
    gateway_settings settings = { 0 };
    a0_status status = gateway_settings_read(config, &settings, err);

    if (status == A0_OK) {
        status = a0_config_check(config, err);
    }
    if (status == A0_OK) {
        status = gateway_open_client(&settings, config, NULL, NULL, out_client, err);
    }
    gateway_settings_clear(&settings);
    return status;
}
