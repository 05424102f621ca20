// SPDX-License-Identifier: GPL-2.0
/* Capture files: every link type becomes Ethernet, lengths and times stay true, and broken files say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pcap/pcap.h>

#include "load/capture.h"
#include "unit/files.h"

#define SECOND	 1700000000u
#define N(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	struct files files;
	struct capture *capture;
	__u8 bytes[65536]; /* of the file that is being written */
	size_t n;
	char error[512];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	files_begin(&f->files);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	capture_close(f->capture);
	files_end(&f->files);
	free(f);
	return 0;
}

static void put(struct fixture *f, const void *bytes, size_t n)
{
	assert_true(f->n + n <= sizeof(f->bytes));
	memcpy(f->bytes + f->n, bytes, n);
	f->n += n;
}

static void put32(struct fixture *f, __u32 value)
{
	put(f, &value, sizeof(value));
}

/* The head of a pcap file; `magic` tells microseconds from nanoseconds. */
static void begin(struct fixture *f, __u32 magic, __u32 link)
{
	f->n = 0;
	put32(f, magic);
	put32(f, 2 | 4 << 16);
	put32(f, 0);
	put32(f, 0);
	put32(f, 262144);
	put32(f, link);
}
#define MICROSECONDS 0xa1b2c3d4u
#define NANOSECONDS  0xa1b23c4du

static void packet(struct fixture *f, __u32 second, __u32 fraction, const void *bytes, __u32 n, __u32 wire)
{
	put32(f, second);
	put32(f, fraction);
	put32(f, n);
	put32(f, wire);
	put(f, bytes, n);
}

static int open_file(struct fixture *f)
{
	files_write(&f->files, "x.pcap", f->bytes, f->n);
	capture_close(f->capture);
	f->capture = NULL;
	f->error[0] = '\0';
	return capture_open(f->files.path, &f->capture, f->error, sizeof(f->error));
}

static void start(struct fixture *f)
{
	if (open_file(f))
		fail_msg("%s", f->error);
}

static struct capture_frame next(struct fixture *f)
{
	struct capture_frame frame;

	assert_int_equal(capture_next(f->capture, &frame, f->error, sizeof(f->error)), 1);
	return frame;
}

static void assert_end(struct fixture *f)
{
	struct capture_frame frame;

	assert_int_equal(capture_next(f->capture, &frame, f->error, sizeof(f->error)), 0);
}

static void assert_error(struct fixture *f, int err, const char *complaint)
{
	size_t name;

	assert_int_equal(err, open_file(f));
	name = strlen(f->files.path);
	assert_null(f->capture);
	assert_memory_equal(f->error, f->files.path, name);
	assert_string_equal(f->error + name, complaint);
}

static void an_ethernet_frame_is_handed_on_as_it_is(void **state)
{
	struct capture_frame frame;
	struct fixture *f = *state;
	__u8 bytes[60];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (__u8)i;
	begin(f, MICROSECONDS, DLT_EN10MB);
	packet(f, SECOND, 123456, bytes, 60, 60);
	packet(f, SECOND + 1, 999999, bytes, 20, 1514);
	start(f);
	frame = next(f);
	assert_int_equal(frame.len, 60);
	assert_int_equal(frame.wire_len, 60);
	assert_memory_equal(frame.bytes, bytes, 60);
	assert_true(frame.ns == SECOND * 1000000000ull + 123456000);
	frame = next(f);
	assert_int_equal(frame.len, 20);
	assert_int_equal(frame.wire_len, 1514);
	assert_true(frame.ns == (SECOND + 1) * 1000000000ull + 999999000);
	assert_end(f);
	assert_end(f);
}

