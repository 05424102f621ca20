/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only contract between kernel and user space: tables, records, counters, reasons.
 *
 * There is no field here for a client's address or port, and none may be added: the client is a keyed hash
 * (`key`), a 12-bit bucket with its rank, and the operator's site. Addresses are those of servers in the
 * ranges, and in `icmp_source` of routers, which bpf/icmp.h tells from what may be a client's.
 *
 * Byte order is the host's, but for names that end in _be and for addresses. Times are offsets from
 * `first_ns`, either fine (`_us`, bpf_ktime_get_ns, at SYN, SYN-ACK, first payloads and RST) or coarse
 * (`_c`, jiffies in units of 1,024 microseconds), because a fine clock costs 31 ns a packet.
 */
#ifndef XREACH_WIRE_H
#define XREACH_WIRE_H

#include <linux/types.h>

#ifndef __bpf__
#include <assert.h>
#define WIRE_SIZE(type, n) static_assert(sizeof(type) == (n), #type " changed its size")
#else
#define WIRE_SIZE(type, n) _Static_assert(sizeof(type) == (n), #type " changed its size")
#endif

/* ---- limits ---------------------------------------------------------------------------------- */
#define WIRE_SHARDS	 16 /* a table is walked a shard at a time, so that no walk is long */
#define WIRE_GROUPS_MAX	 32
#define WIRE_SITES_MAX	 255 /* site 0 is "no site" */
#define WIRE_NAT64_MAX	 4
#define WIRE_HELLO_MAX	 4096 /* first payload bytes that travel to user space */
#define WIRE_HELLO_CHUNK 2048 /* ... at most so many in one piece */
#define WIRE_HELLO_RING	 (4 << 20)
#define WIRE_WIPE	 (64 << 10) /* zeroes that xreach_wipe writes in one call */
#define WIRE_TTLS	 16
#define WIRE_QUIC_BITS	 20 /* of wire_attempt.isn that hold bytes */

/* ---- which addresses are looked at: three steps ------------------------------------------------ */
/*
 * Step 1, `lit16`: one bit for the top 16 bits of an address, IPv4 and IPv6 apart.
 * Step 2, `lit24` (IPv4 by /24), `lit32` (IPv6, hashed top 32 bits) and `lit48` (hashed /48, where lit32
 * says DEEPER): two bits, enum lit. Step 3: the LPM tries `ranges4`, `ranges6`.
 */
enum lit {
	LIT_NONE = 0,
	LIT_CONTROL = 1, /* nothing but sampled control space: sample before any lookup */
	LIT_LOOK = 2,	 /* ask the trie */
	LIT_DEEPER = 3,	 /* lit32 only: ask lit48 */
};

#define LIT16_BYTES (65536 / 8)
#define LIT24_BYTES ((1 << 24) / 4)
#define LIT32_BITS  20 /* log2 of the number of two-bit cells */
#define LIT32_BYTES ((1 << LIT32_BITS) / 4)
#define LIT48_BITS  20
#define LIT48_BYTES ((1 << LIT48_BITS) / 4)

/* Cell of lit32 for the top 32 bits of an IPv6 address (host order). */
static inline __u32 lit32_cell(__u32 top)
{
	return (top * 0x9e3779b1u) >> (32 - LIT32_BITS);
}

/* Cell of lit48 for the top 48 bits of an IPv6 address (host order). */
static inline __u32 lit48_cell(__u32 top, __u16 next)
{
	return ((top * 0x9e3779b1u) ^ ((__u32)next * 0x85ebca6bu)) >> (32 - LIT48_BITS);
}

enum role { ROLE_TARGET = 1, ROLE_CONTROL = 2 };
enum class { CLASS_OWN = 1, CLASS_DEDICATED = 2, CLASS_SHARED = 3 };

struct wire_lpm4 {
	__u32 prefixlen;
	__u8 addr[4];
};
struct wire_lpm6 {
	__u32 prefixlen;
	__u8 addr[16];
};
/* Value of ranges4 and ranges6. `shared_with`: 1 + the target group that this control space also serves
 * as shared space (X's with a matching SNI, else the control's), 0 where there is none. */
