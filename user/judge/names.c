// SPDX-License-Identifier: GPL-2.0
/* The strings of the contract for what a verdict holds. */
#include "judge/verdict.h"

#define NAME(name, label) label,
#define NAME_OF(names, i) ((unsigned int)(i) < sizeof(names) / sizeof((names)[0]) ? (names)[i] : "unknown")

static const char *const stages[] = {
	[STAGE_POST_SYN] = "post_syn",
	[STAGE_POST_ACK] = "post_ack",
	[STAGE_POST_PSH] = "post_psh",
	[STAGE_LATER] = "later",
};
static const char *const outcomes[] = { OUTCOME_TABLE(NAME) };
static const char *const reasons[] = { REASON_TABLE(NAME) };
static const char *const signatures[] = { SIGNATURE_TABLE(NAME) };
static const char *const snis[] = {
	[SNI_UNKNOWN] = "unknown", [SNI_MATCH] = "match", [SNI_OTHER] = "other",
	[SNI_NONE] = "none",	   [SNI_ECH] = "ech",
};
static const char *const levels[] = {
	[LEVEL_NONE] = "none",
	[LEVEL_SUSPECTED] = "suspected",
	[LEVEL_HIGH] = "high",
};

static_assert(sizeof(stages) / sizeof(stages[0]) == STAGES, "a stage has no name");
static_assert(sizeof(snis) / sizeof(snis[0]) == SNIS, "an sni has no name");
static_assert(sizeof(levels) / sizeof(levels[0]) == LEVELS, "a level has no name");

const char *stage_name(enum stage stage)
{
	return NAME_OF(stages, stage);
}

const char *outcome_name(enum outcome outcome)
{
	return NAME_OF(outcomes, outcome);
}

const char *reason_name(enum reason reason)
{
	return NAME_OF(reasons, reason);
}

const char *signature_name(enum signature signature)
{
	return NAME_OF(signatures, signature);
}

const char *sni_name(enum sni sni)
{
	return NAME_OF(snis, sni);
}

const char *level_name(enum level level)
{
	return NAME_OF(levels, level);
}
