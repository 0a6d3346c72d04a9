/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the programs read of the kernel's structures, field by field and no more. Where a field
 * lies is found out when a program is loaded (BTF, CO-RE): order and size mean nothing here, only
 * the names. From include/linux/{sched,pid,nsproxy,fs,net}.h and
 * include/net/{sock,net_namespace}.h. */
#pragma once

/* What libbpf's headers expect to be there. */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;

/* include/uapi/linux/bpf.h, of which these few are wanted */
enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
  BPF_ANY = 0,
  BPF_NOEXIST = 1,
  BPF_F_NO_PREALLOC = 1,
};

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
  unsigned int inum;
};

struct net {
  struct ns_common ns;
};

struct nsproxy {
  struct net* net_ns;
};

struct pid_namespace {
  struct ns_common ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};

struct pid {
  unsigned int level;
  struct upid numbers[1];
};

struct task_struct {
  int pid;
  int tgid;
  struct task_struct* group_leader;
  struct task_struct* real_parent;
  struct pid* thread_pid;
  struct nsproxy* nsproxy;
  char comm[16];
};

struct super_block {
  unsigned long s_magic;
};

struct inode {
  struct super_block* i_sb;
  unsigned long i_ino;
};

struct file {
  struct inode* f_inode;
};

struct in6_addr {
  union {
    __u8 u6_addr8[16];
  } in6_u;
};

struct sock_common {
  unsigned short skc_family;
  volatile unsigned char skc_state;
  unsigned long skc_flags;
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
  struct {
    struct net* net;
  } skc_net;
  struct {
    __s64 counter;
  } skc_cookie;
};

struct socket;

struct sock {
  struct sock_common __sk_common;
  struct socket* sk_socket;
  __u16 sk_type;
  __u16 sk_protocol;
  int sk_err;
  unsigned long sk_lingertime;
};

struct inet_sock {
  struct sock sk;
  __be16 inet_sport;
};

struct inet_connection_sock {
  struct inet_sock icsk_inet;
  __u8 icsk_retransmits;
  __u8 icsk_probes_out;
};

struct tcp_sock {
  struct inet_connection_sock inet_conn;
  __u32 segs_out;
  __u32 data_segs_out;
  __u32 rcv_nxt;
  __u32 copied_seq;
  __u32 write_seq;
  __u32 snd_una;
  __u64 bytes_sent;
  __u64 bytes_retrans;
  __u64 bytes_received;
};

struct socket {
  struct sock* sk;
};

struct seq_file;

struct bpf_iter_meta {
  struct seq_file* seq;
  __u64 session_id;
  __u64 seq_num;
};

struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
};

struct bpf_iter__tcp {
  struct bpf_iter_meta* meta;
  struct sock_common* sk_common;
};

struct bpf_iter__task_file {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
  __u32 fd;
  struct file* file;
};

#pragma clang attribute pop