struct wire_range {
	__u32 prefix; /* id, never reused within a process's life */
	__u8 group;
	__u8 role;
	__u8 class;
	__u8 shared_with;
};
WIRE_SIZE(struct wire_range, 8);

/* What may change while running; one per group in the global `groups`. A flow of a control group is
 * watched when its sampling hash is not above `sample`; 2^32 - 1 watches all. */
struct wire_group {
	__u32 sample;
	__u32 role;
};

/* ---- states ------------------------------------------------------------------------------------ */
/*
 * open -> ended (TC) -> closing (sweep n) -> handed out; then done, a tombstone that swallows late SYNs
 * of the same attempt, -> dead -> deleted, or deleted at once. Moves by compare-and-swap only.
 * TC writes into OPEN and ENDED records; into DONE ones it counts SYNs; into no other.
 */
enum state {
	STATE_NONE = 0,
	STATE_OPEN = 1,
	STATE_ENDED = 2,
	STATE_CLOSING = 3,
	STATE_DONE = 4,
	STATE_DEAD = 5,
	STATE_MOVED = 6,   /* an attempt that has become a flow */
	STATE_CLAIMED = 7, /* a new ISN starts over in place */
};
/* The state word: who may hand it out, and the few bits that must move with it. */
#define STATE_MASK	  0x0000000fu
#define STATE_EPOCH	  0x00000010u /* which of the two keys the record lives under */
#define STATE_TOLD	  0x00000020u /* an interim record has been sent */
#define STATE_TOLD_LATER  0x00000040u /* ... and it said `later` */
#define STATE_V6	  0x00000080u /* addresses seen were IPv6 */
#define STATE_QUIC	  0x00000100u
#define STATE_SHARED	  0x00000200u /* counts only with a matching SNI */
#define STATE_CONTROL	  0x00000400u
#define STATE_SYN_OPTIONS 0x00000800u /* the SYN had TCP options */
#define STATE_SYN_SCANNER 0x00001000u /* the SYN bore a known scanner's mark (ZMap: IP-ID 54321) */
#define STATE_LOCAL	  0x00002000u /* opened by this host's own socket */
#define STATE_LOCAL_DEAD  0x00004000u /* ... which gave up before it was established */
#define STATE_SYN_TS	  0x00008000u /* the SYN offered timestamps */
#define STATE_NO_ISN	  0x00010000u /* opened by a socket, its SYN not seen yet */
#define STATE_LOCAL_UP	  0x00020000u /* this host's own socket was established */
#define STATE_HELLO	  0x00040000u /* its first payload goes to user space */
#define STATE_SWEEP_SHIFT 20	      /* number of the sweep that set CLOSING or DEAD, modulo 16 */
#define STATE_SWEEP_MASK  0x00f00000u
#define STATE_GROUP_SHIFT 24
#define STATE_GROUP_MASK  0x1f000000u

/* ---- attempts: nothing but the client's side so far ---------------------------------------------- */
/* 48 bytes, because under a total block one lives for 83 s. Offsets are modulo 2^32 (71 minutes). */
struct wire_attempt {
	__u32 key32; /* low half of the key: tells a recycled slot */
	__u32 state;
	__u32 isn; /* TCP: the client's ISN. QUIC: payload bytes so far, above them a print of the last datagram */
	__u32 first_us; /* of the clock, modulo 2^32 */
	__u32 last_us;
	__u32 prefix;
	union {
		__u8 server[16]; /* IPv4 as ::ffff:a.b.c.d, but for the first two bytes: */
		__u16 syn_ipid;	 /* IPv4 over TCP: of the last SYN */
	};
	__be16 port_be; /* the server's */
	__u16 client;	/* bucket (12 bits), rank (4 bits) */
	__u8 site;
	__u8 hook;	  /* binds the direction, see wire_hook() */
	__u8 syns;	  /* or Initials; saturates at 255 */
	__u8 drop_reason; /* of this host's kernel, 0 for none; 255 for one above 254 */
};
WIRE_SIZE(struct wire_attempt, 48);

