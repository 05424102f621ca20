#!/bin/dash
# SPDX-License-Identifier: GPL-2.0
# What the guest's init works with: claims, xreach, and a network. The console gets a line for each claim, `ok CLAIM` or
# `not ok CLAIM` with the reason in lines that begin with `|`; facts are lines that begin with `#`.
#
#   client  lan0 | lan0  here: xreach; X's servers on lo; spare0, taken0: interfaces without traffic
works=104.244.42.1 dropped=104.244.42.2 rejected=104.244.42.3 unsent=104.244.42.4 works6=2606:1f80::1
events=/run/events said=/run/said
pid=

# ---- claims ---------------------------------------------------------------------------------------------------
# claim CLAIM COMMAND...: what the command says is shown when it fails.
claim() {
	claim=$1
	shift
	if "$@" >/run/why 2>&1; then
		echo "ok $claim ($(cut -d . -f 1 /proc/uptime) s)"
	else
		echo "not ok $claim"
		tail -n 25 /run/why | sed 's/^/| /'
	fi
}

# Ask again for so many seconds: an emulated machine is slow.
within() {
	seconds=$1
	shift
	while ! "$@" >/run/last 2>&1; do
		seconds=$((seconds - 1))
		[ "$seconds" -gt 0 ] || { cat /run/last; return 1; }
		sleep 1
	done
}

# shows FILE TEXT...: a line of the file has all the texts.
shows() {
	file=$1
	shift
	cp "$file" /run/left
	for text in "$@"; do
		grep -F -e "$text" /run/left >/run/less || { cat "$file"; return 1; }
		cp /run/less /run/left
	done
}

same() {
	diff "$1" "$2"
}

nothing() {
	"$@" >/run/found 2>&1
	[ ! -s /run/found ] || { cat /run/found; return 1; }
}

# ---- xreach ---------------------------------------------------------------------------------------------------
ready() {
	kill -0 "$pid" 2>/run/null || { cat "$said"; exit 9; }
	wget -q -O /dev/null http://127.0.0.1:10477/-/ready || { cat "$said"; return 1; }
}

start() {
	rm -f "$events"
	xreach run -i lan0 -i spare0 -i taken0 -i late0 --ranges /x.ranges --event-log "$events" --wait-syn-live 500ms \
		--wait-syn 2s --wait-payload 3s --wait-frozen 3s --wait-idle 4s >"$said" 2>&1 &
	pid=$!
	(within 120 ready)
}

# SIGTERM and its exit status.
stop() {
	kill "$pid"
	wait "$pid" || { cat "$said"; return 1; }
}

metrics() {
	wget -q -O /run/metrics http://127.0.0.1:10477/metrics
}

# value NAME{LABELS} LEAST [MOST]: what /metrics says of it lies between.
value() {
	metrics || return 1
	awk -v name="$1" -v least="$2" -v most="${3:-1e18}" '
		index($0, name " ") == 1 { found = 1; print; good = $NF >= least + 0 && $NF <= most + 0 }
		END { if (!found) print name " is not there"; exit !good }' /run/metrics
}

hook() {
	value "xreach_hook_attached{hook=\"$1\",where=\"$2\"}" "$3" "$3"
}

ours() {
	bpftool prog show | grep xreach_
	bpftool link show
	for device in lan0 spare0 taken0; do
		for side in ingress egress; do
			tc filter show dev $device $side | grep xreach_
		done
	done
}

# The qdiscs and filters of all interfaces, ours left out.
foreign() {
	for device in lan0 spare0 taken0; do
		tc qdisc show dev $device | sed "s/^/$device: /"
		for side in ingress egress; do
			tc filter show dev $device $side | grep -v -e xreach_ -e 'pref 7 bpf chain 0 $' |
				sed "s/^/$device $side: /"
		done
	done
}

# ---- the network ----------------------------------------------------------------------------------------------
in_client() {
	nsenter --net=/run/netns/client -- "$@"
}

network() {
	ip link set lo up
	ip netns add client
	ip link add lan0 type veth peer name lan0 netns client
	ip link add spare0 type dummy
	ip link add taken0 type dummy
	for key in all default lan0; do
		echo 0 >/proc/sys/net/ipv6/conf/$key/accept_dad
	done
	ip addr add 100.64.0.1/30 dev lan0
	ip addr add fd72::1/64 dev lan0 nodad
	for address in $works/32 $dropped/32 $rejected/32 $works6/128; do
		ip addr add "$address" dev lo
	done
	for device in lan0 spare0 taken0; do
		ip link set $device up
	done
	ip route add $unsent dev lan0
	ip -n client link set lo up
	ip -n client addr add 100.64.0.2/30 dev lan0
	ip -n client addr add fd72::2/64 dev lan0 nodad
	ip -n client link set lan0 up
	ip -n client route add default via 100.64.0.1
	ip -n client route add default via fd72::1
	nft -f - <<-END
		table inet edge {
			chain input {
				type filter hook input priority 0
				ip daddr $dropped drop
				ip daddr $rejected tcp dport 443 reject with tcp reset
			}
			chain output {
				type filter hook output priority 0
				ip daddr $unsent drop
			}
		}
	END
	server /cert.pem /key.pem &
	within 30 in_client wget -q -O /dev/null http://$works/
}

# What others have there: a queue, filters before and after ours, and one in our very place.
others() {
	tc qdisc add dev lan0 root handle 8001: pfifo limit 77
	for device in lan0 taken0; do
		tc qdisc add dev $device clsact
	done
	for side in ingress egress; do
		tc filter add dev lan0 $side protocol all prio 3 handle 1 bpf bytecode '1,6 0 0 0' flowid 1:1
		tc filter add dev lan0 $side protocol all prio 9 matchall action ok
		tc filter add dev taken0 $side protocol all prio 7 handle 0x5852 bpf bytecode '1,6 0 0 0' flowid 1:1
	done
}

after_ours() {
	for side in ingress egress; do
		tc -s filter show dev lan0 $side >/run/counts
		[ "$(sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' /run/counts | head -n 1)" -gt 0 ] ||
			{ cat /run/counts; return 1; }
	done
}
