/* SPDX-License-Identifier: GPL-2.0 */
/* Keys, as the terminal gives them and the screen takes them. */
#ifndef XREACH_KEYS_H
#define XREACH_KEYS_H

/* A key is a character, or one of these (above all of Unicode). */
enum key {
	KEYS_FIRST = 0x110000,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_BACKSPACE,
	KEYS_BACK_TAB,
	KEYS_F1,
	KEYS_F4,
	KEYS_F6,
	KEYS_F10,
};
#define KEYS_TAB    '\t'
#define KEYS_ENTER  '\n'
#define KEYS_ESCAPE 27

#endif
