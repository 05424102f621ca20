/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommands: one file, one function, one row in main.c's table each. */
#ifndef XREACH_CMD_H
#define XREACH_CMD_H

int cmd_top(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_ranges(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_purge(int argc, char **argv);
int cmd_detach(int argc, char **argv);

#endif
