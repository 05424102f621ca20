/* SPDX-License-Identifier: GPL-2.0 */
/* Two clocks: a fine one for the packets whose time is evidence, a coarse one for the rest. */
#ifndef XREACH_CLOCK_H
#define XREACH_CLOCK_H

/* Replay: the capture's time, which user space writes here before each packet and each sweep. The skb
 * carries it too, but hooks without an skb need it as well. */
__u64 replay_ns;

static __always_inline __u64 clock_ns(void)
{
	return cfg.replay ? replay_ns : bpf_ktime_get_ns();
}

/* Units of 1,024 us, modulo 2^32 (51 days). */
static __always_inline __u32 clock_coarse(void)
{
	if (cfg.replay)
		return replay_ns / 1000 >> 10;
	return bpf_jiffies64() * cfg.jiffy_us >> 10;
}

#define COARSE_SECOND	 977 /* one second in coarse units */
#define MS_TO_COARSE(ms) ((__u32)((__u64)(ms)*1000 >> 10))

#endif
