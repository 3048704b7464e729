/* SPDX-License-Identifier: MIT */
#include "link/rules.h"

#include <string.h>

const char *
a0__link_reason_name(a0__link_reason reason)
{
    static const char *const names[] = {
        [A0__LINK_NO_REASON] = NULL,
        [A0__LINK_GONE] = "gone",
        [A0__LINK_STATE_CHANGED] = "state_changed",
        [A0__LINK_ADDRESS_FORM] = "address_form",
        [A0__LINK_UNVERIFIED_EMAIL] = "unverified_email",
        [A0__LINK_FOREIGN] = "foreign",
        [A0__LINK_BLOCKED] = "blocked",
        [A0__LINK_HAS_IDENTITIES] = "has_identities",
        [A0__LINK_MIXED_IDENTITIES] = "mixed_identities",
        [A0__LINK_NO_AUTO_PAIR] = "no_auto_pair",
    };

    return names[reason];
}

const char *
a0__link_outcome_name(a0__link_outcome outcome)
{
    static const char *const names[] = {
        [A0__LINK_NOTHING] = "nothing",
        [A0__LINK_NOW] = "link",
        [A0__LINK_PENDING] = "pending",
        [A0__LINK_REFUSED] = "refused",
    };

    return names[outcome];
}

/* ---- what is asked of the policy ---- */

static bool
has_name(a0__link_names names, a0__text name)
{
    for (size_t i = 0; i < names.len; i++) {
        if (a0__text_is(name, names.items[i])) {
            return true;
        }
    }
    return false;
}

/* Rule 1: there is something left to link. */
static bool
lacks_a_connection(const a0__link_facts *facts)
{
    const a0__link_profile *user = facts->signed_in;

    for (size_t i = 0; i < facts->policy.connections.len; i++) {
        bool found = false;

        for (size_t j = 0; j < user->identities_len && !found; j++) {
            found = a0__text_is(user->identities[j].connection,
                                facts->policy.connections.items[i]);
        }
        if (!found) {
            return true;
        }
    }
    return false;
}

/* Rules 1, 3 and 4: whether these two are linked only when the person says so. */
static bool
needs_confirmation(const a0__link_policy *policy, const a0__link_identity *signed_in,
                   const a0__link_identity *existing)
{
    return a0__link_identity_has_password(signed_in) ||
           has_name(policy->confirm_only, signed_in->connection) ||
           has_name(policy->confirm_only, existing->connection) ||
           (policy->confirm_password_primary &&
            a0__link_identity_has_password(existing));
}

/* ---- one candidate ---- */

/* A candidate as far as it was weighed. */
typedef struct weighed {
    const a0__link_profile *profile;
    const a0__link_identity *identity; /* the one that decides */
    const a0__link_connected *record;
    bool concerns; /* it is an account of somebody with that address or identity */
    bool confirm;
    a0__link_reason reason;
} weighed;

/* LINK-11: the person themself, whichever way they are listed. */
static bool
is_self(const a0__link_facts *facts, const a0__link_profile *candidate,
        const a0__link_identity *signed_in)
{
    for (size_t i = 0; i < candidate->identities_len; i++) {
        const a0__link_identity *own = &candidate->identities[i];

        if (a0__text_equal(own->provider, signed_in->provider) &&
            a0__text_equal(own->user_id, signed_in->user_id)) {
            return true;
        }
    }
    return a0__text_equal(candidate->user_id, facts->user_id);
}

/* Rule 8, LINK-07: an identity with another address, or one that nobody verified, may
 * have been planted there. What a connection asserts that is not named is no
 * verification (rule 1). */
static bool
is_mixed(const a0__link_policy *policy, const a0__link_profile *candidate,
         a0__text address)
{
    for (size_t i = 0; i < candidate->identities_len; i++) {
        const a0__link_identity *own = &candidate->identities[i];

        if (!own->is_ours &&
            (!own->email_verified || !has_name(policy->connections, own->connection) ||
             !a0__address_matches(own->email, address))) {
            return true;
        }
    }
    return false;
}

/* LINK-04: any disagreement between token and profile counts as false. */
static bool
has_verified_address(const a0__link_facts *facts, const a0__link_identity *signed_in)
{
    return signed_in->email_verified &&
           (facts->token_email.len == 0 || facts->token_email_verified);
}

