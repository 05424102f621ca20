#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# February 2024, compressed: partial in the evening, full, on and off, lifted for what stands for an hour, back, lifted for good; and
# the daemon killed at random moments all the while, started again at once. What the report tells is held against what
# was played. FORM=long is all of it (14 minutes, with many kills more), else one block and its end; KILLS=N; KEEP=DIR keeps both reports there.
# The hour is under the 15 minutes within which an incident opens again: one story, to be told as cycles.
. "$(dirname "$0")/lib.sh"

form=${FORM:-short}
case $form in
long)
	acts="quiet:40 partial:80 full:80 off:100 full:70 off:100 full:70 off:110 full:70 off:105"
	kills=${KILLS:-200}
	;;
*)
	acts="quiet:30 full:50 off:85"
	kills=${KILLS:-10}
	;;
esac
# A start takes one to three seconds of a core, and an end has to be watched for a minute to be one: where the daemon would
# be dead for most of the time, there is no story to be told, so the acts last longer.
each=${EACH:-13}
sum=0
for act in $acts; do sum=$((sum + ${act#*:})); done
stretch=$(((kills * each * 10 + sum - 1) / sum))
[ $stretch -gt 10 ] || stretch=10
acts=$(for act in $acts; do echo "${act%:*}:$((${act#*:} * stretch / 10))"; done)
total=0
for act in $acts; do total=$((total + ${act#*:})); done
apart=8 # seconds that a time may be off by: what is known without a kill, and with them the longest time unseen on top
[ "$kills" = 0 ] || apart=$((apart + 12))

act_is() {
	case $1 in
	quiet | off) "$lab" mode off ;;
	partial) "$lab" forbid x.com && "$lab" mode sni-rst ;;
	full) "$lab" forbid all && "$lab" mode sni-rst ;;
	esac || die "mode of $1"
}

start_again() {	# at once, and without waiting for it
	"${in_edge[@]}" "$xreach" run "${interfaces[@]}" --ranges "$ranges" --socket "$sock" --event-log "$log" \
		--state-dir "$tmp/state" --listen "$at" 2>>"$err" >>"$tmp/daemon.out" </dev/null &
	daemon=$!
}
kill_it() {
	kill -9 "$daemon" 2>/dev/null
	wait "$daemon" 2>/dev/null
	start_again
	killed=$((killed + 1))
}

# The random moments, tenths of seconds from the beginning, in order.
RANDOM=$$
moments=$(for _ in $(seq "$kills"); do echo $(((RANDOM * 32768 + RANDOM) % ((total - 10) * 10) + 50)); done | sort -n)

begin
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
# three fifths ask for x.com, two fifths for twitter.com, at the same places
background "$lab" load -r 3 -d $((total + 200)) -w 5000 -s x.com 104.244.42.1 162.159.140.229 2606:1f80:f000::1
background "$lab" load -r 2 -d $((total + 200)) -w 5000 -s twitter.com 104.244.42.65 162.159.140.229 2606:1f80:f000::65
for control in "www.google.com 142.250.1.1 2a00:1450::1" "www.wikipedia.org 91.198.174.192" "github.com 140.82.112.3"; do
	# shellcheck disable=SC2086 # a name and addresses
	background "$lab" load -r 2 -d $((total + 200)) -w 5000 -s $control
done

play_until() {	# second $1 of the story, killing at each random moment on the way
	local next
	until [ $(($(now_ms) - t0)) -ge $(($1 * 1000)) ]; do
		next=${moments%%$'\n'*}
		if [ -n "$moments" ] && [ $(($(now_ms) - t0)) -ge $((next * 100)) ]; then
			case $moments in *$'\n'*) moments=${moments#*$'\n'} ;; *) moments='' ;; esac
			kill_it
		fi
		sleep 0.05
	done
}

killed=0 t0=$(now_ms) at_s=0
for act in $acts; do
	play_until "$at_s"
	act_is "${act%:*}"
	echo "$(date +%s) ${act%:*}" >>"$tmp/played"
	at_s=$((at_s + ${act#*:}))
done
play_until "$at_s"
told() { jq -c 'select(.incident.group == "x") | .incident' "$log" 2>/dev/null | tail -n 1 | jq -r "$1"; }
over() { [ "$(told .ended)" != null ] && [ -n "$(told .ended)" ]; }
wait_until 120 over
stop_daemon


report() { "$xreach" report --state-dir "$tmp/state" "$@"; }
report --since 1h --json >"$tmp/report.json" 2>"$tmp/why" || die "no report: $(cat "$tmp/why")"
report --since 1h >"$tmp/report.txt"
report --since 1h --html >"$tmp/report.html"
if [ -n "${KEEP:-}" ]; then
	mkdir -p "$KEEP"
	cp "$tmp/report.json" "$tmp/report.txt" "$tmp/report.html" "$tmp/played" "$KEEP"
	cp "$err" "$KEEP/daemon.err"
	jq -c 'select(.incident)' "$log" >"$KEEP/incidents.json"
fi
x() { jq -r "[.incidents[] | select(.group == \"x\")] | $1" "$tmp/report.json"; }

# Both as runs: "from to worst", where a block went over into another without a break it is one.
awk '
	function flush() { if (from) print from, $1, full ? "full" : "partial" }
	$2 == "quiet" || $2 == "off" { flush(); from = full = 0; next }
	!from { from = $1 }
	$2 == "full" { full = 1 }
' "$tmp/played" >"$tmp/runs.played"
x '.[0].phases // [] | reduce .[] as $p ([];
	if length > 0 and .[-1].to == $p.from then .[-1].to = $p.to | .[-1].states += [$p.state]
	else . + [{from: $p.from, to: $p.to, states: [$p.state]}] end) | .[] |
	"\(.from | fromdate) \(.to // "1970-01-01T00:00:00Z" | fromdate) \(.states | join(","))"' >"$tmp/runs.told"
echo "# played, and told, $killed kills"
sed 's/^/# played /' "$tmp/runs.played"
sed 's/^/# told   /' "$tmp/runs.told"

check "it is one incident, by one id" equal "$(x length) $(jq -r 'select(.incident.group == "x") | .incident.id' "$log" | sort -u | wc -l)" "1 1"
check "no control is in one" equal "$(jq '[.incidents[] | select(.group != "x")] | length' "$tmp/report.json")" 0
check "all that was asked for was killed" equal "$killed" "$kills"
check "as many blocks as were played" equal "$(wc -l <"$tmp/runs.told")" "$(wc -l <"$tmp/runs.played")"
off_by=$(paste -d' ' "$tmp/runs.played" "$tmp/runs.told" | awk -v apart="$apart" '
	function off(a, b) { return a > b ? a - b : b - a }
	off($1, $4) > apart || off($2, $5) > apart { printf "%d and %d s; ", $4 - $1, $5 - $2 }')
check "each begins and ends when it did, within $apart s" equal "$off_by" ""
# a word holds for a minute that was watched before it is said
if [ "$form" = long ] && { [ "$kills" = 0 ] || [ $stretch -ge 20 ]; }; then
	check "the partial one is told as that, and as full from when it was" \
		grep -qE '^[0-9]+ [0-9]+ (impaired|likely_blocked).*,(likely_)?blocked$' "$tmp/runs.told"
fi
[ "$kills" != 0 ] || [ "$form" != long ] ||
	check "each full block is called blocked" equal "$(grep -c ',\?blocked$' "$tmp/runs.told")" "$(wc -l <"$tmp/runs.played")"
check "each line but the last of a block says it is open" equal \
	"$(jq -r 'select(.incident.group == "x") | .incident.ended != null' "$log" | grep -c true)" "$(wc -l <"$tmp/runs.played")"
check "the evidence is whole" report --verify "$tmp/state/evidence.jsonl"
check "nothing names a client" equal "$(cat "$tmp/report.json" "$tmp/report.txt" "$tmp/state/evidence.jsonl" | grep -cE '100\.72\.|2001:db8:72')" 0
check "nothing of what was kept was refused" equal "$(grep -c 'begin anew' "$err")" 0
