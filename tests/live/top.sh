#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The live view, driven as a person would: in a terminal (tmux), on the edge, while X is blocked by name. What the
# screen must show at two sizes, what the keys do, and that the terminal is given back on every way out.
. "$(dirname "$0")/lib.sh"
export LANG=C.UTF-8 TZ=UTC
unset TMUX NO_COLOR COLUMNS LINES
limit=90 # seconds to wait for a text: far more than it takes; a block is told from bad luck after half a minute

# ---- the terminal -----------------------------------------------------------------------------------------
term() { tmux -L "xr-$XR_LAB" -f /dev/null "$@"; }
cleanup() { term kill-server 2>/dev/null; rm -rf "$tmp-bin"; }
open_terminal() {	# columns lines
	term new-session -d -s top -x "$1" -y "$2" \
		"exec nsenter --net=/run/netns/xr-edge-$XR_LAB -- env PS1='ready> ' bash --norc --noprofile"
	wait_until $limit sees 'ready>' || die "no shell in tmux"
}
close_terminal() { term kill-server; }
resize() { term resize-window -t top -x "$1" -y "$2"; }
press() { term send-keys -t top "$@"; }
type_line() { term send-keys -t top -l "$1" && press Enter; }
screen() { term capture-pane -p -t top "$@"; }
sees() { screen | grep -qE -- "$1"; }
sees_not() { ! sees "$1"; }
program() { pgrep -P "$(term display -p -t top '#{pane_pid}')" -x xreach; }

# All of it on the screen at last; or what there is instead.
shows() {
	local text
	for text in "$@"; do
		wait_until $limit sees "$text" && continue
		echo "no '$text' on: $(screen | sed 's/ *$//' | head -n 30 | tr '\n' '|')"
		return 1
	done
}
hides() {
	wait_until $limit sees_not "$1" || { echo "'$1' is still on the screen"; return 1; }
}

# The shell has its terminal back: main screen, cursor, echo, lines; and it takes a command.
is_restored() {
	local flags mark=$RANDOM
	wait_until $limit sees_not 'F1 Help' || { echo "the picture is still there"; return 1; }
	wait_until $limit restored_flags || { flags=$(term display -p -t top '#{alternate_on} #{cursor_flag} #{keypad_flag}')
		echo "alternate screen, cursor, keypad: $flags"; return 1; }
	type_line "echo back-\$(($mark + 1))"
	wait_until $limit sees "^back-$((mark + 1))" || { echo "the shell takes no command"; return 1; }
	type_line "stty -a | tr ' ;' '\n\n' | grep -xE 'icanon|echo|isig' | sort | xargs echo modes:"
	wait_until $limit sees '^modes: echo icanon isig' || { echo "modes: $(screen | grep '^modes' | tail -n 1)"; return 1; }
}
restored_flags() { [ "$(term display -p -t top '#{alternate_on} #{cursor_flag} #{keypad_flag}')" = "0 1 0" ]; }
colors() { screen -e | grep -cP '\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m'; }

own="$xreach top -i lan0 --ranges $ranges --socket $tmp/none.sock --site lahore=100.72.0.0/16"
start_top() {	# more words before and behind
	type_line "clear; ${2:-} $own ${1:-}; echo exit=\$?"
	shows '^\*x '
}
leave_top() {
	press q
	wait_until $limit sees '^exit=0'
}

begin
"$lab" mode sni-rst || die "mode sni-rst"
background "$lab" load -r 4 -d 600 -w 3500 -s x.com 104.244.42.1 104.244.42.65
background "$lab" load -r 2 -d 600 -w 3500 -s www.google.com 142.250.1.1
background "$lab" load -r 1 -d 600 -w 3500 -s www.wikipedia.org 91.198.174.192

# ---- what it shows, at two sizes ----------------------------------------------------------------------------
open_terminal 80 24
start_top || die "top shows nothing: $(screen | head -n 5)"
check "80x24: group x is blocked, in words and in figures" shows '^\*x +(likely_)?blocked .* 100% '
check "80x24: the controls are fine" shows '^ google +(ok|insufficient) .* 0% ' '^ wikimedia +(ok|insufficient) .* 0% '
check "80x24: flows with server, port, outcome and signature" shows \
	'104\.244\.42\.(1|65):443 .*tcp .*reset +PSH\+ACK->RST\+ACK'
check "80x24: books, tabs and keys are there" shows '^books balance: [0-9]+ opened = ' '1 Flows [0-9]+ ' '^F1 Help'
check "80x24: nothing is said to be unseen when nothing is" hides '^not seen'
check "80x24: it has colours" at_least "$(colors)" 1

resize 200 60
check "200x60: follows the resize, and shows every column of a flow" shows \
	' [0-2][0-9]:[0-5][0-9] x +lahore +104\.244\.42\.(1|65):443 +104\.244\.40\.0/21 +tcp +post_psh +reset +PSH\+ACK->RST\+ACK +[34][0-9]\.[0-9] +2/3'
