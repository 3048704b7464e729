/* SPDX-License-Identifier: MIT */
/*
 * Account linking: one person, several identity providers, one account. The rules are
 * in docs/linking.md; the short of them: both connections must be named in
 * connections_for_account_linking, both addresses verified at Auth0 now, the account
 * that was there first stays, and a password sign-in links nothing before the person
 * has signed in with the other account too.
 *
 *     a0_login_complete(session, url, ...);
 *     a0_link_complete(session, &answer, ...);       a confirmation, if this was one
 *     if (answer == NULL)
 *         a0_link_verify(session, &answer, ...);     every other sign-in
 *     if (a0_link_answer_is_pending(answer))
 *         ... show a0_link_pending; "continue" is a0_login_start with the parameter
 *         connection = primary_connection_name, "cancel" is a0_link_cancel
 */
#ifndef A0_LINK_H
#define A0_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include <a0/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an operation found or did, as one JSON object. Owned by the caller; getters live
 * as long as the object, and members that its operation does not have are false, 0 or
 * NULL. */
typedef struct a0_link_answer a0_link_answer;
A0_API void a0_link_answer_free(a0_link_answer *answer);
A0_API const char *a0_link_answer_json(const a0_link_answer *answer);

/* Members of the answer of a0_link_verify. */
A0_API bool a0_link_answer_is_pending(const a0_link_answer *answer);
A0_API bool a0_link_answer_is_linked(const a0_link_answer *answer);
A0_API const char *a0_link_answer_refused(const a0_link_answer *answer);
A0_API int a0_link_answer_rule(const a0_link_answer *answer);
A0_API const char *a0_link_answer_primary_user_id(const a0_link_answer *answer);
A0_API bool a0_link_answer_is_reauthentication_required(const a0_link_answer *answer);
/* Members of the answer of a0_link_complete. */
A0_API bool a0_link_answer_is_success(const a0_link_answer *answer);
A0_API bool a0_link_answer_is_different_account(const a0_link_answer *answer);

/*
 * Considers linking after a sign-in, and links where the rules allow it; call it once
 * after each a0_login_complete. The answer is always given on A0_OK:
 *
 *     is_pending_account_linking  a0_link_pending has something to be confirmed
 *     is_account_linked           the session is now that of primary_user_id, under a
 *                                 new id; every other session of both has ended
 *     refused                     why accounts that belong together were left apart, or
 *                                 null: unverified_email, address_form,
 *                                 mixed_identities, has_identities, blocked, gone,
 *                                 foreign, state_changed, no_auto_pair,
 *                                 metadata_too_large (to be kept for an undo). For the
 *                                 application and the log; a browser that is told
 *                                 learns that another account exists
 *     rule                        2, 3 or 4, or null
 *     primary_user_id             with is_pending_… and is_account_linked; else null
 *     secondary_user_id           with is_account_linked, who is an identity of the
 *                                 primary now; else null
 *     reauthentication_required   linked, but without API access until the person signs
 *                                 in again
 *
 * Also where linking is off, what an outage left half-way of this user is finished. A
 * refusal never refuses the sign-in, and an Auth0 that can not be asked is none: the
 * next sign-in tries again. Only where a link by another request has just taken the
 * account in (refused: gone) is nobody signed in any more; the next sign-in is by the
 * primary. Without anybody signed in, and after a sign-in that confirms, everything is
 * false. Errors:
 * link_conflict, link_partial (what is left is finished at the next sign-in or by
 * a0_link_repair), store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_verify(a0_session *session,
                                            a0_link_answer **out_answer,
                                            a0_error **err);

/*
 * What waits for a confirmation in this session, until a0_link_complete has judged the
 * sign-in that confirms it; *out_answer is NULL when nothing does (any more: it lasts
 * ten minutes). Members: id, primary_user_id, primary_provider,
 * primary_provider_friendly_name, primary_connection_name, primary_email,
 * secondary_user_id, secondary_provider, secondary_provider_friendly_name,
 * secondary_connection_name, secondary_email (addresses masked, fit for a page),
 * primary_identities (a list of provider, provider_friendly_name, connection_name),
 * primary_connected_accounts (a number) and expires_at.
 */