/* Rules 1, 5, 8 and 12, in the order of the reasons. */
static a0__link_reason
judge(const a0__link_facts *facts, const a0__link_identity *signed_in, const weighed *w,
      a0__text address)
{
    a0__link_names listed = facts->policy.connections;

    if (!has_verified_address(facts, signed_in) || !w->identity->email_verified) {
        return A0__LINK_UNVERIFIED_EMAIL;
    }
    if (!has_name(listed, signed_in->connection) ||
        !has_name(listed, w->identity->connection)) {
        return A0__LINK_FOREIGN;
    }
    if (facts->signed_in->blocked || w->profile->blocked) {
        return A0__LINK_BLOCKED;
    }
    if (facts->signed_in->identities_len > 1) {
        return A0__LINK_HAS_IDENTITIES;
    }
    if (is_mixed(&facts->policy, w->profile, address)) {
        return A0__LINK_MIXED_IDENTITIES;
    }
    return w->profile->was_undone && !w->confirm ? A0__LINK_NO_AUTO_PAIR
                                                 : A0__LINK_NO_REASON;
}

/* ---- rule 2: an identity that somebody has connected ---- */

static bool
is_of_identity(const a0__link_connected *record, const a0__link_identity *signed_in)
{
    if (!record->stands || !a0__text_equal(record->connection, signed_in->connection)) {
        return false;
    }
    if (record->subject.len > 0) {
        return a0__text_equal(record->subject, a0__link_identity_subject(signed_in));
    }
    return record->email_verified && signed_in->email_verified &&
           a0__address_matches(record->email, signed_in->email);
}

static const a0__link_connected *
find_record(const a0__link_facts *facts, const a0__link_profile *owner,
            const a0__link_identity *signed_in)
{
    for (size_t i = 0; i < facts->records_len; i++) {
        const a0__link_connected *record = &facts->records[i];

        if (a0__text_equal(record->user_id, owner->user_id) &&
            is_of_identity(record, signed_in)) {
            return record;
        }
    }
    return NULL;
}

static weighed
weigh_connected(const a0__link_facts *facts, const a0__link_profile *candidate,
                const a0__link_identity *signed_in)
{
    weighed w = { .profile = candidate };

    w.record = find_record(facts, candidate, signed_in);
    w.identity = a0__link_profile_named(candidate, candidate->user_id);
    if (w.record == NULL || w.identity == NULL ||
        is_self(facts, candidate, signed_in)) {
        return w;
    }
    /* A connection that is for rule 4 alone has no part in this one. */
    w.concerns = !has_name(facts->policy.confirm_only, signed_in->connection) &&
                 !has_name(facts->policy.confirm_only, w.identity->connection);
    w.reason = judge(facts, signed_in, &w, w.identity->email);
    return w;
}

/* ---- rules 3 and 4: the same address ---- */

/* The identity by which the candidate has the address in another connection: the one
 * that counts most, the earliest of equals. */
static const a0__link_identity *
find_by_address(const a0__link_facts *facts, const a0__link_profile *candidate,
                const a0__link_identity *signed_in)
{
    const a0__link_identity *best = NULL;
    int best_rank = -1;

    for (size_t i = 0; i < candidate->identities_len; i++) {
        const a0__link_identity *own = &candidate->identities[i];
        int rank = (own->email_verified ? 2 : 0) +
                   (has_name(facts->policy.connections, own->connection) ? 1 : 0);

        if (rank > best_rank &&
            !a0__text_equal(own->connection, signed_in->connection) &&
            a0__address_matches(own->email, signed_in->email)) {
            best = own;
            best_rank = rank;
        }
    }
    return best;
}

static weighed
weigh_address(const a0__link_facts *facts, const a0__link_profile *candidate,
              const a0__link_identity *signed_in)
{
    weighed w = { .profile = candidate };

    w.identity = find_by_address(facts, candidate, signed_in);
    if (w.identity == NULL || is_self(facts, candidate, signed_in)) {
        return w;
    }
    w.concerns = true;
    w.confirm = needs_confirmation(&facts->policy, signed_in, w.identity);
    w.reason = judge(facts, signed_in, &w, signed_in->email);
    return w;
}

/* ---- several candidates ---- */