/* A pcapng file may say that its clock counts whole seconds, and then has 64 bits of them. */
static void a_time_that_no_calendar_has_is_none(void **state)
{
	static const __u8 resolution[4] = { 0 }; /* 10^0 */
	struct fixture *f = *state;
	const __u64 second = 18446744073ull; /* in nanoseconds a hair below 2^64 */
	__u8 bytes[20] = { 0 };

	f->n = 0;
	put32(f, 0x0a0d0d0a); /* section header */
	put32(f, 28);
	put32(f, 0x1a2b3c4d);
	put32(f, 1);
	put32(f, 0xffffffff);
	put32(f, 0xffffffff);
	put32(f, 28);
	put32(f, 1); /* interface: Ethernet, if_tsresol */
	put32(f, 32);
	put32(f, DLT_EN10MB);
	put32(f, 0);
	put32(f, 9 | 1 << 16);
	put(f, resolution, sizeof(resolution));
	put32(f, 0);
	put32(f, 32);
	put32(f, 6); /* enhanced packet */
	put32(f, 32 + sizeof(bytes));
	put32(f, 0);
	put32(f, (__u32)(second >> 32));
	put32(f, (__u32)second);
	put32(f, sizeof(bytes));
	put32(f, sizeof(bytes));
	put(f, bytes, sizeof(bytes));
	put32(f, 32 + sizeof(bytes));
	start(f);
	assert_true(next(f).ns == 0);
	assert_end(f);
}

/* A fraction that fills its 32 bits is below zero to libpcap: before 1970, or 584 years after it. */
static void a_fraction_below_zero_makes_no_time(void **state)
{
	struct fixture *f = *state;

	begin(f, MICROSECONDS, DLT_EN10MB);
	packet(f, 0, 0xffff0000, "12345678901234", 14, 14);
	packet(f, SECOND, 0x80000000, "12345678901234", 14, 14);
	start(f);
	assert_true(next(f).ns == 0);
	assert_true(next(f).ns == 0);
}

static void nanoseconds_keep_their_precision(void **state)
{
	struct fixture *f = *state;

	begin(f, NANOSECONDS, DLT_EN10MB);
	packet(f, SECOND, 123456789, "12345678901234", 14, 14);
	start(f);
	assert_true(next(f).ns == SECOND * 1000000000ull + 123456789);
}

static void a_capture_may_begin_with_the_clock(void **state)
{
	struct fixture *f = *state;

	begin(f, MICROSECONDS, DLT_EN10MB);
	packet(f, 0, 5, "12345678901234", 14, 14); /* 1970: times from zero, as generated captures have them */
	start(f);
	assert_true(next(f).ns == 5000);
}

