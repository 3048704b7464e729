/* SPDX-License-Identifier: MIT */
/*
 * How each setting is read and checked; settings.c says which. A value that can not be
 * becomes a fault in the configuration, and A0_OK: see gateway_settings_read.
 */
#ifndef A0_GATEWAY_SETTINGS_READ_H
#define A0_GATEWAY_SETTINGS_READ_H

#include "settings.h"

enum {
    SETTING_TEXT_MAX = 4096,
    SECRET_FILE_MAX = 4096
};

/* ---- settings_values.c: one kind of value each ---- */

A0_MUST_USE a0_status settings_copy_text(const char *text, char **out, a0_error **err);
A0_MUST_USE a0_status settings_read_texts(a0_config *config, const char *name,
                                          gateway_texts *out, a0_error **err);
A0_MUST_USE a0_status settings_read_origins(a0_config *config, const char *name,
                                            gateway_origins *out, a0_error **err);
/* Of a setting that the library checks. */
uint32_t settings_number_of(const a0_config *config, const char *name, uint32_t max);
A0_MUST_USE a0_status settings_read_number(a0_config *config, const char *name,
                                           uint32_t max, uint32_t *out, a0_error **err);
A0_MUST_USE a0_status settings_read_networks(a0_config *config, gateway_networks *out,
                                             a0_error **err);
A0_MUST_USE a0_status settings_read_identity_headers(a0_config *config,
                                                     gateway_settings *s,
                                                     a0_error **err);

/* ---- settings_rules.c: settings with a rule of their own ---- */

A0_MUST_USE a0_status settings_read_listen(a0_config *config, gateway_settings *s,
                                           a0_error **err);
/* After read_listen: without a base_url the first address has to be a loopback one. */
A0_MUST_USE a0_status settings_read_base_urls(a0_config *config, gateway_settings *s,
                                              a0_error **err);
A0_MUST_USE a0_status settings_read_secret(a0_config *config, gateway_settings *s,
                                           a0_error **err);
/* The content of a file that only its owner can read; else what is wrong with it. */
const char *settings_read_secret_file(const char *path, a0__buf *out);
A0_MUST_USE a0_status settings_read_prefix(a0_config *config, gateway_settings *s,
                                           a0_error **err);
A0_MUST_USE a0_status settings_read_targets(a0_config *config, gateway_settings *s,
                                            a0_error **err);
A0_MUST_USE a0_status settings_read_connections(a0_config *config, gateway_texts *out,
                                                a0_error **err);
/* connect_allowed, then vault_try_out, whose connections have to be among those. */
A0_MUST_USE a0_status settings_read_connectables(a0_config *config, gateway_settings *s,
                                                 a0_error **err);
/* settings_broker.c */
A0_MUST_USE a0_status settings_read_broker(a0_config *config, broker_settings *out,
                                           a0_error **err);
A0_MUST_USE a0_status settings_read_log_level(a0_config *config, gateway_settings *s,
                                              a0_error **err);
/* After read_base_urls, which it looks at. */
A0_MUST_USE a0_status settings_read_cookies(a0_config *config, gateway_settings *s,
                                            a0_error **err);
A0_MUST_USE a0_status settings_read_tenant_url(a0_config *config, gateway_settings *s,
                                               a0_error **err);

#endif
