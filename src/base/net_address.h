/* SPDX-License-Identifier: MIT */
/* Internet addresses as plain values. */
#ifndef A0_BASE_NET_ADDRESS_H
#define A0_BASE_NET_ADDRESS_H

#include "base/buf.h"

typedef struct a0__net_address {
    bool is_ipv6;
    unsigned char bytes[16]; /* the first 4 for IPv4 */
} a0__net_address;

enum {
    A0__NET_ADDRESSES_MAX = 16
};

typedef struct a0__net_addresses {
    a0__net_address items[A0__NET_ADDRESSES_MAX];
    size_t len;
} a0__net_addresses;

/* A literal: four decimal parts, or IPv6 without brackets. */
bool a0__net_address_parse(a0__text text, a0__net_address *out);
void a0__net_address_write(const a0__net_address *address, a0__buf *out);

/* Whether it is not an address of the public Internet: private, loopback, link-local
 * (with it the metadata services of clouds), multicast, reserved, or one of these
 * wrapped in IPv6 [HTTP-08]. */
bool a0__net_address_is_private(const a0__net_address *address);

#endif