/* Other link headers: bytes, the length of their own header, and the Ethernet type that is made of it. */
static void every_link_header_becomes_an_ethernet_one(void **state)
{
	static const struct {
		__u32 link;
		__u8 head[24], cut;
		__u16 type;
	} rows[] = {
		{ 101 /* LINKTYPE_RAW */, { 0x45 }, 0, 0x0800 },
		{ 101, { 0x60 }, 0, 0x86dd },
		{ 228 /* LINKTYPE_IPV4 */, { 0x45 }, 0, 0x0800 },
		{ 229 /* LINKTYPE_IPV6 */, { 0x60 }, 0, 0x86dd },
		{ DLT_LINUX_SLL, { [14] = 0x08, 0x00 }, 16, 0x0800 },
		{ DLT_LINUX_SLL, { [14] = 0x86, 0xdd }, 16, 0x86dd },
		{ DLT_LINUX_SLL, { [14] = 0x81, 0x00 }, 16, 0x8100 }, /* a tag of a VLAN goes on as one */
		{ DLT_LINUX_SLL2, { 0x08, 0x00 }, 20, 0x0800 },
		{ DLT_LINUX_SLL2, { 0x86, 0xdd }, 20, 0x86dd },
		{ 9 /* LINKTYPE_PPP */, { 0x00, 0x21 }, 2, 0x0800 },
		{ 9, { 0xff, 0x03, 0x00, 0x57 }, 4, 0x86dd },
		{ 9, { 0x21 }, 1, 0x0800 },
		{ 9, { 0xc0, 0x21 }, 2, 0 }, /* LCP: no packet of any host */
		{ 50 /* LINKTYPE_PPP_HDLC */, { 0xff, 0x03, 0x57 }, 3, 0x86dd },
		{ 0 /* LINKTYPE_NULL */, { 0x02, 0, 0, 0, 0x45 }, 4, 0x0800 },
		{ 108 /* LINKTYPE_LOOP */, { 0, 0, 0, 30, 0x60 }, 4, 0x86dd },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < N(rows); i++) {
		const __u8 made[14] = { [12] = rows[i].type >> 8, rows[i].type & 0xff };
		struct capture_frame frame;
		__u8 bytes[64];

		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = (__u8)(100 + j);
		memcpy(bytes, rows[i].head, rows[i].cut);
		if (rows[i].head[rows[i].cut]) /* the version of what follows */
			bytes[rows[i].cut] = rows[i].head[rows[i].cut];
		begin(f, MICROSECONDS, rows[i].link);
		packet(f, SECOND, 0, bytes, sizeof(bytes), 1000);
		start(f);
		frame = next(f);
		assert_int_equal(frame.len, 14 + sizeof(bytes) - rows[i].cut);
		assert_int_equal(frame.wire_len, 14 + 1000 - rows[i].cut);
		assert_memory_equal(frame.bytes, made, 14);
		assert_memory_equal(frame.bytes + 14, bytes + rows[i].cut, sizeof(bytes) - rows[i].cut);
		assert_end(f);
	}
}

static void a_frame_too_short_for_its_own_header_is_an_empty_one(void **state)
{
	static const struct {
		__u32 link, whole;
	} rows[] = { { 101, 1 }, { DLT_LINUX_SLL, 16 }, { DLT_LINUX_SLL2, 20 }, { 9, 2 }, { 0, 5 } };
	static const __u8 ip[32] = { 0x45 }, ppp[32] = { 0x00, 0x21 };
	struct fixture *f = *state;

	for (size_t i = 0; i < N(rows); i++) {
		const __u8 *bytes = rows[i].link == 9 ? ppp : ip;

		begin(f, MICROSECONDS, rows[i].link);
		packet(f, SECOND, 0, bytes, rows[i].whole - 1, 60);
		packet(f, SECOND, 0, bytes, rows[i].whole, 60);
		start(f);
		assert_int_equal(next(f).len, 0);
		assert_int_equal(next(f).len, rows[i].link == 101 || !rows[i].link ? 15 : 14);
		assert_end(f);
	}
}

static void a_long_frame_is_cut_and_keeps_its_length_on_the_wire(void **state)
{
	static __u8 bytes[20000];
	struct fixture *f = *state;
	struct capture_frame frame;

	bytes[0] = 0x45;
	begin(f, MICROSECONDS, DLT_EN10MB);
	packet(f, SECOND, 0, bytes, sizeof(bytes), sizeof(bytes));
	start(f);
	frame = next(f);
	assert_int_equal(frame.len, CAPTURE_FRAME_MAX);
	assert_int_equal(frame.wire_len, sizeof(bytes));
	begin(f, MICROSECONDS, 101);
	packet(f, SECOND, 0, bytes, sizeof(bytes), sizeof(bytes));
	start(f);
	frame = next(f);
	assert_int_equal(frame.len, CAPTURE_FRAME_MAX);
	assert_int_equal(frame.wire_len, 14 + sizeof(bytes));
}

static void a_length_on_the_wire_that_cannot_be_is_never_less_than_what_is_here(void **state)
{
	static const __u32 wires[] = { 0, 1, 59, 0x7fffffff, 0xfffffff0u, 0xffffffffu };
	static const __u32 links[] = { DLT_EN10MB, 101, DLT_LINUX_SLL2 };
	static const __u8 bytes[60] = { 0x45 };
	struct fixture *f = *state;

	for (size_t i = 0; i < N(wires); i++) {
		for (size_t j = 0; j < N(links); j++) {
			struct capture_frame frame;

			begin(f, MICROSECONDS, links[j]);
			packet(f, SECOND, 0, bytes, sizeof(bytes), wires[i]);
			start(f);
			frame = next(f);
			assert_true(frame.wire_len >= frame.len);
		}
	}
}