/* ---- flows: the server's side has answered, or there is more to remember than SYNs ---------------- */
enum seen {
	SEEN_SYN = 1u << 0,
	SEEN_SYNACK = 1u << 1,
	SEEN_HANDSHAKE = 1u << 2, /* the client acknowledged a SYN-ACK that was seen */
	SEEN_UP_DATA = 1u << 3,
	SEEN_DOWN_DATA = 1u << 4,
	SEEN_UP_FIN = 1u << 5,
	SEEN_DOWN_FIN = 1u << 6,
	SEEN_UP_RST = 1u << 7,
	SEEN_DOWN_RST = 1u << 8,
	SEEN_ICMP = 1u << 9,
	SEEN_UP = 1u << 10,		/* any packet of the client */
	SEEN_DOWN = 1u << 11,		/* any packet in the server's name, RSTs included */
	SEEN_DOWN_FIN_FIRST = 1u << 12, /* the server's FIN came before any of the client's */
	SEEN_UP_ACK = 1u << 13,		/* a client packet with ACK that is no RST */
	SEEN_UP_ACK_BEYOND = 1u << 14,	/* the client's ACK numbers advanced beyond the handshake */
	SEEN_WENT_ON = 1u << 15,	/* the client ignored the RST, by the contract's rule */
	SEEN_ICMP_ANSWERED = 1u << 16,	/* the server's side spoke after the ICMP error */
	SEEN_DOWN_TS = 1u << 17,	/* the SYN-ACK granted timestamps */
	SEEN_TLS = 1u << 18,		/* the client's first byte was 0x16 */
	SEEN_NO_TLS = 1u << 19,		/* ... was something else */
	SEEN_DROPPED_HERE = 1u << 20,	/* this host's kernel dropped a packet of it */
	SEEN_SYN_DATA = 1u << 21,	/* payload in the SYN */
	SEEN_SYNACK_AFTER_RST = 1u << 22,
	SEEN_DOWN_AFTER_RST = 1u << 23,	      /* payload, or an ACK more than 5 ms after it */
	SEEN_DOWN_FIN_STAGE_PSH = 1u << 24,   /* client payload had been seen at the server's FIN */
	SEEN_DOWN_FIN_STAGE_LATER = 1u << 25, /* server payload had been seen at the server's FIN */
	SEEN_UP_FIN_LATER = 1u << 26,	      /* server payload had been seen at the client's FIN */
	SEEN_UP_RST_LATER = 1u << 27,	      /* server payload had been seen at the client's RST */
	SEEN_DOWN_ACKS_DATA = 1u << 28,	      /* the server acknowledged client payload */
	SEEN_REUSED = 1u << 29,		      /* took over a tuple: until SEEN_DOWN_RST, rst.bare_ack and
					 * rst.down_next hold up_next and down_next of the flow before */
	SEEN_UP_SHUT = 1u << 30,	      /* the client closed its window since the last new server payload */
};

enum stage { STAGE_POST_SYN, STAGE_POST_ACK, STAGE_POST_PSH, STAGE_LATER, STAGES };

/*
 * What a RST may answer, and what may differ between two packets of one range: the client's first two packets that
 * want an answer (SYN, payload, FIN; the ACK that ends the handshake), and its last two.
 */
enum sent_kind { SENT_NONE, SENT_SYN, SENT_HANDSHAKE, SENT_PAYLOAD, SENT_FIN };
#define WIRE_SENT 4
struct wire_sent {
	__u32 end;   /* sequence number after it: what a RST+ACK to it acknowledges */
	__u32 ack;   /* its acknowledgement number: the sequence number of a bare RST to it */
	__u32 at_us; /* since first_ns */
	__u16 ipid;  /* IPv4's, 0 for IPv6 */
	__u8 kind;   /* enum sent_kind */
	__u8 pad;
};
WIRE_SIZE(struct wire_sent, 16);

/* A sum over up to the first WIRE_PRINT_BYTES bytes of a payload in the server's name: two that differ for one
 * range were sent by two. Of the first WIRE_PRINTS ranges. */
#define WIRE_PRINTS	 4
#define WIRE_PRINT_BYTES 64
struct wire_print {
	__u32 seq;
	__u32 sum; /* 0: no print here */
	__u16 len; /* bytes summed */
	__u16 pad;
};
WIRE_SIZE(struct wire_print, 12);

