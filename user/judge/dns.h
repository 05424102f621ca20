/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an answer for one of X's names says, and what is to be thought of it: addresses of X, others, none that anybody
 * could reach, or that there is no such name. A single answer proves little: `outside_ranges` on a network that reaches X
 * says that the list of ranges is out of date. Two answers to one question are detect/dns_pairs.h's.
 */
#ifndef XREACH_DNS_H
#define XREACH_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include "wire.h"

#define DNS_ADDRESSES 8 /* that are kept of an answer; more say nothing more */

struct dns_address {
	__u8 bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	bool v6;
	__u8 plen; /* not 0: the network of so many bits that it lies in, for the address itself is nobody's business */
};

enum dns_rcode { DNS_NOERROR = 0, DNS_NXDOMAIN_CODE = 3 };

struct dns_message {
	bool response, cut; /* cut: not all of the answers that its header speaks of could be read */
	__u8 rcode;	    /* RFC 1035, 4.1.1 */
	__u16 type;	    /* of the question */
	__u16 name_len;
	__u8 name[WIRE_NAME_MAX + 1]; /* of the question, with dots and none at its end; not ended by a NUL */
	unsigned int n;
	struct dns_address addresses[DNS_ADDRESSES]; /* at the end of the chain of CNAMEs */
};

/* Take a message apart (RFC 1035, 4.1). 0, or -EINVAL where it is none with one question and a plain name; *out then holds
 * nothing. Answers that cannot be read end the reading, not the message. */
int dns_read(const __u8 *data, size_t len, struct dns_message *out);

/* clang-format off */
#define DNS_VERDICT_TABLE(X) \
	X(OK, "ok") X(OUTSIDE, "outside_ranges") X(BOGON, "bogon") X(NXDOMAIN, "nxdomain") X(CONFLICT, "conflict")
/* clang-format on */
enum dns_verdict {
#define X(name, label) DNS_##name,
	DNS_VERDICT_TABLE(X)
#undef X
		DNS_VERDICTS,
	DNS_NONE = DNS_VERDICTS /* no verdict */
};
const char *dns_verdict_name(enum dns_verdict verdict);

/* Does an address lie in the ranges that the name's group has in force, of whatever class? NAT64 is undone before. */
typedef bool dns_inside(void *arg, const struct dns_address *address);

/*
 * What is to be thought of one answer, taken by itself (never DNS_CONFLICT). `nat64`: nat64[] and nat64_n only, for what
 * a DNS64 resolver makes of an IPv4 address (RFC 6147).
 *
 * An address in the ranges is right, even where everybody else's list calls it a bogon: a laboratory's X. One bogon among
 * others makes a `bogon`, since nobody's server would send it; else one address in the ranges makes an `ok`: who forges an
 * answer does not put the true address into it, but a list may lack one of several.
 *
 * No verdict: a query; an answer without addresses, which is usual (no AAAA, a chain of CNAMEs alone); SERVFAIL, REFUSED
 * and other errors, by which a resolver speaks of itself and sends the asker to the next one.
 */
enum dns_verdict dns_judge(const struct dns_message *m, const struct wire_config *nat64, dns_inside *inside,
			   void *arg);

/* An address that is nobody's on the Internet, or that X's names never have: the special-purpose blocks. */
bool dns_is_bogon(const struct dns_address *address);

/* Do two answers to one question contradict each other: no address in common, or addresses against NXDOMAIN? An answer
 * without a verdict contradicts nothing, and neither do an A's and an AAAA's. */
bool dns_differ(const struct dns_message *a, const struct dns_message *b);

#endif
