#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Answers of DNS on the wire, some of them forged: counted by verdict in the metrics, listed with their addresses on the
# socket and on the screen, and nowhere anything of who asked. trafgen sends them through a TX_RING, so that nothing of
# them is linear.
. "$(dirname "$0")/lib.sh"

be16() { printf '%04x' "$1"; }
addr4() { local IFS=.; printf '%02x%02x%02x%02x' $1; }
name() {
	local label IFS=.
	for label in $1; do
		printf '%02x' ${#label}
		printf %s "$label" | od -An -tx1 | tr -d ' \n'
	done
	printf 00
}
asker=100.72.9.9 resolver=198.51.100.53
udp4() {	# from, to, source port, destination port, TTL, message
	local len=$((8 + ${#6} / 2))
	printf '4500%s00420000%02x110000%s%s%s%s%s0000%s' "$(be16 $((20 + len)))" "$5" "$(addr4 "$1")" "$(addr4 "$2")" \
		"$(be16 "$3")" "$(be16 "$4")" "$(be16 $len)" "$6"
}
send() {	# what follows Ethernet's addresses
	local frame
	frame=$(echo "$edge_mac$client_mac$1" | sed 's/../0x&, /g')
	echo "{ ${frame%, } }" >"$tmp/frame.cfg"
	client trafgen -V --cpus 1 -n 1 -o lan0 -i "$tmp/frame.cfg" >"$tmp/trafgen" 2>&1
}
ask() {	# id, name
	send "0800$(udp4 $asker $resolver 53211 53 64 "$(be16 "$1")01000001000000000000$(name "$2")00010001")"
}
answer() {	# id, name, address, TTL
	send "0800$(udp4 $resolver $asker 53 53211 "$4" \
		"$(be16 "$1")81800001000100000000$(name "$2")00010001c00c000100010000003c0004$(addr4 "$3")")"
}
verdicts() { # how many of each, in the order of the contract
	local verdict
	for verdict in ok outside_ranges bogon nxdomain conflict; do
		metric xreach_dns_answers_total group=x verdict=$verdict
	done | tr '\n' ' '
}
are() { [ "$(verdicts)" = "$1" ]; }

begin
edge_mac=$(edge ip -br link show lan0 | awk '{ gsub(":", "", $3); print $3 }')
client_mac=$(client ip -br link show lan0 | awk '{ gsub(":", "", $3); print $3 }')
start_daemon --site lahore=100.72.0.0/17 >"$tmp/why" || die "$(cat "$tmp/why")"
check "every verdict has its series from the start" equal "$(verdicts)" "0 0 0 0 0 "

ask 1 x.com
answer 1 x.com 104.244.42.1 58
ask 2 API.X.com
answer 2 api.x.com 10.10.34.34 60
ask 3 x.com
answer 3 x.com 31.13.80.1 61
answer 3 x.com 104.244.42.1 58
ask 4 nobody.example
answer 4 nobody.example 10.10.34.34 60
check "the messages were seen, and none of another name" equal \
	"$(wait_until 5 test "$(metric xreach_dns_sent_total)" = 7; metric xreach_dns_sent_total)" 7
wait_until 15 are "1 0 1 0 1 "
check "each question is counted once, as what its answers are" equal "$(verdicts)" "1 0 1 0 1 "
check "the false addresses are listed with what came of them" equal "$(status_json | jq -c \
	'[.astray[] | [.verdict, .address, .rule, .hops]] | sort')" \
	'[["bogon","10.10.34.34","x.com",4],["conflict","31.13.80.1","x.com",3]]'
check "the screen tells of them" eval 'COLUMNS=200 top_once | grep -q "1 ok, 1 bogon, 1 conflict"'
check "nobody learns who asked" eval \
	'! { status_json; web /metrics; cat "$log" "$err"; COLUMNS=200 top_once; } | grep -E "100\.72\.9\.9|198\.51\.100\.53|53211"'
check "nothing was lost" equal "$(metric xreach_dns_lost_total) $(ledger dns_skipped)" "0 0"
check "the books balance" books_balance
stop_daemon

: >"$tmp/daemon.out"
start_daemon --no-dns >"$tmp/why" || die "$(cat "$tmp/why")"
ask 5 x.com
answer 5 x.com 10.10.34.34 60
sleep 1
check "--no-dns: nothing on port 53 is looked at" equal "$(metric xreach_dns_sent_total) $(metric xreach_dns_skipped_total)" "0 0"