check "200x60: the whole window is used" equal "$(screen | grep -n '^F1 Help' | cut -d: -f1)" 60
resize 39 4
check "39x4: says that the window is too small" shows 'window too small' 'needs 40x5'
resize 40 5
check "40x5: a group and a flow" shows '^\*x ' '104\.244\.42\.(1|65):443'
resize 80 24
check "80x24: and back" shows '^F1 Help' '^\*x +(likely_)?blocked'

# ---- keys -----------------------------------------------------------------------------------------------------
press 2
check "key 2: prefixes" shows '^104\.244\.40\.0/21 +x +(own +)?100%' '^142\.250\.0\.0/15 +google +(own +)?0%'
press 3
check "key 3: signatures of target and controls" shows '^PSH\+ACK->RST\+ACK post_psh reset +[1-9][0-9]* +0 ' '^none +later +ok'
press 4
check "key 4: hooks" shows '^tc/ingress +lan0 +(tcx|clsact) +yes'
press 5
check "key 5: the ledger" shows '^judged +[1-9][0-9]* +with a final verdict' '^lost/full +0'
tab_round() {	# a tab that has nothing to show is left out
	local i
	for i in 6 7 8 9; do
		press Tab
		wait_until 3 sees 'SERVER:PORT' && return
	done
	return 1
}
check "Tab: round to the flows" tab_round
press '>'
check "> sorts by the next column" hides 'TIME▼'
press F6
check "F6 lists the columns" shows '^ Sort by' '^ server and port'
press Escape
press r
press '<'
check "< goes back" shows 'TIME'
press / ; term send-keys -t top -l '42.65'
check "/ filters while one types" shows 'Filter: 42\.65_' '1 Flows [0-9]+ of [0-9]+' '104\.244\.42\.65:443'
check "/ hides what does not fit" hides '104\.244\.42\.1:443'
press Enter
check "Enter keeps the filter" shows 'Filter: 42\.65 *$'
press Escape
check "Esc clears it" shows '104\.244\.42\.1:443'
press p
check "p pauses, and says so" shows '\[PAUSED\]'
before=$(screen)
sleep 2.5
check "paused, nothing on the screen changes" equal "$(screen | cksum)" "$(echo "$before" | cksum)"
press p
check "p goes on" hides '\[PAUSED\]'
check "the picture moves again" hides "$(echo "$before" | grep -oE '[0-9]{2}:[0-9]{2}:[0-9]{2}' | head -n 1)"
press '?'
check "? explains the keys and the screen" shows '^Keys' '^What the screen says'
press End
check "? explains the signatures" shows '^ QUIC->ICMP +QUIC is turned down by ICMP'
press q
check "q leaves the help, not the program" shows 'SERVER:PORT' '^F1 Help'
press Enter
check "Enter tells a flow in words" shows '^ Signature +PSH\+ACK->RST\+ACK: reset after the first request' \
	'^ Hops +whoever ended it is about 2 routers away'
press Escape
check "Esc goes back to the list" shows 'SERVER:PORT'
press g
check "g tells all of the group" shows '^x \(target\)' '^ State +(likely )?blocked: ' '^ lahore +(likely )?blocked; '
press g
check "g again: the next one" shows '^google \(control\)' '^ State +(ok|insufficient): '
press Escape
check "... and Esc goes back" shows '1 Flows '

# ---- every way out ----------------------------------------------------------------------------------------------
press q
check "q: ends with status 0" shows '^exit=0'
check "q: the terminal is as it was" is_restored
for signal in TERM INT QUIT HUP SEGV ABRT; do
	start_top >"$tmp/why" || { not_ok "$signal: top runs" "$(cat "$tmp/why")"; continue; }
	kill -"$signal" "$(program)"
	check "SIG$signal: the terminal is as it was" is_restored
done
start_top >"$tmp/why"
press C-z
check "Ctrl-Z: the shell has its terminal" is_restored
type_line fg
check "fg: the picture is back" shows '^\*x ' '^F1 Help'
press q
check "and the terminal is as it was after that" is_restored
start_top >"$tmp/why"
kill -STOP "$(program)"
wait_until $limit sees 'Stopped'
type_line fg
check "SIGSTOP and fg: the picture is back" shows '^\*x ' '^F1 Help'
press '?'
check "... and takes keys" shows '^Keys'
press Escape
press q
check "... and leaves the terminal as it was" is_restored
start_top '</dev/null' >"$tmp/why"
check "without keys (standard input ends): the picture is there" shows '^\*x +(likely_)?blocked'
busy() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
pid=$(program)
was=$(busy "$pid")
sleep 2
check "... and the processor is not kept busy" at_least 100 "$(($(busy "$pid") - was))"
press C-c
check "Ctrl-C: the terminal is as it was" is_restored

