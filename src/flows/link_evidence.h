/* SPDX-License-Identifier: MIT */
/*
 * Records of connected accounts as evidence (contract §2, rule 2): those of the
 * identity that signed in, and whether Auth0 still lists what they say.
 */
#ifndef A0_FLOWS_LINK_EVIDENCE_H
#define A0_FLOWS_LINK_EVIDENCE_H

#include "flows/link_facts.h"

/* What a record says of somebody who signs in; borrows from it. That it stands has to
 * be asked. */
a0__link_connected a0__link_evidence_of(const a0_client *client,
                                        const a0__connected_account *account);

/* Adds the records of other people that speak of this identity. Errors: store_*. */
A0_MUST_USE a0_status a0__link_evidence_find(a0_client *client,
                                             const a0__link_person *person,
                                             a0__link_gathered *out, a0_error **err);

/* The same by an address that the sign-in did not carry. When there are some, whether
 * any record stands has to be asked again. */
A0_MUST_USE a0_status a0__link_evidence_find_by_address(
    a0_client *client, const a0__link_person *person, a0__text email,
    a0__link_gathered *out, bool *out_found, a0_error **err);

/*
 * Marks the records of the owner that stand, from the first page of what Auth0 lists
 * for them; asks for the pages that follow. Errors: mgmt_*, http_*.
 */
A0_MUST_USE a0_status a0__link_evidence_check(a0_client *client, a0__text owner,
                                              const a0_http_response *first_page,
                                              a0__link_gathered *out, a0_error **err);

#endif
