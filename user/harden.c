// SPDX-License-Identifier: GPL-2.0
/* What this process keeps to itself, and what it gives up. */
#include "harden.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cap-ng.h>
#include <seccomp.h>

/* A build with sanitizers looks for leaks at its end by tracing itself. It is for tests, never for real traffic. */
#ifdef __SANITIZE_ADDRESS__
static const bool traces_itself = true;
#else
static const bool traces_itself = false;
#endif

int harden(void)
{
	const struct rlimit none = { 0, 0 };

	/* The limit alone does not stop a core that is piped to a program; not being dumpable does, and
	 * it also refuses ptrace and /proc/PID/mem to others. */
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, traces_itself, 0, 0, 0))
		return -errno;
	return 0;
}

/* New interfaces get programs as they come, so these are needed to the end. */
static const unsigned int kept[] = { CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN };
#define KEPT (sizeof(kept) / sizeof(kept[0]))

bool harden_may_watch(void)
{
	if (capng_get_caps_process())
		return true; /* not known: let the kernel say */
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) ||
	       (capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF) &&
		capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN));
}

static int drop_capabilities(void)
{
	bool had[KEPT], may_bound;

	if (capng_get_caps_process())
		return -EINVAL;
	for (size_t i = 0; i < KEPT; i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < KEPT; i++)
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
	return capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

/* A list of what is refused, and not of what is allowed: the libraries under us may change what they use. */
static int refuse_calls(void)
{
	static const int calls[] = {
		SCMP_SYS(execve),
		SCMP_SYS(execveat),
		SCMP_SYS(ptrace),
		SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev),
		SCMP_SYS(init_module),
		SCMP_SYS(finit_module),
		SCMP_SYS(delete_module),
		SCMP_SYS(kexec_load),
		SCMP_SYS(mount),
		SCMP_SYS(umount2),
		SCMP_SYS(pivot_root),
		SCMP_SYS(setns),
		SCMP_SYS(unshare),
		SCMP_SYS(add_key),
		SCMP_SYS(keyctl),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !err; i++)
		if (calls[i] != SCMP_SYS(ptrace) || !traces_itself)
			err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
				       SCMP_A0(SCMP_CMP_EQ, AF_PACKET));
	if (!err)
		err = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return err;
}

int harden_confine(void)
{
	int err, refused, again;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	err = drop_capabilities();
	refused = refuse_calls();
	if (!err)
		err = refused;
	/* a change of capabilities sets this as the system likes it */
	again = harden();
	return again ? again : err;
}
