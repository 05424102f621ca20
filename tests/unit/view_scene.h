/* SPDX-License-Identifier: GPL-2.0 */
/* A view as an edge under a block would give it, for the tests of what is shown. */
#ifndef TESTS_VIEW_SCENE_H
#define TESTS_VIEW_SCENE_H

#include <stdio.h>
#include <string.h>

#include "show/view.h"

struct view_scene {
	struct view view;
	struct view_flow flows[VIEW_FLOWS];
	struct view_prefix prefixes[3];
	struct view_signature signatures[3];
	struct view_hook hooks[3];
	struct view_ledger ledger[9];
	struct view_astray astray[2];
};

#define SCENE_NOON 1768478400 /* 2026-01-15 12:00:00 UTC */

static inline void scene_group(struct view *v, const char *name, bool target, double failing,
			       unsigned long long attempts)
{
	struct view_group *g = &v->groups[v->n_groups++];

	*g = (struct view_group){ .target = target,
				  .failing = failing,
				  .per_second = 7,
				  .attempts = attempts,
				  .sample = target ? 1 : 0.25 };
	snprintf(g->name, sizeof(g->name), "%s", name);
	snprintf(g->state, sizeof(g->state), failing < 0 ? "insufficient" : failing < 0.05 ? "ok" : "blocked");
	g->failed = failing > 0 ? (unsigned long long)((double)attempts * failing) : 0;
	g->succeeded = attempts - g->failed;
	for (int i = 0; i < VIEW_SPARK; i++)
		g->spark[i] = i < 50 || failing < 0 ? -1 : (signed char)(failing * 100);
}

static inline void scene_flow(struct view_flow *f, unsigned long long id, const char *server)
{
	*f = (struct view_flow){ .id = id,
				 .minute = SCENE_NOON,
				 .group = "x",
				 .site = "lahore",
				 .prefix = "104.244.40.0/21",
				 .port = 443,
				 .transport = "tcp",
				 .family = "ipv4",
				 .stage = "post_psh",
				 .outcome = "reset",
				 .signature = "PSH+ACK->RST+ACK",
				 .rtt_ms = 40.2,
				 .answer_hops = 2,
				 .server_hops = 3 };
	snprintf(f->server, sizeof(f->server), "%s", server);
}

/* A newer flow in front, as the board lists them. */
static inline void scene_add_flow(struct view_scene *s, unsigned long long id, const char *server)
{
	memmove(s->flows + 1, s->flows, s->view.n_flows * sizeof(s->flows[0]));
	s->view.n_flows++;
	scene_flow(&s->flows[0], id, server);
}

static inline void scene_init(struct view_scene *s, size_t flows)
{
	char server[32];

	memset(s, 0, sizeof(*s));
	s->view = (struct view){ .version = "0.1.0",
				 .host = "edge1",
				 .ranges = "2026-01-01 0123456789abcdef",
				 .now = SCENE_NOON + 30,
				 .since = SCENE_NOON - 3600,
				 .books_balance = true };
	scene_group(&s->view, "x", true, 0.93, 1200);
	scene_group(&s->view, "google", false, 0, 400);
	scene_group(&s->view, "wikimedia", false, -1, 0);
	s->view.flows = s->flows;
	for (size_t i = 0; i < flows; i++) {
		snprintf(server, sizeof(server), "104.244.42.%zu", i % 250 + 1);
		scene_add_flow(s, i + 1, server);
	}
	s->prefixes[0] = (struct view_prefix){ "104.244.40.0/21",
					       "x",
					       "own",
					       900,
					       850,
					       50,
					       0.94,
					       "PSH+ACK->RST+ACK",
					       "blocked",
					       "answerer 6 (6..6) hops; mechanism: sni" };
	s->prefixes[1] = (struct view_prefix){ "9.0.0.0/8", "x", "own", 300, 10, 290, 0.03, "SYN->0", "ok", "" };
	s->prefixes[2] = (struct view_prefix){ "142.250.0.0/15", "google", "own", 400, 0, 400, 0, "", "ok", "" };
	s->view.prefixes = s->prefixes;
	s->view.n_prefixes = 3;
	s->signatures[0] = (struct view_signature){ "PSH+ACK->RST+ACK", "post_psh", "reset", 860, 0 };
	s->signatures[1] = (struct view_signature){ "none", "later", "ok", 340, 400 };
	s->view.signatures = s->signatures;
	s->view.n_signatures = 2;
	s->hooks[0] = (struct view_hook){ "tc/ingress", "lan0", "tcx", true, "" };
	s->hooks[1] = (struct view_hook){ "tc/egress", "lan0", "tcx", true, "" };
	s->hooks[2] = (struct view_hook){ "kfree_skb", "tracepoint", "tp_btf", true, "" };
	s->view.hooks = s->hooks;
	s->view.n_hooks = 3;
	s->ledger[0] = (struct view_ledger){ "opened", 1650 };
	s->ledger[1] = (struct view_ledger){ "open", 50 };
	s->ledger[2] = (struct view_ledger){ "judged", 1600 };
	s->ledger[3] = (struct view_ledger){ "forgotten", 0 };
	s->ledger[4] = (struct view_ledger){ "lost/full", 0 };
	s->ledger[5] = (struct view_ledger){ "lost/busy", 0 };
	s->ledger[6] = (struct view_ledger){ "unparsed/fragment", 0 };
	s->ledger[7] = (struct view_ledger){ "hello_lost", 0 };
	s->ledger[8] = (struct view_ledger){ "packets", 100000 };
	s->view.ledger = s->ledger;
	s->view.n_ledger = 9;
	s->astray[0] = (struct view_astray){
		"x",  "x.com", "conflict", "10.10.34.34", 12.2,
		80.5, 4,       7,	   SCENE_NOON,	  "somebody gives false answers for these names"
	};
	s->astray[1] = (struct view_astray){
		"x", "t.co", "nxdomain", "",	     -1,
		-1,  -1,     1,		 SCENE_NOON, "somebody gives false answers for these names"
	};
	s->view.astray = s->astray;
	s->view.n_astray = 2;
}

#endif
