/* SPDX-License-Identifier: MIT */
#include "base/net_address.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct prefix {
    unsigned char bytes[16];
    unsigned bits;
} prefix;

/* The special-purpose registries of RFC 6890, as far as nobody's tenant can live there.
 */
static const prefix private_v4[] = {
    { { 0 }, 8 },          { { 10 }, 8 },         { { 100, 64 }, 10 },
    { { 127 }, 8 },        { { 169, 254 }, 16 },  { { 172, 16 }, 12 },
    { { 192, 0, 0 }, 24 }, { { 192, 0, 2 }, 24 }, { { 192, 168 }, 16 },
    { { 198, 18 }, 15 },   { { 224 }, 4 },        { { 240 }, 4 },
};

static const prefix private_v6[] = {
    { { 0 }, 96 },          /* ::, ::1, and the deprecated IPv4-compatible ones */
    { { 0xfc }, 7 },        /* unique local */
    { { 0xfe, 0x80 }, 10 }, /* link-local */
    { { 0xfe, 0xc0 }, 10 }, /* site-local, deprecated */
    { { 0xff }, 8 },        /* multicast */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
};

/* IPv6 prefixes after which an IPv4 address stands: mapped, NAT64, 6to4. */
static const struct {
    prefix prefix;
    size_t at;
} wrapping[] = {
    { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 }, 12 },
    { { { 0, 0x64, 0xff, 0x9b }, 96 }, 12 },
    { { { 0x20, 0x02 }, 16 }, 2 },
};

static bool
has_prefix(const unsigned char *bytes, const prefix *want)
{
    size_t whole = want->bits / 8;
    unsigned rest = want->bits % 8;
    unsigned mask = 0xffU << (8 - rest) & 0xffU;

    return memcmp(bytes, want->bytes, whole) == 0 &&
           (rest == 0 || (bytes[whole] & mask) == (want->bytes[whole] & mask));
}

static bool
is_private_v4(const unsigned char *bytes)
{
    for (size_t i = 0; i < sizeof private_v4 / sizeof private_v4[0]; i++) {
        if (has_prefix(bytes, &private_v4[i])) {
            return true;
        }
    }
    return false;
}

bool
a0__net_address_is_private(const a0__net_address *address)
{
    if (!address->is_ipv6) {
        return is_private_v4(address->bytes);
    }
    for (size_t i = 0; i < sizeof wrapping / sizeof wrapping[0]; i++) {
        if (has_prefix(address->bytes, &wrapping[i].prefix)) {
            return is_private_v4(address->bytes + wrapping[i].at);
        }
    }
    for (size_t i = 0; i < sizeof private_v6 / sizeof private_v6[0]; i++) {
        if (has_prefix(address->bytes, &private_v6[i])) {
            return true;
        }
    }
    return false;
}

bool
a0__net_address_parse(a0__text text, a0__net_address *out)
{
    A0_AUTO(a0__buf) literal = A0__BUF_INIT(INET6_ADDRSTRLEN);

    *out = (a0__net_address){ .is_ipv6 = a0__text_contains_byte(text, ':') };
    a0__buf_text(&literal, text);
    return a0__buf_ok(&literal) && inet_pton(out->is_ipv6 ? AF_INET6 : AF_INET,
                                             a0__buf_cstr(&literal), out->bytes) == 1;
}

void
a0__net_address_write(const a0__net_address *address, a0__buf *out)
{
    char text[INET6_ADDRSTRLEN] = { 0 };

    (void)inet_ntop(address->is_ipv6 ? AF_INET6 : AF_INET, address->bytes, text,
                    sizeof text);
    a0__buf_string(out, text);
}
