/* SPDX-License-Identifier: MIT */
/* The examination as a whole, and its report. */
#include "flows/doctor.h"

#include <string.h>

#include "base/mem.h"

enum {
    TIMEOUT_MAX_MS = 120000,
    SCOPES_MAX = 65536
};

/* ---- the report ---- */

void
a0_doctor_report_free(a0_doctor_report *report)
{
    if (report == NULL) {
        return;
    }
    for (size_t i = 0; i < report->len; i++) {
        a0__buf_clear(&report->texts[i]);
        a0__buf_clear(&report->remedies[i]);
    }
    a0__free(report);
}

typedef a0_doctor_report *report_ptr;

static void
report_ptr_auto(report_ptr *report)
{
    a0_doctor_report_free(*report);
}

a0__buf *
a0__check_add(a0__examination *x, const char *id, a0_check_outcome outcome,
              const char *remedy)
{
    a0_doctor_report *report = x->report;
    size_t i = report->len;

    report->checks[i] = (a0_check){ .id = id, .outcome = outcome };
    report->texts[i] = A0__BUF_INIT(A0__CHECK_TEXT_MAX);
    report->remedies[i] = A0__BUF_INIT(A0__CHECK_TEXT_MAX);
    a0__buf_string(&report->remedies[i], remedy);
    report->len++;
    return &report->texts[i];
}

void
a0__check_ok(a0__examination *x, const char *id, const char *text)
{
    a0__buf_string(a0__check_add(x, id, A0_CHECK_OK, NULL), text);
}

void
a0__check_error(a0__examination *x, const char *id, a0_check_outcome outcome,
                const a0_error *error)
{
    const char *message = a0_error_message(error);
    const char *remedy = strstr(message, "; ");
    a0__text text = a0__text_of(message);

    if (remedy != NULL) {
        text.len = (size_t)(remedy - message);
        remedy += 2;
    }
    a0__buf_text(a0__check_add(x, id, outcome, remedy), text);
}

void
a0__checks_skipped(a0__examination *x, const char *const *ids, const char *why)
{
    for (; *ids != NULL; ids++) {
        a0__buf_string(a0__check_add(x, *ids, A0_CHECK_NOT_CHECKED, NULL), why);
    }
}

static a0_status
finish(a0_doctor_report *report, a0_error **err)
{
    for (size_t i = 0; i < report->len; i++) {
        A0_TRY(a0__buf_check(&report->texts[i], err));
        A0_TRY(a0__buf_check(&report->remedies[i], err));
        report->checks[i].text = a0__buf_cstr(&report->texts[i]);
        if (report->remedies[i].len > 0) {
            report->checks[i].remedy = a0__buf_cstr(&report->remedies[i]);
        }
    }
    return A0_OK;
}

bool
a0_doctor_report_is_healthy(const a0_doctor_report *report)
{
    for (size_t i = 0; i < report->len; i++) {
        if (report->checks[i].outcome == A0_CHECK_FAILED) {
            return false;
        }
    }
    return true;
}

size_t
a0_doctor_report_len(const a0_doctor_report *report)
{
    return report->len;
}

const a0_check *
a0_doctor_report_check(const a0_doctor_report *report, size_t i)
{
    return i < report->len ? &report->checks[i] : NULL;
}

/* ---- what the settings ask for ---- */

bool
a0__doctor_links_accounts(const a0__examination *x)
{
    const a0__settings *settings = x->client->settings;

    return settings->linking != A0__LINKING_OFF &&
           settings->connections_for_account_linking.len > 0;
}

bool
a0__doctor_uses_vault(const a0__examination *x)
{
    const a0__settings *settings = x->client->settings;

    return settings->custom_scopes.len > 0 || settings->vault_audience != NULL;
}

/* ---- the whole ---- */

static a0_status
read_options(const a0_doctor_options *options, a0_doctor_options *out, a0_error **err)
{
    if (options != NULL) {
        memcpy(out, options, options->size < sizeof *out ? options->size : sizeof *out);
    }
    if (out->timeout_ms == 0) {
        out->timeout_ms = A0__HTTP_MANAGEMENT_TIMEOUT_MS;
    }
    if (out->timeout_ms < 0 || out->timeout_ms > TIMEOUT_MAX_MS) {
        return a0__fail_about(err, A0_E_param_invalid, "timeout_ms");
    }
    return A0_OK;
}

static void
examination_auto(a0__examination *x)
{
    a0__tenant_free(x->tenant);
    a0__buf_clear(&x->granted);
    a0__json_free(x->application);
    a0_error_free(x->why_unknown);
}

static a0_status
examine(a0__examination *x, a0_error **err)
{
    /* A client is made of settings that are whole. */
    a0__check_ok(x, "settings", "the settings are complete and fit together");
    A0_TRY(a0__doctor_tenant(x, err));
    A0_TRY(a0__doctor_management(x, err));
    A0_TRY(a0__doctor_find_application(x, err));
    A0_TRY(a0__doctor_grants(x, err));
    a0__doctor_application(x);
    return a0__doctor_connections(x, err);
}

a0_status
a0_doctor(a0_client *client, const a0_doctor_options *options,
          a0_doctor_report **out_report, a0_error **err)
{
    A0_AUTO(report_ptr) report = a0__calloc(1, sizeof *report);
    a0__examination x __attribute__((cleanup(examination_auto))) = {
        .client = client,
        .given = A0_DOCTOR_OPTIONS_INIT,
        .report = report,
        .granted = A0__BUF_INIT(SCOPES_MAX),
    };

    A0_ENSURE(report != NULL, err, no_memory);
    A0_TRY(read_options(options, &x.given, err));
    A0_TRY(examine(&x, err));
    A0_TRY(finish(report, err));
    *out_report = a0__steal(&report);
    return A0_OK;
}
