#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What is kept: flows come back in the report by their minute, over kills at random moments; the evidence stays one
# chain; a directory that cannot be written stops nothing, and what waited is written once it can.
. "$(dirname "$0")/lib.sh"

state=$tmp/state
report() { "$xreach" report -c /dev/null --state-dir "$state" --since 1h "$@"; }
kept() { report --json 2>/dev/null | jq "[.kinds[] | select($1) | .flows] | add // 0"; }
kept_some() { [ "$(kept "$1")" -gt 0 ]; }
steps() { metric xreach_history_steps_total; }
stepped() { [ "$(steps)" -gt "$1" ]; }
troubled() { [ "$(metric xreach_keep_trouble)" = 1 ]; }
well() { [ "$(metric xreach_keep_trouble)" = 0 ]; }
draw() { seed=$(((seed * 1103515245 + 12345) & 0x7fffffff)); echo $((seed / 65536 % $1)); }

try_all() {	# at X, whose name is reset, and at a control
	local i
	for i in 1 2 3; do
		LAB_CURL_WAIT=4 "$lab" curl x.com -4 -o /dev/null
		LAB_CURL_WAIT=4 "$lab" curl www.google.com -4 -o /dev/null
	done >/dev/null 2>&1
}
judged() { [ "$(ledger judged)" -ge "$1" ]; }

begin
seed=$$
quick=(--wait-syn-live 1s --wait-syn 2s --wait-payload 2s --wait-post-ack 2s)
background "$lab" load -r 50 -d 400 -w 2000 104.244.42.1 142.250.1.1
"$lab" mode sni-rst

# ---- kills ----
dead=''
for round in $(seq 6); do
	start_daemon "${quick[@]}" >"$tmp/why" || dead="$dead round $round: $(cat "$tmp/why");"
	sleep "$(draw 3).$(draw 10)"
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	daemon=''
done
check "each life began, on what the one before had left" equal "$dead" ""
start_daemon "${quick[@]}" >"$tmp/why"
check "... and so did the seventh" equal "$?$(cat "$tmp/why")" 0
check "the evidence is one chain" equal "$(report --verify "$state/evidence.jsonl" >"$tmp/verify"; echo $?)" 0
check "... of a genesis and seven starts" at_least "$(grep -c '"kind":"start"' "$state/evidence.jsonl")" 7
check "no file was set aside" equal "$(find "$state" -name '*corrupt*' -o -name '*broken*')" ""

# ---- a minute ----
try_all
wait_until 10 judged 4 # also where the minute is over in a moment
was=$(steps)
wait_until 70 stepped "$was"
check "a minute is written when it is over" equal $? 0
# of a control few are watched, and the minute may have been over in a second: those of the next do as well
check "blocked flows are in the history" wait_until 70 \
	kept_some '.group == "x" and .outcome == "reset" and .class == "failure"'
check "... and those of the controls" wait_until 70 kept_some '.group == "google"'
# counts are written each second, what share of the flows they are of when the minute is over
sampled() { report --json | jq -e '[.groups[].sample] | length > 1 and all(. != null)' >"$tmp/sampled"; }
check "what share of its flows was watched is known of each group" wait_until 70 sampled
check "text tells of them" grep -q 'attempts to reach x (target) were judged' <(report)
report --html >"$tmp/page.html"
check "the page is whole" grep -q '</html>' "$tmp/page.html"

# ---- a directory that cannot be written ----
stop_daemon
before=$(kept '.group == "x"')
mv "$state" "$state.away" && : >"$state"
start_daemon "${quick[@]}" >"$tmp/why"
check "a daemon without a place to write to starts" equal "$?$(cat "$tmp/why")" 0
check "... and says so in its metrics" wait_until 5 troubled
check "... and in status, whose verdict it does not change" grep -q "^not kept: .*Not a directory" <(edge "$xreach" status --socket "$sock")
check "... and on standard error, once" equal "$(grep -c 'history .*Not a directory; the watch goes on' "$err")" 1
try_all
check "the watch goes on" wait_until 10 judged 4
rm "$state" && mv "$state.away" "$state"
check "what waited is written when it can be" wait_until 70 well
check "... and told" grep -q 'history is written again' "$err"
stop_daemon
check "SIGTERM writes what waits" at_least "$(kept '.group == "x"')" $((before + 3))
check "the evidence ends with a stop, and is whole" equal "$(tail -n 1 "$state/evidence.jsonl" | jq -r .kind) $(
	report --verify "$state/evidence.jsonl" >/dev/null; echo $?)" "stop 0"