/* wire_flow.evidence */
enum flow_evidence {
	EVIDENCE_HELD = 1u << 0,	 /* there is a wire_evidence of it in the table `evidence` */
	EVIDENCE_TWO_PAYLOADS = 1u << 1, /* different payloads of more than one byte for one range */
	EVIDENCE_UP_HOLE = 1u << 3,	 /* client payload was jumped over: some of its packets were not seen */
	EVIDENCE_ALIVE = 1u << 2,	 /* the server's side spoke after a RST that the client went on after */
};

/* The first RST in the server's name, and what came with it within 5 s. */
struct wire_reset {
	__u32 at_us;
	__u32 seq;
	__u32 ack;
	__u32 bare_ack;	 /* acknowledgement number of the first bare RST */
	__u32 down_next; /* the server's next sequence number at that time */
	__u32 gap_c;	 /* since the server's last packet before it */
	__u16 window;
	__u16 ipid;
	__u16 len; /* payload bytes in the RST */
	__u8 ttl;
	__u8 tcp_flags;	 /* as on the wire: ACK, ECE, CWR ... */
	__u8 stage;	 /* enum stage at that time */
	__u8 fin;	 /* 1 the server's FIN, 2 the client's came before it */
	__u8 up_again;	 /* client repetitions since the server's last packet */
	__u8 down_again; /* server repetitions since the client's last packet */
	__u8 n_bare;
	__u8 n_ack;
	__u8 n_zero;   /* bare ones with acknowledgement number 0 */
	__u8 n_differ; /* bare ones whose acknowledgement number differs from the first's */
};
WIRE_SIZE(struct wire_reset, 40);

struct wire_flow {
	__u64 key;
	__u64 first_ns; /* clock at the packet that opened it */
	__u32 state;
	__u32 seen; /* enum seen */
	__u32 prefix;
	__u8 server[16];
	__be16 port_be;
	__u16 client;
	__u8 site;
	__u8 syns;
	__u8 up_hook, down_hook;
	__u32 first_c;	   /* coarse clock at first_ns */
	__u32 last_up_c;   /* coarse clock of the client's last packet, absolute as first_c */
	__u32 last_down_c; /* ... of the last in the server's name */
	__u32 data_c;	   /* ... of the last new server payload, or of a request after a pause */
	__u32 wait_c;	   /* ... of the first client packet that waits for an answer; see up_again */
	__u32 syn_us;	   /* last SYN before the SYN-ACK (QUIC: first Initial) */
	__u32 last_syn_us;
	__u32 synack_us;    /* first SYN-ACK (QUIC: first reply) */
	__u32 handshake_us; /* first client ACK of a SYN-ACK */
	__u32 up_data_us;   /* first client payload */
	__u32 down_data_us; /* first server payload */
	__u32 up_rst_us;
	__u32 icmp_us;
	__u32 isn_up, isn_down;
	__u32 up_next, down_next;   /* next sequence number expected of each side */
	__u32 down_acked;	    /* highest acknowledgement number of the client */
	__u32 isn_other;	    /* until the handshake: of another SYN-ACK, before the last one; 0 for none */
	__u64 bytes_up, bytes_down; /* payload without repetitions */
	__u32 again_bytes;	    /* server payload that lay below down_next: repeated, or a hole filled late */
	__u32 hole_bytes;	    /* server payload jumped over */
	__u32 gap_c;		    /* time in gaps of max(250 ms, 4 round trips) between server payloads */
	__u32 idle_c;		    /* of that, by the client's choice: nothing outstanding, or its window shut */
	__u32 print_up, print_down; /* fingerprint of the side's last packet: a copy counts once */
	__u8 ttls[WIRE_TTLS];	    /* first TTLs of the server's packets that are no RST; 0 for none */
	__u16 pad;
	__u16 down_ipid;    /* of the server's last packet that has one and is no RST */
	__u8 up_again;	    /* client repetitions and probes since the server's last packet */
	__u8 down_again;    /* server repetitions since the client's last packet */
	__u8 drop_reason;   /* this host's kernel's, see wire_attempt */
	__u8 resets_before; /* RSTs the client went on after */
	__u8 icmp_type, icmp_code, icmp_ttl, icmp_stage;
	struct wire_reset rst;
	__u8 first_rst_ttl; /* of the very first, also where rst tells of a later one */
	__u8 sent_n;	    /* client packets that want an answer, so far; saturates */
	__u16 ipid_near; /* IPv4: steps between the IP-IDs of two packets of the server's side, no RST, that are small */
	__u16 ipid_far; /* ... that are not, both saturating; 0 as an IP-ID tells nothing and counts in neither */
	__u8 up_run;	/* ... of them since the server's last packet that is no RST */
	__u8 looks;	/* server payloads compared with or kept as prints */
	struct wire_sent
		sent[WIRE_SENT]; /* the first two, then the last two: sent[2] the elder where there are four */
	struct wire_print prints[WIRE_PRINTS];
	__u32 evidence; /* enum flow_evidence */
};
WIRE_SIZE(struct wire_flow, 360);

