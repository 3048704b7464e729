/* SPDX-License-Identifier: MIT */
/*
 * Internet addresses as values: of a peer, of an entry in a list of networks. An
 * IPv4-mapped IPv6 address is the IPv4 address, so that one peer has one reading.
 */
#ifndef A0_SERVER_ADDRESS_H
#define A0_SERVER_ADDRESS_H

#include <sys/socket.h>

#include "base/buf.h"

typedef struct a0__address {
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d; zeros for a Unix socket */
    bool is_unix;
} a0__address;

typedef struct a0__network {
    a0__address address;
    unsigned prefix_bits; /* of 128 */
} a0__network;

a0__address a0__address_of_socket(const struct sockaddr *socket_address);
/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; false otherwise. */
A0_MUST_USE bool a0__address_parse(a0__text text, a0__address *out);
void a0__address_write(const a0__address *address, a0__buf *out);
bool a0__address_is_ipv4(const a0__address *address);
bool a0__address_is_loopback(const a0__address *address);

/* "10.0.0.0/8", "2001:db8::/32", or one address; host bits must be zero. */
A0_MUST_USE bool a0__network_parse(a0__text text, a0__network *out);
bool a0__network_contains(const a0__network *network, const a0__address *address);

/* What one customer of a provider holds: the IPv4 address, or the /64. [GW-12] */
uint64_t a0__address_bucket(const a0__address *address);

#endif
