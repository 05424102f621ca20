// SPDX-License-Identifier: GPL-2.0
/* Counts on their way to the disk: see waiting.h. */
#include "keep/waiting.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 512
#define ROOM_KEPT  8192

/* FNV-1a over the key, which is all of the row before `flows`: rows are zeroed first, so padding is no chance. */
static __u64 hash(const struct waiting_row *row)
{
	const unsigned char *bytes = (const unsigned char *)row;
	__u64 h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < offsetof(struct waiting_row, flows); i++)
		h = (h ^ bytes[i]) * 0x100000001b3ull;
	return h;
}

static struct waiting_row *find(struct waiting_row *rows, size_t room, const struct waiting_row *key)
{
	size_t i = hash(key) & (room - 1);

	while (rows[i].flows && memcmp(&rows[i], key, offsetof(struct waiting_row, flows)))
		i = (i + 1) & (room - 1);
	return &rows[i];
}

static bool grow(struct waiting *w)
{
	size_t room = w->room ? w->room * 2 : ROOM_FIRST;
	struct waiting_row *rows = calloc(room, sizeof(*rows));

	if (!rows)
		return false;
	for (size_t i = 0; i < w->room; i++)
		if (w->rows[i].flows)
			memcpy(find(rows, room, &w->rows[i]), &w->rows[i], sizeof(*rows)); /* padding too */
	free(w->rows);
	w->rows = rows;
	w->room = room;
	return true;
}

static void copy_name(char *to, size_t n, const char *from)
{
	size_t length = strnlen(from, n - 1);

	memcpy(to, from, length);
}

bool waiting_count(struct waiting *w, __s64 second, const char *group, bool target, const char *site,
		   const char *prefix, const struct verdict *v)
{
	struct waiting_row key, *row;
	__s64 past = second % 60;

	memset(&key, 0, sizeof(key));
	key.minute = second - (past < 0 ? past + 60 : past);
	copy_name(key.group, sizeof(key.group), group);
	copy_name(key.site, sizeof(key.site), site);
	copy_name(key.prefix, sizeof(key.prefix), prefix);
	key.target = target;
	key.v6 = v->v6;
	key.quic = v->quic;
	key.stage = (__u8)v->stage;
	key.outcome = (__u8)v->outcome;
	key.signature = (__u8)v->signature;
	key.level = (__u8)v->level;
	key.class = (__u8)verdict_class(v);
	if (w->used * 2 >= w->room && w->used < WAITING_MAX && !grow(w) && w->used == w->room)
		return false;
	if (!w->room)
		return false;
	row = find(w->rows, w->room, &key);
	if (!row->flows) {
		if (w->used >= WAITING_MAX ||
		    w->used + 1 >= w->room) /* a free slot must stay, or find() never ends */
			return false;
		memcpy(row, &key, sizeof(key));
		w->used++;
	}
	row->flows++;
	return true;
}

void waiting_clear(struct waiting *w)
{
	w->used = 0;
	if (w->room > ROOM_KEPT) /* a bad day is over */
		waiting_free(w);
	else if (w->room)
		memset(w->rows, 0, w->room * sizeof(*w->rows));
}

void waiting_free(struct waiting *w)
{
	free(w->rows);
	*w = (struct waiting){};
}