A0_API A0_MUST_USE a0_status a0_link_pending(a0_session *session,
                                             a0_link_answer **out_answer,
                                             a0_error **err);

/*
 * After a sign-in that confirms: links when the account is the right one. *out_answer
 * is NULL when the sign-in confirmed nothing; go on with a0_link_verify. Members:
 * success, used_different_account, and after a success those of a0_link_verify. With
 * used_different_account nothing is linked and nobody is signed in any more. A failure
 * without it says why in `refused` (expired, or as of a0_link_verify) and leaves the
 * person signed in. Whatever comes of it, nothing waits any more. Errors:
 * link_conflict, link_partial, link_in_progress, mgmt_*, http_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_complete(a0_session *session,
                                              a0_link_answer **out_answer,
                                              a0_error **err);

/* Drops what waits, if something does. Errors: store_*. */
A0_API A0_MUST_USE a0_status a0_link_cancel(a0_session *session, a0_error **err);

/* ---- for operators: without a session ---- */

/*
 * What the next sign-in of that user would do, from profiles read now; changes nothing.
 * Members: user_id, linking (the setting: with "observe" the outcome is only logged),
 * is_half_way (something is finished first), outcome ("nothing", "link", "pending",
 * "refused"), rule, reason, primary_user_id, and candidates: a list of user_id,
 * connection and verdict ("primary", "eligible" or a reason as in `refused`). Errors:
 * param_invalid, mgmt_*, http_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_explain(a0_client *client, const char *user_id,
                                             a0_link_answer **out_answer,
                                             a0_error **err);

/*
 * What the next sign-in of each of some accounts would do if they were all there are:
 * for looking at accounts that share an address. Profiles are read now; that a
 * connected account still stands at Auth0 is taken from our records. Members: class
 * ("safe": one of them would be linked, "confirm", "refused", "suspicious": an address
 * that was not proved, or an account that holds more than its address; null: nothing
 * would happen) and accounts, a list of user_id, outcome, rule, reason and
 * primary_user_id as of a0_link_explain; users that are gone are left out, and one
 * whose profile nothing can be made of is refused as "unreadable", with all of its
 * group. Errors: param_invalid, mgmt_*, http_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_audit(a0_client *client,
                                           const char *const *user_ids, size_t len,
                                           a0_link_answer **out_answer, a0_error **err);

/*
 * Links now what the next sign-in of that user would link by its address (rule 3):
 * decided once more, from profiles read now, and carried out as there; every session of
 * both users ends. Everything else is left apart, and with `linking` other than "on"
 * nothing is linked. Members: as of a0_link_verify. Errors: param_invalid,
 * link_conflict, link_partial, link_in_progress, mgmt_*, http_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_apply(a0_client *client, const char *user_id,
                                           a0_link_answer **out_answer, a0_error **err);

/*
 * The links that were made and stand, newest last, ten thousand at most. Members:
 * links, a list of primary_user_id, secondary_provider, secondary_user_id,
 * secondary_connection_name, rule, by, created_at and is_proven: false for a row that
 * another program wrote or somebody edited, which is evidence of nothing and can not be
 * undone; what it does not say is null; and is_whole, false when there are more.
 * user_id NULL: of everybody. Errors: param_invalid, store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_list(a0_client *client, const char *user_id,
                                          a0_link_answer **out_answer, a0_error **err);

/*
 * Takes an identity out of a user again: the account it had stands again with its
 * metadata, and from the primary go the values that the link added and nobody changed.
 * provider and identity_user_id as in the user's identities. Such a pair is never
 * linked automatically again. Members: undone, primary_user_id, secondary_user_id and
 * lost, a list of what Auth0 does not give back. Errors: param_invalid, link_not_found,
 * link_conflict, link_partial, mgmt_*, http_*, store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_undo(a0_client *client,
                                          const char *primary_user_id,
                                          const char *provider,
                                          const char *identity_user_id,
                                          a0_link_answer **out_answer, a0_error **err);

/*
 * Finishes, or takes back, every link and undo that a crash or an outage left half-way.
 * A link whose request may still arrive at Auth0 is left for half a minute. Members:
 * repaired and left, two numbers. Errors: store_*.
 */
A0_API A0_MUST_USE a0_status a0_link_repair(a0_client *client,
                                            a0_link_answer **out_answer,
                                            a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
