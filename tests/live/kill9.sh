#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Twenty times killed without a word at a random moment under load, and started again: nothing of ours is left
# each time, with TCX links and with clsact filters alike, and the books of each life balance.
. "$(dirname "$0")/lib.sh"

ours() { edge tc filter show dev lan0 "$1" 2>/dev/null | grep -c xreach_; }
programs() {	# of ours in the kernel that this killed daemon had loaded
	local id n=0
	for id in $loaded; do bpftool prog show id "$id" >/dev/null 2>&1 && n=$((n + 1)); done
	echo $n
}
opened_some() { [ "$(ledger opened)" -gt 0 ]; }
none_left() { [ "$(programs)" = 0 ]; }

begin
echo "socket: $sock" >"$tmp/detach.yaml"
seed=$$
draw() { seed=$(((seed * 1103515245 + 12345) & 0x7fffffff)); echo $((seed / 65536 % $1)); }
echo "# random moments from $seed"
background "$lab" load -r 150 -d 400 -w 2000 104.244.42.1 2606:1f80:f000::1 142.250.1.1
"$lab" mode sni-rst

left='' unbalanced='' dead='' unseen=''
for round in $(seq 20); do
	how=$([ $((round % 2)) = 0 ] && echo clsact || echo tcx)
	if ! XREACH_TC=$how start_daemon --wait-syn-live 1s --wait-syn 2s --wait-payload 2s --wait-post-ack 2s >"$tmp/why"; then
		dead="$dead round $round ($how): $(cat "$tmp/why");"
		continue
	fi
	[ "$(status_json | jq -r '.hooks[] | select(.name == "tc/ingress") | .how')" = $how ] || dead="$dead round $round is not $how;"
	[ $how = clsact ] || [ "$(ours ingress)$(ours egress)" = 00 ] || left="$left round $round: filters after the next start;"
	wait_until 3 opened_some || unseen="$unseen $round"
	sleep 0.$(draw 10)
	why=$(books_balance 2>&1) || unbalanced="$unbalanced round $round: $why;"
	loaded=$(cat /proc/"$daemon"/fdinfo/* 2>/dev/null | sed -n 's/^prog_id:[[:space:]]*//p' | sort -u)
	[ -n "$loaded" ] || dead="$dead round $round: no program held;"
	sleep 0.$(draw 10)
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	daemon=''
	if [ $how = clsact ] && [ $((round % 4)) = 0 ]; then
		# what is removed here, the next start removes in the other rounds
		edge "$xreach" detach --config "$tmp/detach.yaml" >"$tmp/detach" 2>&1 || left="$left round $round: detach: $(cat "$tmp/detach");"
		[ "$(ours ingress)$(ours egress)" = 00 ] || left="$left round $round: filters after detach;"
		edge tc qdisc show dev lan0 | grep -q clsact && left="$left round $round: qdisc after detach;"
		wait_until 10 none_left || left="$left round $round: $(programs) programs after detach;"
	elif [ $how = tcx ]; then
		wait_until 10 none_left || left="$left round $round: $(programs) programs;"
	fi
done
start_daemon >"$tmp/why"
check "the 21st start works" equal "$?$(cat "$tmp/why")" 0
check "... and finds filters of nobody: it is on TCX" equal "$(ours ingress)$(ours egress)" 00
check "each of the twenty lives began, as asked by TCX or clsact" equal "$dead" ""
check "each of them saw the load" equal "$unseen" ""
check "the books of each life balance when it is killed" equal "$unbalanced" ""
check "after each death nothing of ours is left" equal "$left" ""
check "no socket, note or file in use is left of the dead" equal "$(notes)" ""
stop_daemon
check "after SIGTERM no qdisc of ours is left" equal "$(edge tc qdisc show dev lan0 | grep -c clsact)" 0
check "after SIGTERM the control socket is gone" equal "$(ls "$sock" 2>/dev/null)" ""
