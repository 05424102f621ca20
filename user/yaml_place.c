// SPDX-License-Identifier: GPL-2.0
/* Where in a YAML text something stands. Used only to say where an error is, so each call reads it anew. */
#include "yaml_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static unsigned int line_of(const yaml_node_t *node)
{
	return (unsigned int)node->start_mark.line + 1;
}

static int read_document(yaml_parser_t *parser, yaml_document_t *document, const char *text, size_t len)
{
	if (!yaml_parser_initialize(parser))
		return -ENOMEM;
	yaml_parser_set_input_string(parser, (const unsigned char *)text, len);
	return yaml_parser_load(parser, document) ? 0 : -EINVAL;
}

/* +1 where something begins that holds others, -1 where it ends. */
static int step_of(yaml_event_type_t type)
{
	switch (type) {
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return 1;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return -1;
	default:
		return 0;
	}
}

/*
 * The library looks at every level that is open with each word that it reads, and goes down by calling itself. So what is
 * nested without end must not reach it as a whole. What is no YAML at all is not said here.
 */
static int check_depth(const char *text, size_t len, unsigned int *line, char *error, size_t n)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int depth = 0;
	bool ended = false;

	if (!yaml_parser_initialize(&parser)) {
		snprintf(error, n, "out of memory");
		return -ENOMEM;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (!ended && depth <= YAML_PLACE_DEPTH && yaml_parser_parse(&parser, &event)) {
		ended = event.type == YAML_STREAM_END_EVENT;
		depth += step_of(event.type);
		if (depth > YAML_PLACE_DEPTH) {
			*line = (unsigned int)event.start_mark.line + 1;
			snprintf(error, n, "more than %d levels, one in the other; no setting has more than four",
				 YAML_PLACE_DEPTH);
		}
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return depth > YAML_PLACE_DEPTH ? -EINVAL : 0;
}

int yaml_place_syntax(const char *text, size_t len, unsigned int *line, char *error, size_t n)
{
	yaml_document_t document;
	yaml_parser_t parser;
	yaml_node_t *second;
	int err = check_depth(text, len, line, error, n);

	if (err)
		return err;
	err = read_document(&parser, &document, text, len);
	if (err == -ENOMEM) {
		snprintf(error, n, "out of memory");
		return err;
	}
	if (!err) {
		yaml_document_delete(&document);
		err = yaml_parser_load(&parser, &document) ? 0 : -EINVAL;
	}
	if (err) {
		*line = (unsigned int)parser.problem_mark.line + 1;
		snprintf(error, n, "no YAML at column %zu: %s; check indentation and quotes",
			 parser.problem_mark.column + 1, parser.problem ? parser.problem : "unreadable");
	} else {
		/* behind the last document comes an empty one */
		second = yaml_document_get_root_node(&document);
		if (second) {
			*line = (unsigned int)document.start_mark.line + 1;
			snprintf(error, n, "a second document begins here; put all into one, without '---'");
			err = -EINVAL;
		}
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return err;
}

static bool is_text(const yaml_node_t *node, const char *text, size_t len)
{
	return node && node->type == YAML_SCALAR_NODE && node->data.scalar.length == len &&
	       !memcmp(node->data.scalar.value, text, len);
}

/* One step down: a key of a mapping, or a number in a sequence. */
static yaml_node_t *child(yaml_document_t *document, const yaml_node_t *node, const char *step, size_t len)
{
	yaml_node_pair_t *pair;
	yaml_node_item_t *item;

	if (node->type == YAML_MAPPING_NODE)
		for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
			if (is_text(yaml_document_get_node(document, pair->key), step, len))
				return yaml_document_get_node(document, pair->value);
	if (node->type == YAML_SEQUENCE_NODE) {
		item = node->data.sequence.items.start + strtoul(step, NULL, 10);
		if (item < node->data.sequence.items.top)
			return yaml_document_get_node(document, *item);
	}
	return NULL;
}

/* What is at "sites/2/prefixes/0", or NULL; the line of as much of that as is there. */
static const yaml_node_t *walk(yaml_document_t *document, const char *path, unsigned int *line)
{
	yaml_node_t *node = yaml_document_get_root_node(document);
	size_t step;

	for (; node && *path; path += step + (path[step] == '/')) {
		step = strcspn(path, "/");
		node = child(document, node, path, step);
		if (node)
			*line = line_of(node);
	}
	return node;
}

unsigned int yaml_place_path(const char *text, size_t len, const char *path)
{
	yaml_document_t document;
	yaml_parser_t parser;
	unsigned int line = 0;

	if (!read_document(&parser, &document, text, len)) {
		walk(&document, path, &line);
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return line;
}

bool yaml_place_is_empty_text(const char *text, size_t len, const char *path)
{
	yaml_document_t document;
	yaml_parser_t parser;
	const yaml_node_t *node;
	unsigned int ignored;
	bool is = false;

	if (!read_document(&parser, &document, text, len)) {
		node = walk(&document, path, &ignored);
		is = is_text(node, "", 0) && node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return is;
}

unsigned int yaml_place_key(const char *text, size_t len, const char *key, unsigned int from)
{
	yaml_document_t document;
	yaml_parser_t parser;
	unsigned int line = 0;
	yaml_node_t *node;

	if (!read_document(&parser, &document, text, len)) {
		for (node = document.nodes.start; node < document.nodes.top; node++) {
			yaml_node_pair_t *pair;

			if (node->type != YAML_MAPPING_NODE)
				continue;
			for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
				const yaml_node_t *found = yaml_document_get_node(&document, pair->key);

				if (is_text(found, key, strlen(key)) && line_of(found) >= from &&
				    (!line || line_of(found) < line))
					line = line_of(found);
			}
		}
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return line;
}
