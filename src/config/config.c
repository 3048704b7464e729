/* SPDX-License-Identifier: MIT */
/* The configuration object: slots, faults, and the public functions about them. */
#include "config/internal.h"

static a0_status
slots_grow(a0_config *config, size_t more, a0_error **err)
{
    a0__slot *grown = a0__calloc(config->len + more, sizeof *grown);

    A0_ENSURE(grown != NULL, err, no_memory);
    for (size_t i = 0; i < config->len; i++) {
        grown[i] = config->slots[i];
    }
    a0__free(config->slots);
    config->slots = grown;
    return A0_OK;
}

a0_status
a0_config_new(a0_config **out_config, a0_error **err)
{
    a0_config *config = a0__calloc(1, sizeof *config);
    a0_status status = A0_OK;

    A0_ENSURE(config != NULL, err, no_memory);
    status = slots_grow(config, a0__rows_len(), err);
    if (status != A0_OK) {
        a0_config_free(config);
        return status;
    }
    for (size_t i = 0; i < a0__rows_len(); i++) {
        config->slots[i].row = a0__rows[i];
    }
    config->len = a0__rows_len();
    *out_config = config;
    return A0_OK;
}

void
a0_config_free(a0_config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < config->len; i++) {
        a0__secret_clear(&config->slots[i].value);
        a0__strings_clear(&config->slots[i].items);
        a0__free(config->slots[i].place);
        a0__free(config->slots[i].fault);
    }
    a0__free(config->slots);
    a0__strings_clear(&config->strangers);
    a0__strings_clear(&config->faults);
    a0__free(config);
}

a0_status
a0_config_declare(a0_config *config, const a0_setting *rows, size_t len, a0_error **err)
{
    A0_TRY(slots_grow(config, len, err));
    for (size_t i = 0; i < len; i++) {
        a0__slot *slot = &config->slots[config->len];
        a0__kind kind = A0__KIND_STRING;

        if (!a0__kind_of_name(rows[i].type, &kind) ||
            a0__config_slot(config, a0__text_of(rows[i].name)) != NULL) {
            return a0__fail_about(err, A0_E_param_invalid, rows[i].name);
        }
        slot->row = (a0__row){ .shown = rows[i], .kind = kind, .high = INT32_MAX };
        config->len++;
        if (rows[i].default_value[0] != '\0') {
            A0_TRY(a0__slot_read_text(slot, a0__text_of(rows[i].default_value), NULL,
                                      err));
        }
    }
    return A0_OK;
}

a0__slot *
a0__config_slot(const a0_config *config, a0__text name)
{
    for (size_t i = 0; i < config->len; i++) {
        if (a0__text_is(name, config->slots[i].row.shown.name)) {
            return &config->slots[i];
        }
    }
    return NULL;
}

a0__text
a0__slot_value(const a0__slot *slot)
{
    if (slot->is_set) {
        return a0__secret_expose(&slot->value);
    }
    return slot->row.shown.default_value[0] != '\0'
               ? a0__text_of(slot->row.shown.default_value)
               : A0__NO_TEXT;
}

a0_status
a0_config_set(a0_config *config, const char *name, const char *text, a0_error **err)
{
    a0__slot *slot = a0__config_slot(config, a0__text_of(name));

    if (slot == NULL || text == NULL) {
        return a0__fail_about(err, A0_E_param_invalid, name);
    }
    return a0__slot_read_text(slot, a0__text_of(text), NULL, err);
}

a0_status
a0_config_refuse(a0_config *config, const char *name, const char *problem,
                 a0_error **err)
{
    a0__slot *slot = a0__config_slot(config, a0__text_of(name));

    if (slot == NULL) {
        return a0__fail_about(err, A0_E_param_invalid, name);
    }
    /* What could not be read at all was not looked at either. */
    return slot->fault != NULL ? A0_OK
                               : a0__slot_refuse(slot, problem, slot->place, err);
}

size_t
a0_config_faults_len(const a0_config *config)
{
    return config->faults.len;
}

const char *
a0_config_fault(const a0_config *config, size_t i)
{
    return i < config->faults.len ? config->faults.items[i] : NULL;
}

const char *
a0_config_get(const a0_config *config, const char *name)
{
    const a0__slot *slot = a0__config_slot(config, a0__text_of(name));

    if (slot == NULL || a0__slot_value(slot).ptr == NULL) {
        return NULL;
    }
    return a0__kind_is_secret(slot->row.kind) ? "(set)" : a0__slot_value(slot).ptr;
}

/* The library's own secrets never come out again. */
const char *
a0_config_own(const a0_config *config, const char *name)
{
    const a0__slot *slot = a0__config_slot(config, a0__text_of(name));

    return slot != NULL && slot->row.set == NULL ? a0__slot_value(slot).ptr : NULL;
}

const char *
a0_config_own_item(const a0_config *config, const char *name, size_t i)
{
    const a0__slot *slot = a0__config_slot(config, a0__text_of(name));

    if (slot == NULL || slot->row.set != NULL || i >= slot->items.len) {
        return NULL;
    }
    return slot->items.items[i];
}
