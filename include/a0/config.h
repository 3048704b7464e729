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
    const char *type;          /* "string", "secret", "bool", "seconds", "number",
                                  "list", "secrets", "object" */
    const char *default_value; /* as a person would write it; "" for none */
    const char *text;          /* one sentence */
} a0_setting;

A0_API size_t a0_settings_len(void);
A0_API const a0_setting *a0_settings(size_t i);

/*
 * For a program with settings of its own that stand in the same file and environment
 * (the gateway): makes their names known, before anything is read. The rows are
 * borrowed and must outlive the configuration. Errors: no_memory.
 */
A0_API A0_MUST_USE a0_status a0_config_declare(a0_config *config,
                                               const a0_setting *rows, size_t len,
                                               a0_error **err);

/*
 * What was set for a declared setting, or its default; lists and objects as JSON,
 * secrets in the clear. NULL when it has neither. Lives until the configuration
 * changes.
 */
A0_API const char *a0_config_own(const a0_config *config, const char *name);
/* The i-th text of a declared list; NULL past its end. */
A0_API const char *a0_config_own_item(const a0_config *config, const char *name,
                                      size_t i);

/*
 * Adds a fault that the program itself found in a setting, so that a0_config_check
 * reports it with all others; setting the setting again removes it. `problem` says
 * what is wrong and what to write. Errors: no_memory.
 */
A0_API A0_MUST_USE a0_status a0_config_refuse(a0_config *config, const char *name,
                                              const char *problem, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