static int
compare_text(a0__text a, a0__text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Rule 8: who is already primary of others, then the oldest, then the lowest id. An age
 * that is not known is the youngest. */
static bool
comes_before(const a0__link_profile *a, const a0__link_profile *b)
{
    int order = 0;

    if ((a->identities_len > 1) != (b->identities_len > 1)) {
        return a->identities_len > 1;
    }
    if ((a->created_at.len == 0) != (b->created_at.len == 0)) {
        return b->created_at.len == 0;
    }
    order = compare_text(a->created_at, b->created_at);
    return order != 0 ? order < 0 : compare_text(a->user_id, b->user_id) < 0;
}

typedef weighed weigher(const a0__link_facts *facts, const a0__link_profile *candidate,
                        const a0__link_identity *signed_in);

/* The first of those that may be, filtered before they are ordered [LINK-12]; and the
 * first of the reasons of those that may not. */
static bool
choose(const a0__link_facts *facts, const a0__link_identity *signed_in, weigher *weigh,
       weighed *out_best, a0__link_reason *io_reason)
{
    bool found = false;

    for (size_t i = 0; i < facts->candidates_len; i++) {
        weighed w = weigh(facts, &facts->candidates[i], signed_in);

        if (!w.concerns) {
            continue;
        }
        if (w.reason != A0__LINK_NO_REASON) {
            *io_reason = *io_reason == A0__LINK_NO_REASON || w.reason < *io_reason
                             ? w.reason
                             : *io_reason;
        } else if (!found || comes_before(w.profile, out_best->profile)) {
            *out_best = w;
            found = true;
        }
    }
    return found;
}

/* ---- the verdict ---- */

static a0__link_verdict
verdict_of(const weighed *best, const a0__link_identity *signed_in, int rule)
{
    return (a0__link_verdict){
        .outcome = best->confirm ? A0__LINK_PENDING : A0__LINK_NOW,
        .rule = rule,
        .identity = signed_in,
        .primary = best->profile,
        .primary_identity = best->identity,
        .record = best->record,
    };
}

static a0__link_verdict
without_link(a0__link_reason reason, const a0__link_identity *signed_in)
{
    return (a0__link_verdict){
        .outcome = reason != A0__LINK_NO_REASON ? A0__LINK_REFUSED : A0__LINK_NOTHING,
        .reason = reason,
        .identity = signed_in,
    };
}

/* LINK-17: the address is not the one that the sign-in was for. */
static bool
has_other_address(const a0__link_facts *facts, const a0__link_identity *signed_in)
{
    return facts->token_email.len > 0 &&
           !a0__text_equal_ignoring_case(a0__text_trim(facts->token_email),
                                         a0__text_trim(signed_in->email));
}

static a0__link_verdict
decide_by_address(const a0__link_facts *facts, const a0__link_identity *signed_in,
                  a0__link_reason reason)
{
    weighed best = { 0 };

    if (signed_in->email.len == 0) {
        return without_link(reason, signed_in);
    }
    if (!a0__address_is_eligible(signed_in->email)) {
        return without_link(A0__LINK_ADDRESS_FORM, signed_in);
    }
    if (choose(facts, signed_in, weigh_address, &best, &reason)) {
        return verdict_of(&best, signed_in, best.confirm ? 4 : 3);
    }
    return without_link(reason, signed_in);
}

a0__link_verdict
a0__link_decide(const a0__link_facts *facts)
{
    const a0__link_identity *signed_in = NULL;
    a0__link_reason reason = A0__LINK_NO_REASON;
    weighed best = { 0 };

    if (facts->policy.connections.len == 0) {
        return without_link(A0__LINK_NO_REASON, NULL);
    }
    if (facts->signed_in == NULL) {
        return without_link(A0__LINK_GONE, NULL);
    }
    signed_in = a0__link_profile_named(facts->signed_in, facts->user_id);
    if (signed_in == NULL || has_other_address(facts, signed_in)) {
        return without_link(A0__LINK_STATE_CHANGED, signed_in);
    }
    if (!lacks_a_connection(facts)) {
        return without_link(A0__LINK_NO_REASON, signed_in);
    }
    if (choose(facts, signed_in, weigh_connected, &best, &reason)) {
        return verdict_of(&best, signed_in, 2);
    }
    return decide_by_address(facts, signed_in, reason);
}

a0__link_verdict
a0__link_decide_one(const a0__link_facts *facts, size_t candidate)
{
    a0__link_facts alone = *facts;

    alone.candidates = &facts->candidates[candidate];
    alone.candidates_len = 1;
    return a0__link_decide(&alone);
}
