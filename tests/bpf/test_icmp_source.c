// SPDX-License-Identifier: GPL-2.0
/* Who sent an ICMP error: routers are written down, what may be somebody's address is not. */
#include <string.h>

#include "rig.h"

#define SITE4	  "198.19.0.0/16"
#define SITE6	  "2001:db8:5500::/40"
#define IN_SITE4  "198.19.200.1"
#define IN_SITE6  "2001:db8:55ab:1::1"
#define NEAR_SITE "198.18.255.1"

static int set_up(void **state)
{
	char *prefixes[] = { SITE4, SITE6 };
	struct setting_site site = { .name = "lahore", .prefixes = prefixes, .prefixes_count = 2 };
	const struct settings sites = { .sites = &site, .sites_count = 1 };
	char error[256] = "";
	struct rig *r;

	if (rig_set_up(state, 256))
		return -1;
	r = *state;
	if (object_sites(&r->object, &sites, error, sizeof(error)))
		fail_msg("%s", error);
	return 0;
}

static void error_from(struct talk *t, const char *source, __u8 type, __u8 code)
{
	struct packet_spec error = { .transport = ICMP_ERROR, .ttl = 250, .quoted = &t->up };

	packet_address(error.src, &error.v6, source);
	memcpy(error.dst, t->up.src, 16);
	error.icmp_type = type;
	error.icmp_code = code;
	rig_push(t->r, &error);
}

/* An attempt that an error from `source` ends; the record of it. */
static const struct wire_record *refused(struct rig *r, const char *source)
{
	bool v6 = strchr(source, ':');
	struct talk t;

	rig_reset(r);
	talk_start(&t, r, v6 ? CLIENT6 : CLIENT4, v6 ? SERVER6 : SERVER4);
	talk_syn(&t);
	rig_ms(r, 9);
	error_from(&t, source, v6 ? 1 : 3, v6 ? 1 : 13);
	rig_wait(r, 8000);
	assert_true(rig_final(r)->flow.seen & SEEN_ICMP);
	return rig_final(r);
}

static void assert_source(const struct wire_record *record, const char *want)
{
	__u8 source[16] = { [10] = 0xff, [11] = 0xff };
	bool v6;

	packet_address(source, &v6, want);
	if (!v6)
		memset(source + 10, 0xff, 2);
	assert_int_equal(record->has_evidence, 1);
	assert_int_equal(record->evidence.n_down + record->evidence.n_up, 0);
	assert_int_equal(record->evidence.has_icmp_source, 1);
	assert_memory_equal(record->evidence.icmp_source, source, 16);
}

/* Not that there is none told, but that nothing is held. */
static void assert_no_source(const struct wire_record *record)
{
	assert_int_equal(record->has_evidence, 0);
}

static void a_router_is_written_down(void **state)
{
	static const char *const routers[] = { "198.51.100.1", "10.0.0.1", "100.64.0.1", NEAR_SITE };

	for (size_t i = 0; i < sizeof(routers) / sizeof(*routers); i++)
		assert_source(refused(*state, routers[i]), routers[i]);
	assert_source(refused(*state, "2001:db8:1::1"), "2001:db8:1::1");
}

/* CLIENT4 and CLIENT6 are 192.0.2.77 and 2001:db8:86dd::77. */
static void the_client_and_who_is_near_it_are_not(void **state)
{
	static const char *const near[] = { CLIENT4, "192.0.2.1", "192.0.2.255", CLIENT6, "2001:db8:86dd:ffff::1" };

	for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++)
		assert_no_source(refused(*state, near[i]));
	assert_source(refused(*state, "192.0.3.77"), "192.0.3.77");
	assert_source(refused(*state, "192.0.1.77"), "192.0.1.77");
	assert_source(refused(*state, "2001:db8:86de::77"), "2001:db8:86de::77");
}

static void who_is_in_a_site_is_not(void **state)
{
	assert_no_source(refused(*state, IN_SITE4));
	assert_no_source(refused(*state, IN_SITE6));
	assert_source(refused(*state, "198.20.0.0"), "198.20.0.0");
	assert_source(refused(*state, "2001:db8:5600::1"), "2001:db8:5600::1");
}

