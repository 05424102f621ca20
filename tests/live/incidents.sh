#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# From packets to an incident: a block by name is found within seconds, called by its name within a minute or so, dated
# to the second, and seen to end; the log, the socket, /metrics, the screen and `status` tell the same, and so does what
# is kept of it: history, report and evidence.
. "$(dirname "$0")/lib.sh"

incident() { jq -c 'select(.incident.group == "x") | .incident' "$log" 2>/dev/null | tail -n 1 | jq -r "$1"; }
says() { [ "$(incident "$1")" = "$2" ]; }
state() { metric xreach_state group=x site="$1" state="$2"; }
exit_of_status() { edge "$xreach" status --socket "$sock" >"$tmp/status"; echo $?; }
near() { # a time, seconds since 1970, at most so many seconds apart
	local is
	is=$(date -d "$1" +%s) || return 1
	[ $((is - $2)) -le "$3" ] && [ $(($2 - is)) -le "$3" ] || { echo "$1 is $((is - $2)) s off"; return 1; }
}

begin
start_daemon --site lahore=100.72.0.0/17 >"$tmp/why" || die "$(cat "$tmp/why")"
check "at first nothing can be told: status ends with 3" equal "$(exit_of_status)" 3
for target in "x.com 104.244.42.1 162.159.140.229 2606:1f80:f000::1" "www.google.com 142.250.1.1 2a00:1450::1" \
	"www.wikipedia.org 91.198.174.192" "github.com 140.82.112.3"; do
	# shellcheck disable=SC2086 # a name and addresses
	background "$lab" load -r 4 -d 260 -w 5000 -s $target
done
ok_now() { [ "$(state all ok)" = 1 ]; }
wait_until 60 ok_now
check "with flows of X and of the controls, X is ok" equal "$(state all ok)" 1
check "... and status ends with 0" equal "$(exit_of_status)" 0
sleep 30

"$lab" mode sni-rst || die "mode sni-rst"
begun=$(date +%s)
wait_until 30 says .state likely_blocked
check "a block is found within 30 s: after $(($(date +%s) - begun)) s" equal "$(incident .state)" likely_blocked
check "... and dated to 3 s" near "$(incident .since)" "$begun" 3
check "... its first line says by what" equal "$(incident '.mechanisms[0].signature')" 'PSH+ACK->RST+ACK'
check "... and that resets so near can be nothing but a block" equal "$(incident '.could_be | tojson')" '["block"]'
wait_until 70 says .state blocked
check "a mistake in the command line is no state: status ends with 3" equal "$("$xreach" status --nonsense >/dev/null 2>&1; echo $?)" 3
check "... nor is one in the settings" equal "$("$xreach" status --config "$tmp/missing.yaml" >/dev/null 2>&1; echo $?)" 3
check "it is called blocked: after $(($(date +%s) - begun)) s" equal "$(incident .state)" blocked
check "... in the metrics" equal "$(state all blocked) $(state lahore blocked) $(metric xreach_incident_active group=x)" "1 1 1"
check "... and no control is" equal "$(metric xreach_incident_active) $(metric xreach_incidents_total)" "1 1"
check "... status ends with 1, and says so" equal "$(exit_of_status) $(grep -c '^X is BLOCKED since' "$tmp/status")" "1 1"
check "... it stands over the screen" equal "$(COLUMNS=120 top_once | grep -c '^ X is BLOCKED since')" 1
check "... whoever answers is nearer than the server" equal "$(incident '.responder.hops < .responder.server_hops')" true

"$lab" mode off
over=$(date +%s)
ended() { [ "$(incident .ended)" != null ]; }
wait_until 100 ended
check "its end is seen: after $(($(date +%s) - over)) s" near "$(incident .ended)" "$over" 5
check "X is ok again" equal "$(state all ok) $(metric xreach_incident_active)" "1 0"
check "it was one incident" equal "$(jq -r 'select(.incident) | .incident.id' "$log" | sort -u | wc -l)" 1
check "no line of it names a client" equal "$(jq -c 'select(.incident)' "$log" | grep -cE '100\.72\.|2001:db8:72')" 0

# ---- what is kept of it ----
report() { "$xreach" report -c /dev/null --state-dir "$tmp/state" --since 1h "$@"; }
verify() { "$xreach" report --verify "$1" >"$tmp/verify"; echo $?; }
id=$(incident .id)
last=$(incident '. | tojson' | jq -cS .)
kept_whole() { [ "$(report --json 2>/dev/null | jq -cS .incidents)" = "[$last]" ]; }
wait_until 5 kept_whole
check "the history holds this incident and no other, word for word as it was told" \
	equal "$(report --json | jq -cS .incidents)" "[$last]"
since=$(incident '.since | sub("T"; " ") | sub("Z"; "")')
ended=$(incident '.ended | sub("T"; " ") | sub("Z"; "")')
for form in "" --html; do
	# shellcheck disable=SC2086 # no form is no word
	report $form --incident "$id" | sed 's/&gt;/>/g' >"$tmp/told"
	check "report $form names it" grep -qE "(INCIDENT |Incident <code>)$id" "$tmp/told"
	check "... says that X was blocked, from when to when" \
		grep -qE "x was (at worst )?blocked from $since( \(give or take [^)]*\))? to $ended UTC" "$tmp/told"
	check "... and by what" grep -q ' % of the failures: PSH+ACK->RST+ACK, reset right after the request' "$tmp/told"
done
check "no line of the report names a client" \
	equal "$(cat <(report) <(report --html) <(report --csv) <(report --json) | grep -cE '100\.72\.|2001:db8:72')" 0
blocked() { jq -rn --arg id "$id" '[inputs | select(.incident.id == $id)] | map(.incident.state) | unique | join(" ")' "$1"; }
evidence=$tmp/state/evidence.jsonl
check "the evidence is whole" equal "$(verify "$evidence")" 0
check "... and the report bears the head of its chain" equal "head $(report --json | jq -r .evidence.head)" "$(sed -n 2p "$tmp/verify")"
check "... and holds each of its states" equal "$(blocked "$evidence")" "blocked likely_blocked"
check "... and its last line about it is what was told last" \
	equal "$(jq -cS --arg id "$id" 'select(.incident.id == $id) | .incident' "$evidence" | tail -n 1)" "$last"
line=$(grep -nF "\"id\":\"$id\"" "$evidence" | grep -F '"state":"blocked"' | head -n 1 | cut -d: -f1)
[ "$line" = "$(wc -l <"$evidence")" ] || sed "${line}s/\"state\":\"blocked\"/\"state\":\"blockee\"/" "$evidence" >"$tmp/forged.jsonl"
check "one letter of it changed: the chain is broken" equal "$(cmp "$evidence" "$tmp/forged.jsonl" | wc -l) $(verify "$tmp/forged.jsonl")" "1 1"
check "... right behind that line" grep -q "forged.jsonl:$((line + 1)): broken: .*one of the two was changed" "$tmp/verify"