static void a_file_that_ends_amid_a_frame_gives_what_came_before_and_then_an_error(void **state)
{
	struct fixture *f = *state;
	struct capture_frame frame;
	size_t whole;

	begin(f, MICROSECONDS, DLT_EN10MB);
	packet(f, SECOND, 0, "12345678901234567890", 20, 20);
	whole = f->n;
	packet(f, SECOND, 0, "12345678901234567890", 20, 20);
	for (size_t end = whole + 1; end < whole + 36; end++) {
		f->n = end;
		start(f);
		next(f);
		assert_int_equal(capture_next(f->capture, &frame, f->error, sizeof(f->error)), -EIO);
		assert_memory_equal(f->error, f->files.path, strlen(f->files.path));
		assert_non_null(strstr(f->error, ": after 1 packets: "));
		assert_non_null(strstr(f->error, "; what follows is not read"));
	}
	f->n = whole;
	start(f);
	next(f);
	assert_end(f);
}

static void a_frame_longer_than_any_is_an_error_and_no_allocation(void **state)
{
	struct fixture *f = *state;
	struct capture_frame frame;

	begin(f, MICROSECONDS, DLT_EN10MB);
	put32(f, SECOND);
	put32(f, 0);
	put32(f, 0x7fffffff);
	put32(f, 0x7fffffff);
	start(f);
	assert_int_equal(capture_next(f->capture, &frame, f->error, sizeof(f->error)), -EIO);
	assert_non_null(strstr(f->error, ": after 0 packets: "));
}

static void a_capture_of_the_other_byte_order_is_read(void **state)
{
	struct fixture *f = *state;
	struct capture_frame frame;

	begin(f, MICROSECONDS, DLT_EN10MB);
	packet(f, SECOND, 7, "12345678901234", 14, 1000);
	for (size_t i = 0; i < 40; i += 4) {
		__u8 *p = f->bytes + i, swapped[4] = { p[3], p[2], p[1], p[0] };

		if (i == 4) { /* two halves: the version */
			swapped[0] = p[1];
			swapped[1] = p[0];
			swapped[2] = p[3];
			swapped[3] = p[2];
		}
		memcpy(p, swapped, 4);
	}
	start(f);
	frame = next(f);
	assert_int_equal(frame.len, 14);
	assert_int_equal(frame.wire_len, 1000);
	assert_true(frame.ns == SECOND * 1000000000ull + 7000);
}

