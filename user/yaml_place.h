/* SPDX-License-Identifier: GPL-2.0 */
/* Where in a YAML text something stands: libcyaml forgets the lines of what it has read. */
#ifndef XREACH_YAML_PLACE_H
#define XREACH_YAML_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define YAML_PLACE_DEPTH 16 /* levels, one in the other */
/* Is it YAML at all, of no more levels than that, and one document? 0; or -EINVAL, with what is wrong in error, and the line. */
int yaml_place_syntax(const char *text, size_t len, unsigned int *line, char *error, size_t n);
/* Line of "sites/2/prefixes/0", or of as much of it as is there; 0 where nothing is. */
unsigned int yaml_place_path(const char *text, size_t len, const char *path);
/* Does "" or '' stand there? Nothing at all, which libcyaml takes for the same, is something else. */
bool yaml_place_is_empty_text(const char *text, size_t len, const char *path);
/* Line of the first such key at or after a line; 0 where there is none. */
unsigned int yaml_place_key(const char *text, size_t len, const char *key, unsigned int from);

#endif
