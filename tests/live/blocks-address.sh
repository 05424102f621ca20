#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Blocks by address, as a censor further up makes them: each is named rightly on the screen, in the log and in
# the metrics within 5 s of its waiting time, with the default waiting times; and the controls stay well.
. "$(dirname "$0")/lib.sh"

# Real clients, four seconds long: TLS over both families by curl and in numbers, and QUIC.
clients() {
	local jobs=''
	for family in 4 6; do
		LAB_CURL_WAIT=4 "$lab" curl "x.com" "-$family" -o /dev/null >/dev/null 2>&1 & jobs="$jobs $!"
	done
	"$lab" load -r 4 -d 1 -w 3500 104.244.42.1 2606:1f80:f000::1 >/dev/null 2>&1 & jobs="$jobs $!"
	"$lab" load -m quic -r 4 -d 1 -w 3500 104.244.42.65 2606:1f80:f000::65 >/dev/null 2>&1 & jobs="$jobs $!"
	# shellcheck disable=SC2086
	await $jobs
}

blocked() {	# mode
	"$lab" mode "$1" || die "mode $1"
	mark
	clients
}

begin
# a QUIC flow that was answered ends by that one waiting time, which no claim here is about
start_daemon --wait-idle 20s --site lahore=100.72.0.0/17 --site six=2001:db8::/40 >"$tmp/why" || die "$(cat "$tmp/why")"
background "$lab" load -r 1 -d 150 -s www.google.com 142.250.1.1 2a00:1450::1

mark
clients
# what is well is on no list of blocked flows, so it is looked for in the log and in the metrics
wait_until 15 logged x ipv4 tcp later ok none && wait_until 5 logged x ipv6 tcp later ok none &&
	wait_until 25 logged x ipv4 quic later ok none && wait_until 5 logged x ipv6 quic later ok none &&
	counted x ipv4 tcp later ok none && counted x ipv6 quic later ok none
check "nothing blocked: TLS and QUIC over both families are ok in the log and in the metrics" equal $? 0
check "nothing blocked: nothing else is said of X" only x ok

blocked addr-drop
for family in ipv4 ipv6; do
	named addr-drop 20 x $family tcp post_syn timeout 'SYN->0'
	named addr-drop 10 x $family quic post_psh timeout 'QUIC->0'
done
check "addr-drop: nobody answered, so there are no hops" equal \
	"$(status_json | jq "[.flows[] | select(.id > $mark_id and .signature == \"SYN->0\" and .answer_hops != -1)] | length")" 0
check "addr-drop: what another namespace drops is not called dropped here" equal \
	"$(status_json | jq "[.flows[] | select(.dropped_here)] | length") $(ledger dropped_here)" "0 0"

blocked addr-rst
for family in ipv4 ipv6; do
	named addr-rst 5 x $family tcp post_syn reset 'SYN->RST+ACK'
done
check "addr-rst: who answered is one router away" equal \
	"$(status_json | jq -c "[.flows[] | select(.id > $mark_id and .outcome == \"reset\") | .answer_hops] | unique")" "[1]"

blocked addr-icmp
for family in ipv4 ipv6; do
	named addr-icmp 5 x $family tcp post_syn prohibited 'SYN->ICMP'
	named addr-icmp 5 x $family quic post_psh prohibited 'QUIC->ICMP'
done

blocked udp-drop
for family in ipv4 ipv6; do
	named udp-drop 10 x $family quic post_psh timeout 'QUIC->0'
done
wait_until 5 logged x ipv4 tcp later ok none && wait_until 5 logged x ipv6 tcp later ok none
check "udp-drop: TCP stays ok" equal $? 0

"$lab" mode off
sleep 5 # the last that began under the block are final a second or two after the first
mark
clients
wait_until 15 logged x ipv4 tcp later ok none && wait_until 5 logged x ipv6 tcp later ok none &&
	wait_until 25 logged x ipv4 quic later ok none && wait_until 5 logged x ipv6 quic later ok none
check "off again: new attempts over TCP and QUIC are ok" equal $? 0
check "off again: nothing else is said of X" only x ok

read -r good bad _ <<<"$(group_figures google)"
check "the control was ok all the time: $good attempts" equal "$bad $((good > 20))" "0 1"
check "the books balance" books_balance
check "nothing was lost" equal "$(lost)" 0
stop_daemon
check "SIGTERM ends the daemon well" equal $? 0