/*
 * One RST, in either name, with what was known when it came. Up to WIRE_RSTS a side are kept, beside the flow and
 * only where one came: the common flow has none.
 */
enum rst_bits {
	RST_AFTER_DOWN_FIN = 1u << 0,
	RST_AFTER_UP_FIN = 1u << 1,
	RST_TIMESTAMPS = 1u << 2, /* it carries a timestamps option */
	RST_LATER = 1u << 3,	  /* server payload had been seen */
	RST_CERTAIN = 1u << 4,	  /* the packet that it answers is the one its numbers name; else the last one */
	RST_HOLES = 1u << 5, /* bytes of the client's had been jumped over: some of its packets were not seen */
};
struct wire_rst {
	__u32 at_us;
	__u32 seq;
	__u32 ack;	   /* 0 on the wire too where the ACK flag is not set, or whatever stood there */
	__u32 answered_us; /* of the client packet that it answers (RSTs in the server's name), since first_ns */
	__u32 up_acked;	   /* highest acknowledgement number of the client at that time */
	__u32 down_next;   /* the server's next sequence number */
	__u32 up_next;	   /* the client's */
	__u16 window;
	__u16 ipid;
	__u16 answered_ipid;
	__u16 len; /* payload bytes in it */
	__u8 ttl;
	__u8 tcp_flags;
	__u8 answered_kind; /* enum sent_kind; SENT_NONE: it answers nothing that is known */
	__u8 bits;	    /* enum rst_bits */
};
WIRE_SIZE(struct wire_rst, 40);

/*
 * What few flows have, in a table beside them: their RSTs, and the router that sent the ICMP error that ended it. A router
 * is not a person; an address that may be somebody's is never written down, see bpf/icmp.h.
 */
#define WIRE_RSTS 8
struct wire_evidence {
	struct wire_rst down[WIRE_RSTS]; /* in the server's name */
	struct wire_rst up[WIRE_RSTS];	 /* in the client's */
	__u8 n_down, n_up;		 /* kept; there may have been more */
	__u8 up_segments; /* client packets that wanted an answer since the server's last, at the last RST */
	__u8 has_icmp_source;
	__u8 icmp_source[16]; /* of that error, IPv4 as ::ffff:a.b.c.d */
	__u8 pad[4];
};
WIRE_SIZE(struct wire_evidence, 664);

/* ---- rings --------------------------------------------------------------------------------------- */
enum record_kind {
	RECORD_INTERIM = 1,   /* so far; at most one a flow, `syn_live` after it opened */
	RECORD_FINAL = 2,     /* handed out: counted once */
	RECORD_LATE_SYNS = 3, /* SYNs that came after the final record */
};
enum record_why {
	WHY_NONE = 0,
	WHY_CAPTURE_END = 1,
	WHY_KEY_RETIRED = 2,
	WHY_RECYCLED = 3, /* a new ISN on the same key */
};

struct wire_record {
	__u32 kind;
	__u32 why;
	__u64 now_ns; /* clock at hand-over */
	__u32 now_c;
	__u32 has_evidence;    /* else the record ends before `evidence`: WIRE_RECORD_SHORT bytes */
	struct wire_flow flow; /* an attempt is widened into one */
	struct wire_evidence evidence;
};
#define WIRE_RECORD_SHORT __builtin_offsetof(struct wire_record, evidence)

