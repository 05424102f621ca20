/* SPDX-License-Identifier: GPL-2.0 */
/* An evening of history: X is served, then blocked by name from 14:10 to 15:00 but for a break of ten minutes, while the
 * controls are well; nobody watches from 13:30 to 13:40. Include after history_scene.h. */
#ifndef XREACH_REPORT_SCENE_H
#define XREACH_REPORT_SCENE_H

#include "keep/history_read.h"

#define MINUTE(n)    (NOON + (n)*60)
#define EVENING	     240 /* minutes, from 12:00 */
#define BLOCKED_FROM 130
#define BREAK_FROM   150
#define BREAK_TO     160
#define BLOCKED_TO   180
#define UNSEEN_FROM  90
#define UNSEEN_TO    100
#define EACH	     20 /* attempts a minute */
#define FAILED	     ((BLOCKED_TO - BLOCKED_FROM - (BREAK_TO - BREAK_FROM)) * EACH)

#define INCIDENT_ID "x-20240217T141000Z"
#define INCIDENT_WITH(failures) \
	"{\"id\":\"" INCIDENT_ID "\",\"group\":\"x\",\"site\":\"all\",\"state\":\"blocked\"," \
	"\"since\":\"2024-02-17T14:10:00Z\",\"since_uncertainty_s\":4,\"since_bound\":false," \
	"\"detected\":\"2024-02-17T14:10:09Z\",\"ended\":\"2024-02-17T15:00:00Z\",\"phases\":[" \
	"{\"from\":\"2024-02-17T14:10:00Z\",\"to\":\"2024-02-17T14:30:00Z\",\"state\":\"blocked\"}," \
	"{\"from\":\"2024-02-17T14:30:00Z\",\"to\":\"2024-02-17T14:40:00Z\",\"state\":\"ok\"}," \
	"{\"from\":\"2024-02-17T14:40:00Z\",\"to\":\"2024-02-17T15:00:00Z\",\"state\":\"blocked\"}]," \
	"\"unobserved\":false,\"scope\":{\"sites\":[],\"prefixes\":[\"104.244.40.0/21\"],\"families\":[]," \
	"\"transports\":[]},\"attempts\":1000,\"failures\":" failures \
	",\"failure_ratio\":0.8,\"baseline_ratio\":0.021," \
	"\"control_failure_ratio\":0.018,\"common\":false,\"could_be\":[\"block\"]," \
	"\"mechanisms\":[{\"signature\":\"PSH+ACK->RST+ACK\",\"share\":0.91}],\"by\":[\"sni\"]," \
	"\"transports\":[\"tcp\"],\"families\":[\"ipv4\"],\"prefixes\":[\"104.244.40.0/21\"],\"sites\":[\"lahore\"]," \
	"\"responder\":{\"hops\":3,\"rtt_ms\":7.4,\"server_hops\":12,\"server_rtt_ms\":92.0},\"clients\":\"20-49\"," \
	"\"rule\":\"urn-cusum/1\",\"ranges\":\"2026-11-01\",\"version\":\"0.1.0\"}"
#define INCIDENT_OBJECT	      INCIDENT_WITH("800")
#define INCIDENT_OBJECT_OTHER INCIDENT_WITH("100")

static inline bool is_blocked(int minute)
{
	return minute >= BLOCKED_FROM && minute < BLOCKED_TO && (minute < BREAK_FROM || minute >= BREAK_TO);
}

static inline void play_evening(struct history *h)
{
	static const struct keep_books books = { .opened = 50, .judged = 48, .lost = 1, .unparsed = 2 };

	history_ranges(h, MINUTE(0), "2026-11-01", "0123456789abcdef");
	for (int minute = 0; minute < EVENING; minute++) {
		if (minute >= UNSEEN_FROM && minute < UNSEEN_TO)
			continue;
		count(h, MINUTE(minute), is_blocked(minute) ? &was_reset : &was_ok, EACH);
		for (int i = 0; i < 10; i++)
			history_count(h, MINUTE(minute), "google", false, "", "64.233.160.0/19", &was_ok);
		history_books(h, MINUTE(minute), &books);
	}
	history_clients(h, MINUTE(200), "x", "lahore", "20-49");
	history_incident(h, MINUTE(131), INCIDENT_ID, "x", MINUTE(BLOCKED_FROM), 0, "likely_blocked",
			 INCIDENT_OBJECT);
	history_incident(h, MINUTE(BLOCKED_TO), INCIDENT_ID, "x", MINUTE(BLOCKED_FROM), MINUTE(BLOCKED_TO),
			 "blocked", INCIDENT_OBJECT);
	assert_int_equal(history_step(h, MINUTE(EVENING)), 0);
}

#endif
