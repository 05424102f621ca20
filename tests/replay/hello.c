// SPDX-License-Identifier: GPL-2.0
/* ClientHellos of scenes, by the builder that the unit tests use: see hello.h. */
#include "hello.h"

#include "unit/hello_scene.h"

size_t hello_write(const struct hello_spec *spec, uint8_t *to)
{
	struct bytes message = { .n = 0 }, records = { .n = 0 };
	struct hello_lengths lengths = open_hello(&message);

	put_extension(&message, EXT_KEY_SHARE, spec->share);
	if (spec->ech)
		put_extension(&message, EXT_ECH, 186);
	if (spec->esni)
		put_extension(&message, EXT_ESNI, 366);
	if (spec->name)
		put_server_name(&message, spec->name, strlen(spec->name));
	put_extension(&message, 43, 7);
	close_hello(&message, lengths);
	put_records(&records, &message, spec->record);
	memcpy(to, records.at, records.n);
	return records.n;
}
