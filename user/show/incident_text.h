/* SPDX-License-Identifier: GPL-2.0 */
/* An incident in words, for people: what was seen, since when, by what, and what else it could be. */
#ifndef XREACH_INCIDENT_TEXT_H
#define XREACH_INCIDENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct board;
struct incident_report;

/* The whole of it: a head line and others indented by four, each with its newline. Returns `text`. */
#define INCIDENT_TEXT (1 << 16) /* with all its phases */
const char *incident_text(const struct board *b, const struct incident_report *r, char *text, size_t n);

/* Its parts, each of them "" where nothing is known. */
/* "only 162.159.140.229/32 and ipv6"; "" where it is about all of the group. */
void incident_scope_text(const struct board *b, const struct incident_report *r, char *text, size_t n);
/* "lahore, IPv4, IPv6, TCP": the sites, families and transports in which the excess is significant. */
void incident_affected_text(const struct board *b, const struct incident_report *r, char *text, size_t n);
/* "by name: PSH+ACK->RST+ACK 91 %, SYN->0 4 %" */
void incident_mechanism_text(const struct incident_report *r, char *text, size_t n);
/* "3 hops, 7.4 ms away; the server 12 hops, 92 ms" */
void incident_responder_text(const struct incident_report *r, char *text, size_t n);
/* "a block, or an outage of X, or a lost route to X" */
void incident_could_be_text(const struct incident_report *r, char *text, size_t n);
/* Why no more is said than what is said: the usual clients are few. */
void incident_note_text(const struct incident_report *r, char *text, size_t n);
/* "likely blocked": a state in words. */
const char *incident_word_text(int word);

#endif
