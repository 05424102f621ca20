// SPDX-License-Identifier: GPL-2.0
/* First payloads on their way to a name: see hellos.h. */
#include "judge/hellos.h"

#include <stdlib.h>
#include <string.h>

#include "judge/client_hello.h"
#include "judge/quic.h"
#include "judge/stream.h"

#define WAYS	 8	/* flows that share a set; the one that was asked for longest ago gives way */
#define NOWHERE	 0xffff /* not in pieces */
#define SETS_MIN 16

struct entry {
	__u64 key;
	__u64 first_us; /* with the key: this flow, and no other of the same ends */
	const struct name_rule *rule;
	__u32 used;  /* by `turn`; 0: free */
	__u16 piece; /* its place in `pieces`, or NOWHERE */
	__u8 sni;
	bool decided;
};

struct piece {		  /* a ClientHello in pieces */
	struct entry *of; /* NULL: free */
	__s64 since;	  /* seconds; 0: hellos_expire() has not seen it yet */
	struct quic_hello quic;
	struct stream stream;
	bool is_quic;
};

struct hellos {
	struct entry *entries;
	size_t sets; /* a power of two */
	__u32 turn;
	__u64 given_up;
	struct piece pieces[HELLOS_IN_PIECES];
};

struct hellos *hellos_new(size_t flows)
{
	struct hellos *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	for (h->sets = SETS_MIN; h->sets * WAYS < flows * 2;)
		h->sets *= 2;
	h->entries = calloc(h->sets * WAYS, sizeof(*h->entries));
	if (!h->entries) {
		free(h);
		return NULL;
	}
	return h;
}

void hellos_free(struct hellos *h)
{
	if (!h)
		return;
	free(h->entries);
	explicit_bzero(h->pieces, sizeof(h->pieces));
	free(h);
}

/* ---- room ------------------------------------------------------------------------------------------------------ */

static void wipe_piece(struct hellos *h, struct entry *e)
{
	if (e->piece == NOWHERE)
		return;
	explicit_bzero(&h->pieces[e->piece], sizeof(h->pieces[0]));
	e->piece = NOWHERE;
}

static void forget_entry(struct hellos *h, struct entry *e)
{
	wipe_piece(h, e);
	memset(e, 0, sizeof(*e));
}

static void give_up(struct hellos *h, struct entry *e)
{
	h->given_up++;
	wipe_piece(h, e);
	e->decided = true;
}

static struct entry *set_of(const struct hellos *h, __u64 key)
{
	return h->entries + (key * 0x9e3779b97f4a7c15ULL >> 32 & (h->sets - 1)) * WAYS;
}

static struct entry *find(const struct hellos *h, __u64 key, __u64 first_us)
{
	struct entry *e = set_of(h, key), *end = e + WAYS;

	for (; e < end; e++)
		if (e->used && e->key == key && e->first_us == first_us)
			return e;
	return NULL;
}

static __u32 age(const struct hellos *h, const struct entry *e)
{
	return h->turn - e->used; /* right when turns have gone round, too */
}

static struct entry *enter(struct hellos *h, __u64 key, __u64 first_us)
{
	struct entry *e = set_of(h, key), *end = e + WAYS, *oldest = e;

	for (; e < end; e++) {
		if (!e->used) {
			oldest = e;
			break;
		}
		if (age(h, e) > age(h, oldest))
			oldest = e;
	}
	if (oldest->used) {
		h->given_up++;
		forget_entry(h, oldest);
	}
	oldest->key = key;
	oldest->first_us = first_us;
	oldest->piece = NOWHERE;
	return oldest;
}

/* The place where the flow's pieces are put together. */
static struct piece *piece_of(struct hellos *h, struct entry *e, bool is_quic)
{
	struct piece *p = h->pieces, *oldest = p;

	if (e->piece != NOWHERE)
		return &h->pieces[e->piece];
	for (; p < h->pieces + HELLOS_IN_PIECES && p->of; p++)
		if (age(h, p->of) > age(h, oldest->of))
			oldest = p;
	if (p == h->pieces + HELLOS_IN_PIECES) {
		give_up(h, oldest->of);
		p = oldest;
	}
	p->of = e;
	p->is_quic = is_quic;
	e->piece = (__u16)(p - h->pieces);
	return p;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

/* Read what has come so far. `last`: nothing more will, so make of it what can be made. True when it is decided. */
static bool read_name(const struct server_names *names, struct piece *p, bool last, struct entry *e)
{
	size_t whole = stream_whole(&p->stream);
	__u8 message[STREAM_MAX];
	struct client_hello hello;
	enum hello_state state = p->is_quic ? client_hello_read(p->stream.bytes, whole, &hello)
					    : client_hello_from_records(p->stream.bytes, whole, message, &hello);
	bool decided = true;

	last |= whole == STREAM_MAX;
	e->rule = hello.name ? server_names_find(names, hello.name, hello.name_len) : NULL;
	if (state == HELLO_NOT)
		e->sni = SNI_UNKNOWN;
	else if (e->rule)
		e->sni = SNI_MATCH;
	else if (state == HELLO_READ && !hello.name)
		e->sni = SNI_NONE;
	else if (state == HELLO_READ && hello.ech && server_name_is_public_ech(hello.name, hello.name_len))
		e->sni = SNI_ECH;
	else if (hello.name &&
		 (state == HELLO_READ || (last && !server_name_is_public_ech(hello.name, hello.name_len))))
		e->sni = SNI_OTHER;
	else
		decided = last;
	if (state == HELLO_NOT)
		e->rule = NULL;
	explicit_bzero(message, sizeof(message));
	return decided;
}

void hellos_add(struct hellos *h, const struct server_names *names, const struct wire_hello *hello)
{
	__u64 first_us = hello->first_ns / 1000;
	struct entry *e = find(h, hello->key, first_us);
	size_t len = hello->len < WIRE_HELLO_CHUNK ? hello->len : WIRE_HELLO_CHUNK;
	struct piece *p;

	if (e && e->decided)
		return;
	if (!e)
		e = enter(h, hello->key, first_us);
	if (!++h->turn)
		h->turn = 1;
	e->used = h->turn;
	p = piece_of(h, e, hello->quic);
	if (p->is_quic)
		quic_hello_datagram(&p->quic, hello->data, len, &p->stream);
	else
		stream_put(&p->stream, hello->offset, hello->data, len);
	if (read_name(names, p, false, e)) {
		e->decided = true;
		wipe_piece(h, e);
	}
}

enum sni hellos_find(struct hellos *h, const struct server_names *names, __u64 key, __u64 first_ns, bool forget,
		     const struct name_rule **rule)
{
	struct entry *e = find(h, key, first_ns / 1000), so_far;

	*rule = NULL;
	if (!e)
		return SNI_UNKNOWN;
	so_far = *e;
	if (!e->decided)
		read_name(names, &h->pieces[e->piece], true, &so_far);
	*rule = so_far.rule;
	if (forget)
		forget_entry(h, e);
	return so_far.sni;
}

void hellos_expire(struct hellos *h, const struct server_names *names, __s64 now)
{
	for (struct piece *p = h->pieces; p < h->pieces + HELLOS_IN_PIECES; p++) {
		if (!p->of)
			continue;
		if (!p->since)
			p->since = now;
		if (now - p->since <= HELLOS_PIECE_S)
			continue;
		read_name(names, p, true, p->of);
		give_up(h, p->of);
	}
}

size_t hellos_bytes(void)
{
	return sizeof(struct hellos);
}

__u64 hellos_given_up(const struct hellos *h)
{
	return h->given_up;
}