# ---- without colours, without UTF-8, without a proper terminal ---------------------------------------------------
start_top '' 'NO_COLOR=1' && shows '^\*x +(likely_)?blocked' >"$tmp/why"
check "NO_COLOR: no colour in it" equal "$(colors)" 0
check "NO_COLOR: and it says the same" shows '^\*x +(likely_)?blocked .* 100%' 'reset +PSH\+ACK->RST\+ACK'
leave_top
start_top -C && shows '^\*x +(likely_)?blocked' >"$tmp/why"
check "-C: no colour in it" equal "$(colors)" 0
leave_top
start_top '' 'LC_ALL=C' && shows '^\*x +(likely_)?blocked' >"$tmp/why"
check "a locale that is not UTF-8: ASCII bars" shows '^\*x +(likely_)?blocked .* [#*+=-]+ *$'
check "... and nothing but ASCII" equal "$(screen | LC_ALL=C grep -cP '[^\x00-\x7f]')" 0
leave_top
type_line "clear; TERM=no-such-terminal $own; echo exit=\$?"
check "an unknown TERM: says so and suggests --once" shows 'TERM=no-such-terminal: this system knows no such terminal' 'or xreach top --once' 'exit=1'
type_line "clear; TERM=dumb $own"
check "TERM=dumb: lines" shows '^[0-2][0-9]:[0-9:]+ +\*x [0-9]+% failing'
press C-c
close_terminal

# ---- no terminal ---------------------------------------------------------------------------------------------------
edge timeout 14 $own </dev/null >"$tmp/lines" 2>"$tmp/lines.err"
check "into a file: a line for each flow" grep -qE '^[ ~][0-9:]+ x lahore 104\.244\.42\.(1|65):443 .* reset PSH\+ACK->RST\+ACK' "$tmp/lines"
check "into a file: a line for the groups each second" at_least "$(grep -cE '^[0-9:]{8}  \*x .* google ' "$tmp/lines")" 4
check "into a file: no escape sequence" equal "$(grep -c "$(printf '\033')" "$tmp/lines")" 0
edge timeout 60 $own 2>"$tmp/lines.err" </dev/null | head -n 1 >"$tmp/lines"
check "a reader that goes away ends it" equal "${PIPESTATUS[0]} $(wc -l <"$tmp/lines")" "0 1"
COLUMNS=80 edge timeout 60 $own --once </dev/null >"$tmp/once"
check "--once: one screen, with status 0" equal "$? $(grep -c '^books balance' "$tmp/once")" "0 1"
check "--once: as wide as COLUMNS says" at_least 80 "$(wc -L <"$tmp/once")"
check "--once: neither keys nor escape sequences" equal "$(grep -c "F1 Help\|$(printf '\033')" "$tmp/once")" 0
check "--once: shows the flows" grep -qE '104\.244\.42\.(1|65):443 .*PSH\+ACK->RST\+ACK' "$tmp/once"
edge timeout 60 $own --once --json </dev/null >"$tmp/json"
check "--once --json: one line of JSON" equal "$(wc -l <"$tmp/json") $(jq -r '.groups[0].name' "$tmp/json")" "1 x"

# ---- through a daemon ------------------------------------------------------------------------------------------------
start_daemon --site lahore=100.72.0.0/16 >"$tmp/why" || die "$(cat "$tmp/why")"
open_terminal 200 60
type_line "clear; $xreach top --socket $sock; echo exit=\$?"
check "through a daemon: says so" shows 'daemon since'
check "through a daemon: shows the same" shows '^\*x +(likely_)?blocked .* 100% ' '^ google +(ok|insufficient) .* 0% ' \
	' x +lahore +104\.244\.42\.(1|65):443 +104\.244\.40\.0/21 +tcp +post_psh +reset +PSH\+ACK->RST\+ACK +[34][0-9]\.[0-9] +2/3'
stop_daemon
check "the daemon goes: the picture stays, marked stale" shows '^STALE since [0-9:]+: the daemon has gone' '^\*x +(likely_)?blocked'
start_daemon --site lahore=100.72.0.0/16 >"$tmp/why" || die "$(cat "$tmp/why")"
check "the daemon comes back: so does the picture" hides STALE
check "... and it is the new one's" shows '^\*x +(insufficient|likely_blocked|blocked)' 'daemon since [0-9:]+ \([0-9]+ s\)'
press q
check "q: the terminal is as it was, the daemon runs on" is_restored
check "the daemon runs on" ready
chmod 700 "$tmp"
mkdir -m 755 "$tmp-bin" && cp "$xreach" "$tmp-bin/xreach"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp-bin/xreach" top --once \
	--ranges /dev/stdin "$@" <"$ranges" 2>&1; }
check "not root: who may talk to the daemon" grep -qE 'only root may talk to the daemon.*sudo xreach top' <(nobody --socket "$sock")
check "neither root nor daemon: what to do" grep -qE 'no daemon answers.*needs root.*sudo xreach top' <(nobody --socket /run/xr-none.sock)