/* First client payload, for the SNI. User space wipes it once looked at. */
struct wire_hello {
	__u64 key;
	__u64 first_ns;
	__u32 offset; /* from ISN + 1; QUIC: number of the datagram */
	__u16 len;
	__u8 quic;
	__u8 pad;
	__u8 data[WIRE_HELLO_CHUNK];
};

/*
 * A DNS message about a name of the rules, a query or an answer for addresses (RFC 1035). The header, the question and
 * the answers leave the kernel, never more (EDNS may name the asker's network), and no address of the packet: query and
 * answer meet by a keyed hash over asker, resolver, asker's port, the message's id and its question.
 */
#define WIRE_DNS_MAX   512
#define WIRE_DNS_RING  (256 << 10)
#define WIRE_DNS_RULES 65536
#define WIRE_NAME_MAX  127 /* longest name that is looked up, a dot before each label; longer ones are skipped */
struct wire_dns {
	__u64 key;
	__u64 now_ns;
	__u16 len;     /* bytes of data */
	__u8 site;     /* of the asker */
	__u8 response; /* 1: from port 53 */
	__u8 tcp;
	__u8 ttl; /* TTL or hop limit of the packet */
	__u8 v6;
	__u8 pad;
	__u8 data[WIRE_DNS_MAX]; /* from the message's id on, cut after the answers or at WIRE_DNS_MAX */
};
WIRE_SIZE(struct wire_dns, 536);

/*
 * Hash of a host name, lower case and with a dot before each label, byte by byte from its end: what the table
 * `dns_names` is keyed by. Start with WIRE_NAME_HASH; a name matches a rule where the hash after the dot of one of its
 * labels is the rule's. 64 bits of FNV-1a, so that no other name meets a rule by chance; user space looks at the name
 * itself all the same.
 */
#define WIRE_NAME_HASH 0xcbf29ce484222325ull
static inline __u64 wire_name_hash(__u64 hash, __u8 c)
{
	return (hash ^ c) * 0x100000001b3ull;
}
/* Values of `dns_names`, bits: the name itself is asked for, and whatever lies below it. */
enum wire_name { WIRE_NAME_ITSELF = 1, WIRE_NAME_BELOW = 2 };

/* ---- counters (per CPU) ---------------------------------------------------------------------------- */
/* X(enum name, label): opened and handed, the losses by reason, the unparsed by reason, and the rest. */
/* clang-format off */
#define WIRE_LOST(X) \
	X(LOST_FULL, "full") X(LOST_NOMEM, "nomem") X(LOST_BUSY, "busy") X(LOST_RACE, "race") \
	X(LOST_RECYCLED, "recycled") X(LOST_KEY_RETIRED, "key_retired")
#define WIRE_UNPARSED(X) \
	X(UNPARSED_SHORT, "short") X(UNPARSED_ETHERTYPE, "ethertype") X(UNPARSED_DEPTH, "depth") \
	X(UNPARSED_HEADER, "header") X(UNPARSED_FRAGMENT, "fragment") X(UNPARSED_TUNNEL, "tunnel") \
	X(UNPARSED_EXTENSION, "extension") X(UNPARSED_TRANSPORT, "transport") X(UNPARSED_QUOTE, "quote")
#define WIRE_COUNTERS(X) \
	X(OPENED, "opened") X(HANDED, "handed") \
	WIRE_LOST(X) WIRE_UNPARSED(X) \
	X(WATCHED, "watched") X(MIDSTREAM, "midstream") X(DUPLICATE, "duplicate") \
	X(OTHER_HOOK, "other_hook") X(LATE, "late") X(HELLO_LOST, "hello_lost") X(HELLO_SENT, "hello_sent") \
	X(ICMP_STRAY, "icmp_stray") X(ASKED, "asked") X(DROPPED_HERE, "dropped_here") \
	X(DNS_SENT, "dns_sent") X(DNS_LOST, "dns_lost") X(DNS_SKIPPED, "dns_skipped") \
	X(EVIDENCE_LOST, "evidence_lost") \
	X(OPENED_EPOCH0, "opened_epoch0") X(OPENED_EPOCH1, "opened_epoch1") \
	X(CLOSED_EPOCH0, "closed_epoch0") X(CLOSED_EPOCH1, "closed_epoch1")
