/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Every process, and every descriptor that is open: each in one pass. /proc wants a system call for
 * every single one. */
#include "descriptor_record.h"
#include "kernel_types.bpf.h"
#include "pid.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/uapi/linux/magic.h */
#define SOCKFS_MAGIC 0x534F434B
#define PIPEFS_MAGIC 0x50495045
#define ANON_INODE_FS_MAGIC 0x09041934
#define PID_FS_MAGIC 0x50494446
#define NSFS_MAGIC 0x6e736673

#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define TCP_CLOSE 7

/* Of the last task: its descriptors come one after another. */
static int last_thread;
static __u32 last_pid;

static __u32 pid_of(struct task_struct* task) {
  if (task->pid != last_thread) {
    last_pid = process_number(task);
    last_thread = task->pid;
  }
  return last_pid;
}

SEC("iter/task")
int list_process(struct bpf_iter__task* ctx) {
  struct task_struct* task = ctx->task;
  if (!task || task->pid != task->tgid) return 0;
  struct process_record p = {};
  p.pid = pid_of(task);
  /* A process that is ending has none: read as 0. */
  p.net_namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
  if (p.pid) bpf_seq_write(ctx->meta->seq, &p, sizeof(p));
  return 0;
}

static __u8 kind_of(unsigned long magic) {
  switch (magic) {
    case SOCKFS_MAGIC: return descriptor_socket;
    case PIPEFS_MAGIC: return descriptor_pipe;
    case ANON_INODE_FS_MAGIC:
    case PID_FS_MAGIC: return descriptor_anonymous;
    case NSFS_MAGIC: return descriptor_other;
    default: return descriptor_file;
  }
}

static void add_socket(struct descriptor_record* d, struct file* file) {
  d->life = socket_is_no_tcp;
  struct socket* socket = bpf_sock_from_file(file);
  if (!socket) return;
  struct sock* sk = socket->sk;
  if (!sk) return;
  __u16 family = sk->__sk_common.skc_family;
  if (family != AF_INET && family != AF_INET6) return;
  if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP) return;
  d->net_namespace = sk->__sk_common.skc_net.net->ns.inum;
  d->life = socket_is_listed;
  if (sk->__sk_common.skc_state != TCP_CLOSE) return;
  __u32 sent = BPF_CORE_READ((struct tcp_sock*)sk, segs_out);
  d->life = sent ? socket_has_ended : socket_never_connected;
}

SEC("iter/task_file")
int list_descriptor(struct bpf_iter__task_file* ctx) {
  struct task_struct* task = ctx->task;
  struct file* file = ctx->file;
  if (!task || !file) return 0;
  struct descriptor_record d = {};
  d.pid = pid_of(task);
  d.thread = task->pid;
  d.fd = ctx->fd;
  d.kind = kind_of(file->f_inode->i_sb->s_magic);
  if (d.kind == descriptor_socket) {
    d.inode = file->f_inode->i_ino;
    add_socket(&d, file);
  }
  if (d.pid) bpf_seq_write(ctx->meta->seq, &d, sizeof(d));
  return 0;
}
