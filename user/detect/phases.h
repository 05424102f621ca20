/* SPDX-License-Identifier: GPL-2.0 */
/* The phases of an incident, which are many where it comes and goes for days, and bounded. */
#ifndef XREACH_PHASES_H
#define XREACH_PHASES_H

#include "detect/detector.h"

/*
 * From second `at` on it is in `state`; the one before has its end already. Where there is no room the two oldest become
 * one, from the first second of the one to the last of the other. Of all that time no more can be said in one word than
 * that it was clearly above the baseline, for it may have lifted in it: `impaired`. So `since`, all that is newer and what is
 * on stay as they are, and with INCIDENT_PHASES of them the first is to be read as such a sum.
 */
void phases_add(struct incident *in, __s64 at, enum word state);

#endif
