/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which published pattern of injected resets a flow's resembles. A likeness and no more: devices are copied, sold on and
 * reconfigured, so it is never a claim of who it was, adds no points, and is no part of a verdict's contract.
 */
#ifndef XREACH_RESEMBLES_H
#define XREACH_RESEMBLES_H

#include "judge/verdict.h"

/* X(enum name, label, what it is, in words), the most telling first: the first that fits is named. */
/* clang-format off */
#define PATTERN_TABLE(X) \
	X(HENAN, "henan_10_bytes", "a RST+ACK with 10 bytes in it and IP-ID 1, as of the Henan firewall (2023)") \
	X(TAJIKISTAN, "tajikistan_22_bytes", "a RST+ACK with 22 bytes in it, as in Tajikistan (2023)") \
	X(SANDVINE, "sandvine_12503", "a second RST 12,503 bytes on, as of Sandvine devices (2009)") \
	X(IRAN_PAGE, "iran_page_rst", "a page of 402 to 405 bytes, then RST+PSH+ACK, as in Iran (2021)") \
	X(IRAN_SERVER, "iran_server_rsts", "resets to the server, some 30 bytes on, as in Iran (2013)") \
	X(GFW_STEPS, "gfw_1460_4380", "RSTs 1,460 and 4,380 bytes on, as of the GFW (2006)") \
	X(GFW_STEP, "gfw_1460", "a second RST 1,460 bytes on, as of the GFW (2009)") \
	X(GFW_RISING, "gfw_rising_triple", "three RST+ACK, TTL and window rising, as of the GFW (2015 to 2025)") \
	X(RAE, "rae_syn_ipid", "a RST+ACK to the SYN with the SYN's own IP-ID, as in the RAE trace (2009)") \
	X(BRUNEI, "brunei_ipid", "a RST with the IP-ID of the request, as in Brunei (2023)") \
	X(GFW_TRIPLE, "gfw_triple", "three equal RST+ACK, as of the GFW (2021)") \
	X(GFW_IPID, "gfw_ipid_64", "RSTs of IP-ID 64, as of the GFW (2009)")
/* clang-format on */
enum pattern {
	PATTERN_NONE,
#define X(name, label, words) PATTERN_##name,
	PATTERN_TABLE(X)
#undef X
		PATTERNS
};

/* PATTERN_NONE too where nothing was reset, or a RST came after a FIN as it may. */
enum pattern resembles(const struct wire_record *record);

const char *pattern_name(enum pattern p);  /* "" for none */
const char *pattern_words(enum pattern p); /* "" for none */

#endif
