/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#pragma once

#include "kernel_types.bpf.h"

/* The reader's PID namespace, by the inode number of /proc/self/ns/pid: processes are told by their
 * numbers there. */
const volatile __u32 pid_namespace = 0;

/* include/linux/pid_namespace.h: MAX_PID_NS_LEVEL is 32. */
#define LEVELS_MAX 32

/* The number of a task's process; 0 where the reader may not see it. */
static __u32 process_number(struct task_struct* task) {
  struct pid* pid = BPF_CORE_READ(task, group_leader, thread_pid);
  __u32 level = BPF_CORE_READ(pid, level);
  for (__u32 i = 0; i < LEVELS_MAX; ++i) {
    if (i > level) break;
    struct upid* number = &pid->numbers[level - i];
    if (BPF_CORE_READ(number, ns, ns.inum) == pid_namespace) return BPF_CORE_READ(number, nr);
  }
  return 0;
}