static void a_pcapng_is_read_with_the_times_of_its_interface(void **state)
{
	static const __u8 payload[16] = { 0x45, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned long long nanoseconds = SECOND * 1000000000ull + 123456789;
	struct fixture *f = *state;
	struct capture_frame frame;

	f->n = 0;
	put32(f, 0x0a0d0d0a); /* section */
	put32(f, 28);
	put32(f, 0x1a2b3c4d);
	put32(f, 1);
	put32(f, 0xffffffffu);
	put32(f, 0xffffffffu);
	put32(f, 28);
	put32(f, 1); /* interface: raw IP, nanoseconds */
	put32(f, 32);
	put32(f, 101);
	put32(f, 65535);
	put32(f, 9 | 1 << 16); /* if_tsresol */
	put32(f, 9);
	put32(f, 0);
	put32(f, 32);
	put32(f, 6); /* packet */
	put32(f, 48);
	put32(f, 0);
	put32(f, (__u32)(nanoseconds >> 32));
	put32(f, (__u32)nanoseconds);
	put32(f, sizeof(payload));
	put32(f, 500);
	put(f, payload, sizeof(payload));
	put32(f, 48);
	start(f);
	frame = next(f);
	assert_int_equal(frame.len, 30);
	assert_int_equal(frame.wire_len, 514);
	assert_memory_equal(frame.bytes + 14, payload, sizeof(payload));
	assert_true(frame.ns == nanoseconds);
	assert_end(f);
}

static void a_file_that_is_no_capture_is_refused_with_what_is_wanted(void **state)
{
	struct fixture *f = *state;

	f->n = 0;
	assert_int_equal(open_file(f), -EINVAL);
	assert_non_null(strstr(f->error, "; a pcap or pcapng file is wanted"));
	put(f, "<!DOCTYPE html><html>no capture</html>", 38);
	assert_error(f, -EINVAL, ": unknown file format; a pcap or pcapng file is wanted");
	assert_int_equal(capture_open(f->files.directory, &f->capture, f->error, sizeof(f->error)), -EINVAL);
	assert_null(f->capture);
}

static void a_file_that_is_not_there_is_said(void **state)
{
	struct fixture *f = *state;
	char expected[256];

	files_path(&f->files, "none");
	assert_int_equal(capture_open(f->files.path, &f->capture, f->error, sizeof(f->error)), -ENOENT);
	snprintf(expected, sizeof(expected), "%s: No such file or directory", f->files.path);
	assert_string_equal(f->error, expected);
}

static void another_link_type_is_refused_by_name(void **state)
{
	struct fixture *f = *state;

	begin(f, MICROSECONDS, DLT_IEEE802_11);
	assert_error(
		f, -EPROTONOSUPPORT,
		": link type IEEE802_11 (105) is not read; Ethernet, raw IP, PPP, loopback and Linux cooked captures are");
	begin(f, MICROSECONDS, 65000);
	assert_error(
		f, -EPROTONOSUPPORT,
		": link type unknown (65000) is not read; Ethernet, raw IP, PPP, loopback and Linux cooked captures are");
}

static void progress_goes_from_nothing_to_all(void **state)
{
	struct fixture *f = *state;
	double last = 0;

	begin(f, MICROSECONDS, DLT_EN10MB);
	for (unsigned int i = 0; i < 500; i++)
		packet(f, SECOND, i, "12345678901234567890", 20, 20);
	start(f);
	for (unsigned int i = 0; i < 500; i++) {
		next(f);
		assert_true(capture_progress(f->capture) >= last && capture_progress(f->capture) <= 1);
		last = capture_progress(f->capture);
	}
	assert_end(f);
	assert_true(capture_progress(f->capture) == 1);
}

static void nothing_to_close_is_fine(void **state)
{
	(void)state;
	capture_close(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_ethernet_frame_is_handed_on_as_it_is),
		T(nanoseconds_keep_their_precision),
		T(a_time_that_no_calendar_has_is_none),
		T(a_fraction_below_zero_makes_no_time),
		T(a_capture_may_begin_with_the_clock),
		T(every_link_header_becomes_an_ethernet_one),
		T(a_frame_too_short_for_its_own_header_is_an_empty_one),
		T(a_long_frame_is_cut_and_keeps_its_length_on_the_wire),
		T(a_length_on_the_wire_that_cannot_be_is_never_less_than_what_is_here),
		T(a_file_that_ends_amid_a_frame_gives_what_came_before_and_then_an_error),
		T(a_frame_longer_than_any_is_an_error_and_no_allocation),
		T(a_capture_of_the_other_byte_order_is_read),
		T(a_pcapng_is_read_with_the_times_of_its_interface),
		T(a_file_that_is_no_capture_is_refused_with_what_is_wanted),
		T(a_file_that_is_not_there_is_said),
		T(another_link_type_is_refused_by_name),
		T(progress_goes_from_nothing_to_all),
		cmocka_unit_test(nothing_to_close_is_fine),
	};

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
