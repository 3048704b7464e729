/* SPDX-License-Identifier: MIT */
/*
 * Settings: one set of names everywhere (docs/settings.md). They are built from a
 * JSON object and from the environment, checked whole, then frozen into a client.
 */
#ifndef A0_CONFIG_H
#define A0_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One thread at a time until a client is made from it. */
typedef struct a0_config a0_config;

A0_API A0_MUST_USE a0_status a0_config_new(a0_config **out_config, a0_error **err);
A0_API void a0_config_free(a0_config *config);

/*
 * Reads settings from a JSON object; a later one wins over an earlier one. A fault
 * in a setting is kept for a0_config_check; only text that is no JSON object at all
 * is an error here (A0_INVALID, config_invalid).
 */
A0_API A0_MUST_USE a0_status a0_config_read_json(a0_config *config, const char *json,
                                                 size_t len, a0_error **err);
A0_API A0_MUST_USE a0_status a0_config_read_file(a0_config *config, const char *path,
                                                 a0_error **err);

/*
 * Reads the variables A0_<NAME> and A0_<NAME>_FILE (the latter for a secret in a
 * file that only its owner can read) out of environ-style text.
 */
A0_API A0_MUST_USE a0_status a0_config_read_environment(a0_config *config,
                                                        const char *const *environment,
                                                        a0_error **err);

/* Sets one setting from the text a person would write: plain text, or JSON. */
A0_API A0_MUST_USE a0_status a0_config_set(a0_config *config, const char *name,
                                           const char *text, a0_error **err);

/*
 * Checks everything at once. A0_OK, or A0_INVALID (config_invalid) after which
 * a0_config_fault gives every fault: a line that names the setting and says what
 * to write.
 */
A0_API A0_MUST_USE a0_status a0_config_check(a0_config *config, a0_error **err);
A0_API size_t a0_config_faults_len(const a0_config *config);
A0_API const char *a0_config_fault(const a0_config *config, size_t i);

/*
 * The value of a setting as text, its default included; NULL when unset. Secrets
 * are given as "(set)". Lives until the configuration changes.
 */
A0_API const char *a0_config_get(const a0_config *config, const char *name);

/* A row of the table of settings, for help texts and bindings. */
typedef struct a0_setting {
    const char *name;
    const char *type;          /* "string", "bool", "seconds", "list", "object", … */
    const char *default_value; /* as a person would write it; "" for none */
    const char *text;          /* one sentence */
} a0_setting;

A0_API size_t a0_settings_len(void);
A0_API const a0_setting *a0_settings(size_t i);

#ifdef __cplusplus
}
#endif

#endif