/* clang-format on */
enum counter {
#define X(name, label) COUNT_##name,
	WIRE_COUNTERS(X)
#undef X
		COUNTERS
};

/* Exact totals by group, whatever the tables could hold. */
enum group_counter {
	GROUP_PACKETS, /* segments (gso_segs) to and from the group, sampled ones for a control */
	GROUP_SYN,     /* SYNs and QUIC Initials */
	GROUP_SYNACK,
	GROUP_RST_UP,
	GROUP_RST_DOWN,
	GROUP_ICMP,
	GROUP_OPENED,
	GROUP_ASKED, /* connect() and sendmsg() of this host */
	GROUP_DROPPED_HERE,
	GROUP_COUNTERS
};
struct wire_group_totals {
	__u64 n[GROUP_COUNTERS];
};
/* Value of `totals`, a per-CPU array with one slot for each class of hook: a hook in process context can be
 * interrupted by one in softirq on the same CPU. COUNT_WATCHED is the sum of GROUP_PACKETS. */
enum hook_class { CLASS_TC, CLASS_SOCKET, CLASS_DROP, CLASS_SWEEP, HOOK_CLASSES };
struct wire_totals {
	__u64 n[COUNTERS];
	struct wire_group_totals groups[WIRE_GROUPS_MAX];
};

/* ---- configuration and commands ---------------------------------------------------------------------- */
/* Set between open and load, never later. Times in milliseconds. */
struct wire_config {
	__u8 replay;		/* clock from skb->tstamp, frame length from skb->cb[0] */
	__u8 sockets_ours_only; /* sockets and drops: only in the network namespace netns_cookie */
	__u8 nat64_n;
	__u8 dns; /* look at port 53 */
	__u32 jiffy_us;
	__u64 netns_cookie;
	__u32 seed; /* of the sampling hash */
	__u32 syn_live_ms, syn_final_ms, payload_ms, post_ack_ms, frozen_ms, idle_ms;
	__u32 linger_ms;    /* after a RST or an ICMP error: 5 s, the contract's window of signatures */
	__u32 fin_ms;	    /* after both FINs */
	__u32 tombstone_ms; /* after the last SYN of an attempt handed out */
	__u32 shard_mask;   /* shards in use minus one */
	struct {
		__u8 addr[16];
		__u32 plen; /* 32, 40, 48, 56, 64 or 96 (RFC 6052) */
	} nat64[WIRE_NAT64_MAX];
};

/* SipHash keys. Slot `current & 1` is used for new flows; the other is tried after a miss while `previous`
 * is set. Filled from getrandom, in memory only. */
struct wire_keys {
	__u64 k[2][2];
	__u32 current;
	__u32 previous;
};

/* Context of the sweep program: one shard of one table a call. */
struct wire_sweep {
	__u64 now_ns; /* 0: the kernel's own clock */
	__u32 shard;
	__u32 table;  /* 0 attempts, 1 flows */
	__u32 number; /* of the sweep */
	__u32 flush;  /* enum record_why: hand everything out for this reason */
	__u32 retire; /* 1 + epoch whose records are handed out as key_retired; 0 for none */
	/* out */
	__u32 stopped;	 /* the ring was full: drain, then call again */
	__u32 left;	 /* records still in the shard, tombstones included */
	__u32 open;	 /* ... of them not handed out yet */
	__u64 oldest_ns; /* in a replay: no record that is still to come is of a flow that began earlier */
};

/* An (interface, direction) in eight bits; user space warns where two watched ones collide. */
static inline __u8 wire_hook(__u32 ifindex, __u32 egress)
{
	__u32 h = ifindex * 2 + egress;

	h = (h ^ (h >> 8) ^ (h >> 16)) & 0xff;
	return h ? h : 255; /* 0 is "not bound yet" */
}

#endif
