# SPDX-License-Identifier: GPL-2.0
# Minutes of many people's flows, as lines for the scene program. A line here is a kind of traffic:
#   FROM TO SERVER KIND RATE CLIENTS    seconds, address, what becomes of a flow, flows a second, how many different clients
# Kinds: ok; named, reset at its first request by somebody nearer than the server; refused, reset at its SYN; left, served
# and never closed; silent, its first request never answered; hidden, a packet in a tunnel that cannot be followed to its ports, and no flow at all.
# Each flow is over before the next begins, so RATEs must not add up to more than 20.
{
	from[NR] = $1; to[NR] = $2; server[NR] = $3; kind[NR] = $4; rate[NR] = $5; clients[NR] = $6
	if ($2 > end) end = $2
	if (NF != 6 || $4 !~ /^(ok|named|refused|left|silent|hidden)$/) {
		print "crowd: no line of traffic: " $0 > "/dev/stderr"
		exit bad = 1
	}
}

function at(ms, what) { printf "%d %s\n", start + ms, what }

function flow(i,    who) {
	if (kind[i] == "hidden") { # IPv4 in IPv4
		at(0, "raw 0200000000020200000000010800" "450000280000000040040000" "0a0000010a000002" "0000000000000000000000000000000000000000")
		return
	}
	who = 1 + (n * 7919) % clients[i]
	n++
	printf "client 100.72.%d.%d %d isn=%d\n", who / 250, 1 + who % 250, 1024 + n % 60000, n * 1000
	printf "server %s 443 isn=%d\n", server[i], n * 3000
	at(0, "> S")
	if (kind[i] == "refused") {
		at(8, "< RA")
		return
	}
	at(8, "< SA"); at(9, "> A"); at(10, "> PA len=517")
	if (kind[i] == "silent")
		return
	if (kind[i] == "named") {
		at(12, "< RA ttl=62")
		return
	}
	at(18, "< PA len=1000")
	if (kind[i] == "left")
		return
	at(19, "> FA"); at(27, "< FA"); at(28, "> A")
}

END {
	if (bad) exit 1
	for (second = 0; second < end; second++) {
		many = 0
		for (i = 1; i <= NR; i++)
			if (second >= from[i] && second < to[i])
				for (owed[i] += rate[i]; owed[i] >= 1; owed[i]--)
					turn[many++] = i
		for (k = 0; k < many; k++) {
			start = second * 1000 + k * 50
			flow(turn[k])
		}
	}
}
