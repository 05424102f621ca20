/* SPDX-License-Identifier: GPL-2.0 */
/* An incident of the contract's example, on the board of board_scene.h. After cmocka.h. */
#ifndef XREACH_INCIDENT_SCENE_H
#define XREACH_INCIDENT_SCENE_H

#include "detect/incidents.h"
#include "unit/board_scene.h"

#define INCIDENT_SINCE 1708185850ll /* 2024-02-17T16:04:10Z */

static inline struct incident_report made_incident(void)
{
	struct incident_report r = {
		.in = { .group = 0,
			.state = WORD_BLOCKED,
			.worst = WORD_BLOCKED,
			.part = WORD_BLOCKED,
			.since = INCIDENT_SINCE,
			.detected = INCIDENT_SINCE + 9,
			.since_uncertainty_s = 4,
			.open = true,
			.proven = true,
			.attempts = 1630,
			.failures = 1602,
			.baseline = .0213,
			.control_share = .018,
			.n_phases = 1 },
		.at = INCIDENT_SINCE + 3600,
		.n_signatures = 2,
		.by = 1u << MECHANISM_SNI,
		.could_be = 1u << COULD_BE_BLOCK,
		.hops = 3,
		.ms = 7.44,
		.server_hops = 12,
		.server_ms = 92,
		.clients = "20-49",
	};

	r.in.phases[0] = (struct incident_phase){ .from = INCIDENT_SINCE, .state = WORD_BLOCKED };
	r.in.scope[STREAM_PREFIX][0] = P_X;
	r.in.n_scope[STREAM_PREFIX] = 1;
	r.in.affected[STREAM_PREFIX][0] = P_X;
	r.in.n_affected[STREAM_PREFIX] = 1;
	r.in.affected[STREAM_SITE][0] = 1;
	r.in.n_affected[STREAM_SITE] = 1;
	r.in.affected[STREAM_FAMILY][0] = 4;
	r.in.affected[STREAM_FAMILY][1] = 6;
	r.in.n_affected[STREAM_FAMILY] = 2;
	r.in.affected[STREAM_TRANSPORT][0] = 6;
	r.in.n_affected[STREAM_TRANSPORT] = 1;
	r.signatures[0].signature = SIGNATURE_PSH_RSTACK;
	r.signatures[0].share = .9104;
	r.signatures[1].signature = SIGNATURE_SYN_0;
	r.signatures[1].share = .05;
	return r;
}

#endif
