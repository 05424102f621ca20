#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Blocks by name: the censor reads the ClientHello and resets, drops, polices or freezes the connection. Each is
# named rightly within 5 s of its waiting time, with the default waiting times; other names stay well.
. "$(dirname "$0")/lib.sh"

hellos() {	# short connections: by curl and in numbers, both families
	local jobs='' family
	for family in 4 6; do
		LAB_CURL_WAIT=4 "$lab" curl "x.com" "-$family" -o /dev/null >/dev/null 2>&1 & jobs="$jobs $!"
	done
	"$lab" load -r 4 -d 1 -w 3500 104.244.42.1 2606:1f80:f000::1 >/dev/null 2>&1 & jobs="$jobs $!"
	# shellcheck disable=SC2086
	await $jobs
}
downloads() {	# seconds
	local jobs='' family
	for family in 4 6 4 6; do
		LAB_CURL_WAIT=$1 "$lab" curl "x.com/bytes/150000" "-$family" -o /dev/null >/dev/null 2>&1 & jobs="$jobs $!"
	done
	# shellcheck disable=SC2086
	await $jobs
}
censor() {	# what is still open from before must not be taken for what comes now
	sleep 5
	"$lab" mode "$1" || die "mode $1"
	mark
}
hops() { status_json | jq -c "[.flows[] | select(.id > $mark_id and .outcome == \"reset\") | .answer_hops] | unique"; }

begin
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
background "$lab" load -r 1 -d 170 -s www.google.com 142.250.1.1 2a00:1450::1

censor sni-rst
hellos
for family in ipv4 ipv6; do
	named sni-rst 5 x $family tcp post_psh reset 'PSH+ACK->RST+ACK'
done
near=$(hops)
check "sni-rst: the same server under another name answers" equal \
	"$(LAB_CURL_WAIT=5 "$lab" curl example.org --resolve example.org:443:104.244.42.1 -o /dev/null -w '%{http_code}')" 200
wait_until 10 logged x ipv4 tcp later ok none
check "sni-rst: that one is ok" equal $? 0

censor sni-rst3
hellos
for family in ipv4 ipv6; do
	named sni-rst3 5 x $family tcp post_psh reset 'PSH+ACK->RST+ACK;RST+ACK'
done

censor sni-rst-drop
hellos
for family in ipv4 ipv6; do
	named sni-rst-drop 5 x $family tcp post_psh reset 'PSH+ACK->RST+ACK'
done
check "sni-rst, sni-rst-drop: whoever resets is two routers away, not three as the server" equal "$near $(hops)" "[2] [2]"

censor sni-drop
hellos
for family in ipv4 ipv6; do
	named sni-drop 10 x $family tcp post_psh timeout 'PSH+ACK->0'
done

censor throttle
downloads 15
for family in ipv4 ipv6; do
	named throttle 5 x $family tcp later throttled none
done

check "throttle: none of the downloads is called anything else" only x throttled

censor freeze
downloads 6
for family in ipv4 ipv6; do
	named freeze 15 x $family tcp later frozen 'Data->0'
done

check "freeze: none of the downloads is called anything else" only x frozen

censor off
hellos
downloads 5
wait_until 15 logged x ipv4 tcp later ok none && wait_until 5 logged x ipv6 tcp later ok none
check "off again: new attempts are ok" equal $? 0
check "off again: nothing else is said of X" only x ok

read -r good bad _ <<<"$(group_figures google)"
check "the control was ok all the time: $good attempts" equal "$bad $((good > 20))" "0 1"
check "the books balance" books_balance
stop_daemon
check "SIGTERM ends the daemon well" equal $? 0