static void an_address_of_one_link_is_not(void **state)
{
	assert_no_source(refused(*state, "169.254.3.4"));
	assert_no_source(refused(*state, "fe80::1"));
	assert_no_source(refused(*state, "febf::1"));
	assert_source(refused(*state, "fec0::1"), "fec0::1");
}

/* The outer source must not be taken from where another packet has it. */
static void it_is_the_outer_source_behind_tags_and_options(void **state)
{
	struct rig *r = *state;
	struct talk t;

	for (enum below below = BELOW_ETHERNET; below < BELOW_RAW; below++) {
		struct packet_spec error = { .transport = ICMP_ERROR, .ttl = 250, .below = below };

		rig_reset(r);
		talk_start(&t, r, CLIENT4, SERVER4);
		talk_syn(&t);
		packet_address(error.src, &error.v6, "198.51.100.1");
		memcpy(error.dst, t.up.src, 16);
		error.quoted = &t.up;
		error.odd = ODD_OPTIONS;
		error.icmp_type = 3;
		error.icmp_code = 9;
		rig_push(r, &error);
		rig_wait(r, 8000);
		assert_source(rig_final(r), "198.51.100.1");
	}
	rig_reset(r);
	talk_start(&t, r, CLIENT6, SERVER6);
	talk_syn(&t);
	for (int i = 0; i < 2; i++) {
		struct packet_spec error = { .transport = ICMP_ERROR, .ttl = 250, .quoted = &t.up };

		packet_address(error.src, &error.v6, "2001:db8:1::1");
		memcpy(error.dst, t.up.src, 16);
		error.odd = ODD_HOP_BY_HOP | ODD_DST_OPTS;
		error.icmp_type = 1;
		error.icmp_code = 1;
		rig_push(r, &error);
	}
	rig_wait(r, 8000);
	assert_source(rig_final(r), "2001:db8:1::1");
}

static void the_first_error_counts_until_it_is_answered(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	error_from(&t, "198.51.100.1", 3, 1);
	error_from(&t, "198.51.100.2", 3, 13);
	rig_wait(r, 8000);
	assert_source(rig_final(r), "198.51.100.1");

	for (int private = 0; private < 2; private ++) {
		rig_reset(r);
		talk_start(&t, r, CLIENT4, SERVER4);
		talk_syn(&t);
		error_from(&t, "198.51.100.1", 3, 1);
		rig_ms(r, 40);
		talk_synack(&t);
		talk_up(&t, ACK, 1, 1, 0);
		talk_up(&t, PSH | ACK, 1, 1, 100);
		error_from(&t, private ? "192.0.2.1" : "198.51.100.2", 3, 13);
		rig_wait(r, 8000);
		assert_int_equal(rig_final(r)->flow.icmp_code, 13);
		if (private) /* rather none than one that sent another */
			assert_int_equal(rig_final(r)->evidence.has_icmp_source, 0);
		else
			assert_source(rig_final(r), "198.51.100.2");
	}
}

static void a_stray_error_leaves_no_source(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	t.up.seq = t.isn_up + 5000;
	error_from(&t, "198.51.100.1", 3, 1);
	assert_int_equal(rig_count(r, COUNT_ICMP_STRAY), 1);
	rig_wait(r, 64000);
	assert_no_source(rig_final(r));
}

static void resets_stand_beside_it(void **state)
{
	struct rig *r = *state;
	const struct wire_evidence *e;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	error_from(&t, "198.51.100.1", 3, 1);
	talk_down(&t, RST | ACK, 1, 101, 0);
	rig_wait(r, 12000);
	e = &rig_final(r)->evidence;
	assert_int_equal(rig_final(r)->has_evidence, 1);
	assert_int_equal(e->n_down, 1);
	assert_int_equal(e->has_icmp_source, 1);
}

#define T(f) cmocka_unit_test_setup(f, rig_before_each)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_router_is_written_down),
		T(the_client_and_who_is_near_it_are_not),
		T(who_is_in_a_site_is_not),
		T(an_address_of_one_link_is_not),
		T(it_is_the_outer_source_behind_tags_and_options),
		T(the_first_error_counts_until_it_is_answered),
		T(a_stray_error_leaves_no_source),
		T(resets_stand_beside_it),
	};

	return cmocka_run_group_tests_name("icmp_source", tests, set_up, rig_tear_down);
}
