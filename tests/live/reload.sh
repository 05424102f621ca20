#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# SIGHUP: a good list comes into force without losing a flow, a bad one changes nothing and says why; the event log
# is opened anew; no counter ever goes back.
. "$(dirname "$0")/lib.sh"

hup() { # and wait until it was taken note of
	local was
	was=$(reloads)
	kill -HUP "$daemon"
	wait_until 10 reloaded "$was"
}
reloads() { echo $(($(metric xreach_reloads_total result=ok) + $(metric xreach_reloads_total result=failed))); }
reloaded() { [ "$(reloads)" -gt "$1" ]; }
in_force() { status_json | jq -r .ranges; }
said() { tail -n +$((mark_err + 1)) "$err"; }
# Counters of one page that are smaller in a later one, or missing there.
went_back() {
	local names
	names=$(sed -n 's/^# TYPE \([^ ]*\) counter/\1/p' "$1")
	awk -v names="$names" 'BEGIN { n = split(names, a, "\n"); for (i = 1; i <= n; i++) counter[a[i]] = 1 }
		/^#/ { next }
		{ series = $0; sub(/ [^ ]*$/, "", series); name = series; sub(/{.*/, "", name) }
		!(name in counter) { next }
		FNR == NR { was[series] = $NF; next }
		{ is[series] = $NF }
		END { for (s in was) if (!(s in is)) print s " is missing"; else if (is[s] + 0 < was[s] + 0) print s ": " was[s] " then " is[s] }' "$1" "$2"
}
sum_at_least() { [ "$(metric xreach_flows_total "${@:2}")" -ge "$1" ]; }
lines_agree() { equal "$(cat "$log.1" "$log" | wc -l)" "$(metric xreach_event_log_lines_total)"; }
# What must have changed nothing: list, counters, and that we still see.
refused() {	# title, word of the reason
	local list opened failed
	mark_err=$(wc -l <"$err")
	list=$(in_force) failed=$(metric xreach_reloads_total result=failed) opened=$(ledger opened)
	web /metrics >"$tmp/before"
	hup
	check "$1: the old list stays in force" equal "$(in_force)" "$list"
	check "$1: it is told why: $(said | head -n 1)" grep -qi -- "$2" <(said)
	check "$1: file and line are named" grep -qE "list\.ranges(:[0-9]+)?" <(said)
	check "$1: it is counted" equal "$(metric xreach_reloads_total result=failed) $(metric xreach_reload_last_successful)" "$((failed + 1)) 0"
	web /metrics >"$tmp/after"
	check "$1: no counter went back" equal "$(went_back "$tmp/before" "$tmp/after")" ""
	sleep 1.2
	check "$1: attempts are still seen" at_least $(($(ledger opened) - opened)) 1
}

begin
cp "$ranges" "$tmp/list.ranges"
ranges=$tmp/list.ranges
start_daemon --wait-syn 4s --wait-syn-live 1s --wait-post-ack 2s --wait-payload 4s >"$tmp/why" || die "$(cat "$tmp/why")"
background "$lab" load -r 10 -d 120 -w 3000 104.244.42.1 2606:1f80:f000::1
background "$lab" load -r 3 -d 120 -w 3000 -s www.google.com 142.250.1.1
wait_until 10 has_event '.group == "x"' 5
web /metrics >"$tmp/begin"

# ---- good lists ----
list=$(in_force)
hup
check "the same list again is accepted" equal "$(metric xreach_reloads_total result=ok) $(metric xreach_reload_last_successful)" "1 1"
check "... and is the same" equal "$(in_force)" "$list"
sed 's/^version .*/version reloaded-1/' "$root/user/share/ranges/x.ranges" >"$ranges"
printf '\ngroup newcomer control sample all\nown 198.51.100.0/24\n' >>"$ranges"
hup
check "a new list is in force" grep -q reloaded-1 <(in_force)
client curl -s -m 3 -o /dev/null http://198.51.100.80/
wait_until 10 sum_at_least 1 group=newcomer
check "... and what it adds is watched" equal $? 0
check "... without losing what was open" equal "$(lost)" 0

# ---- refused ----
cp "$ranges" "$tmp/good"
sed '0,/^own /s//owm /' "$tmp/good" >"$ranges"
refused "a syntax error" owm
sed '0,/^own 104\.244\.40\.0\/21/s//own 104.244.40.1\/21/' "$tmp/good" >"$ranges"
refused "host bits" 104.244.40
sed '0,/^own .*/s//own 0.0.0.0\/0/' "$tmp/good" >"$ranges"
refused "everything" 0.0.0.0/0
printf '<!DOCTYPE html>\n<html><body>Sign in</body></html>\n' >"$ranges"
refused "an HTML page" "web page"
: >"$ranges"
refused "an empty file" ""
awk '/^group /{x = ($2 == "x")} x && /^(own|dedicated|shared) /{ if (++n > 1) next } { print }' "$tmp/good" >"$ranges"
refused "a list that lost more than half of its space" half
rm "$ranges"
refused "a list that is gone" "No such file"
cp "$tmp/good" "$ranges"
hup
check "the good list is taken again" equal "$(metric xreach_reload_last_successful)" 1

# ---- the event log ----
mv "$log" "$log.1"
wait_until 10 sh -c "[ \$(wc -l <'$log.1') -gt 20 ]"
check "rotation: until SIGHUP the old file is written" equal "$(ls "$log" 2>/dev/null)" ""
hup
wait_until 10 has_event '.group == "x"'
check "rotation: after it the new one" equal $? 0
old=$(wc -l <"$log.1")
sleep 2
check "rotation: and the old one no more" equal "$(wc -l <"$log.1")" "$old"
cat "$log.1" "$log" >"$tmp/both"
check "rotation: every line is whole" jq -e . "$tmp/both" >/dev/null
wait_until 5 lines_agree
check "rotation: no line is lost or doubled" lines_agree
check "rotation: the file is for its owner alone" equal "$(stat -c %a "$log")" 600

web /metrics >"$tmp/end"
check "over all of this no counter went back" equal "$(went_back "$tmp/begin" "$tmp/end")" ""
# the check itself can fail
sed 's/^\(xreach_books_opened_total\) .*/\1 0/' "$tmp/end" >"$tmp/less"
check "self-check: a counter that goes back is found" grep -q xreach_books_opened <(went_back "$tmp/begin" "$tmp/less")
check "the books balance" books_balance
check "nothing was lost" equal "$(lost)" 0
