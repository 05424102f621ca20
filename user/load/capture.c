// SPDX-License-Identifier: GPL-2.0
/* Capture files by libpcap, and the link headers that are turned into Ethernet ones: see capture.h. */
#include "load/capture.h"

#include <errno.h>
#include <net/ethernet.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SLL_TYPE     14 /* offset of the Ethernet type in a Linux cooked header, and its length */
#define SLL_LEN	     16
#define SLL2_LEN     20		 /* version 2 begins with the type */
#define WIRE_LEN_MAX (1 << 24)	 /* no frame is longer, super-packets included */
#define SECOND_MAX   (1LL << 33) /* the year 2242: a file may claim any time, and nanoseconds have 64 bits */

struct capture {
	const char *path;
	pcap_t *pcap;
	int link;
	unsigned long long frames;
	long long size;
	__u8 frame[CAPTURE_FRAME_MAX];
};

/* ---- link headers: a new one is a row -------------------------------------------------------------------- */
/* Length of the header to cut off and the Ethernet type of what follows; -1: the frame is too short for it. */
static int no_header(const __u8 *p, __u32 len, __u16 *type)
{
	if (!len)
		return -1;
	*type = p[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
	return 0;
}

static int sll_header(const __u8 *p, __u32 len, __u16 *type)
{
	if (len < SLL_LEN)
		return -1;
	*type = p[SLL_TYPE] << 8 | p[SLL_TYPE + 1];
	return SLL_LEN;
}

static int sll2_header(const __u8 *p, __u32 len, __u16 *type)
{
	if (len < SLL2_LEN)
		return -1;
	*type = p[0] << 8 | p[1];
	return SLL2_LEN;
}

/* PPP as in RFC 1661 and 1662: address and control may be there, and the protocol may be one odd byte. */
static int ppp_header(const __u8 *p, __u32 len, __u16 *type)
{
	__u32 at = len >= 2 && p[0] == 0xff && p[1] == 0x03 ? 2 : 0;
	__u16 protocol;

	if (len < at + 2)
		return -1;
	protocol = p[at++];
	if (!(protocol & 1))
		protocol = protocol << 8 | p[at++];
	*type = protocol == 0x0021 ? ETHERTYPE_IP : protocol == 0x0057 ? ETHERTYPE_IPV6 : 0;
	return at;
}

/* BSD loopback: an address family in four bytes of either order, of which IPv6 has several. The packet tells as well. */
static int null_header(const __u8 *p, __u32 len, __u16 *type)
{
	return len <= 4 || no_header(p + 4, len - 4, type) ? -1 : 4;
}

static const struct link_type {
	int dlt;
	int (*header)(const __u8 *p, __u32 len, __u16 *type); /* NULL: it is Ethernet */
} links[] = {
	{ DLT_EN10MB, NULL },	   { DLT_RAW, no_header },	   { DLT_IPV4, no_header },
	{ DLT_IPV6, no_header },   { DLT_LINUX_SLL, sll_header },  { DLT_LINUX_SLL2, sll2_header },
	{ DLT_PPP, ppp_header },   { DLT_PPP_SERIAL, ppp_header }, { DLT_NULL, null_header },
	{ DLT_LOOP, null_header },
};

static const struct link_type *find_link(int dlt)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (links[i].dlt == dlt)
			return &links[i];
	return NULL;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */
int capture_open(const char *path, struct capture **out, char *error, size_t error_size)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	struct capture *c = calloc(1, sizeof(*c));
	struct stat st;

	if (!c) {
		snprintf(error, error_size, "%s: out of memory", path);
		return -ENOMEM;
	}
	c->path = path;
	if (strcmp(path, "-") && stat(path, &st)) {
		int err = -errno;

		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		free(c);
		return err;
	}
	c->pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!c->pcap) {
		bool named = !strncmp(reason, path, strlen(path)); /* in some messages it is */

		snprintf(error, error_size, "%s%s%s; a pcap or pcapng file is wanted", named ? "" : path,
			 named ? "" : ": ", reason);
		free(c);
		return -EINVAL;
	}
	c->link = pcap_datalink(c->pcap);
	if (!find_link(c->link)) {
		const char *name = pcap_datalink_val_to_name(c->link);

		snprintf(error, error_size,
			 "%s: link type %s (%d) is not read; Ethernet, raw IP, PPP, loopback and "
			 "Linux cooked captures are",
			 path, name ? name : "unknown", c->link);
		capture_close(c);
		return -EPROTONOSUPPORT;
	}
	c->size = pcap_file(c->pcap) && !fstat(fileno(pcap_file(c->pcap)), &st) && S_ISREG(st.st_mode) ? st.st_size
												       : 0;
	*out = c;
	return 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap);
	explicit_bzero(c->frame, sizeof(c->frame));
	free(c);
}

/* Put an Ethernet header in the place of another one. False: the frame is too short to have had its own. */
static bool to_ethernet(struct capture *c, const struct pcap_pkthdr *h, const __u8 *bytes,
			struct capture_frame *out)
{
	const struct link_type *link = find_link(c->link);
	__u16 type = 0;
	int cut = link->header ? link->header(bytes, h->caplen, &type) : 0;
	__u32 head = link->header ? ETHER_HDR_LEN : 0, len;

	if (cut < 0)
		return false;
	len = h->caplen - cut;
	if (len > CAPTURE_FRAME_MAX - head)
		len = CAPTURE_FRAME_MAX - head;
	if (head) {
		memset(c->frame, 0, head - 2);
		c->frame[head - 2] = type >> 8;
		c->frame[head - 1] = type & 0xff;
	}
	memcpy(c->frame + head, bytes + cut, len);
	out->bytes = c->frame;
	out->len = head + len;
	/* what the file claims may be anything */
	out->wire_len = h->len >= h->caplen && h->len <= WIRE_LEN_MAX ? head + h->len - cut : out->len;
	return true;
}

int capture_next(struct capture *c, struct capture_frame *out, char *error, size_t error_size)
{
	struct pcap_pkthdr *h;
	const __u8 *bytes;
	int got = pcap_next_ex(c->pcap, &h, &bytes);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got != 1) {
		snprintf(error, error_size, "%s: after %llu packets: %s; what follows is not read", c->path,
			 c->frames, pcap_geterr(c->pcap));
		return -EIO;
	}
	c->frames++;
	memset(out, 0, sizeof(*out));
	if (!to_ethernet(c, h, bytes, out))
		out->bytes = c->frame; /* nothing in it: counted as too short */
	if (h->ts.tv_sec >= 0 && h->ts.tv_sec < SECOND_MAX && h->ts.tv_usec >= 0)
		out->ns = h->ts.tv_sec * 1000000000ULL + h->ts.tv_usec; /* nanoseconds, as asked for */
	return 1;
}

double capture_progress(const struct capture *c)
{
	FILE *file = pcap_file(c->pcap);
	long at = file && c->size ? ftell(file) : -1;

	return at < 0 ? -1 : (double)at / c->size;
}
