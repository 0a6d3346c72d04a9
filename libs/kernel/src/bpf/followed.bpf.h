/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Adds up the connections that end between two looks at the sockets, and remembers who made those
 * that a look will find without an owner. */
#pragma once

#include "connection_record.h"
#include "followed_record.h"
#include "kernel_types.bpf.h"
#include "pid.bpf.h"

#define AF_INET 2

/* For a look; else each connection is told of at its end. */
const volatile __u8 adds_up = 0;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct flow_key);
  __type(value, struct flow_sums);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 524288);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct followed_socket_key);
  __type(value, struct left_behind);
} left SEC(".maps");

/* Connections that found no place in the sums, and sockets whose makers are not remembered. */
__u64 not_added = 0;
__u64 not_remembered = 0;

static const struct flow_sums no_sums = {};

/* Threads may have names of their own: that of the first is the program's. */
static void note_process(__u32* number, char* name) {
  struct task_struct* task = bpf_get_current_task_btf();
  *number = process_number(task);
  bpf_probe_read_kernel_str(name, 16, task->group_leader->comm);
}

/* Of a socket that begins to close: its cookie goes on to what is left of it, but only where
 * somebody has asked for it by then. */
static void note_cookie(struct open_connection* c, struct sock* sk) {
  if (!adds_up || c->cookie) return;
  c->cookie = bpf_get_socket_cookie(sk);
  c->net_namespace = sk->__sk_common.skc_net.net->ns.inum;
}

static void remember(struct open_connection* c) {
  struct followed_socket_key key = {.cookie = c->cookie, .net_namespace = c->net_namespace};
  struct left_behind made = {
      .left_ns = bpf_ktime_get_boot_ns(), .opener = c->opener, .closer = c->closer};
  if (!c->cookie || !c->closer) return;
  if (bpf_map_update_elem(&left, &key, &made, BPF_ANY)) __sync_fetch_and_add(&not_remembered, 1);
}

/* The logarithm to base 2, rounded down; of 0 it is 0. */
static __u32 class_of(__u64 number) {
  __u32 low = number;
  __u32 class = 0;
  if (number >> 32) return FLOW_CLASSES - 1;
  if (low >> 16) class += 16, low >>= 16;
  if (low >> 8) class += 8, low >>= 8;
  if (low >> 4) class += 4, low >>= 4;
  if (low >> 2) class += 2, low >>= 2;
  return class + (low >> 1);
}

static struct flow_sums* sums_of(const struct flow_key* key) {
  struct flow_sums* sums = bpf_map_lookup_elem(&flows, key);
  if (sums) return sums;
  /* It may be there by now: another processor was faster. */
  bpf_map_update_elem(&flows, key, &no_sums, BPF_NOEXIST);
  sums = bpf_map_lookup_elem(&flows, key);
  if (!sums) __sync_fetch_and_add(&not_added, 1);
  return sums;
}

static void copy_name(char* to, const char* from) {
  if (from[0]) __builtin_memcpy(to, from, 16);
}

/* In the process that calls connect(). */
static void add_opened(struct open_connection* c, struct sock* sk) {
  struct flow_key key = {.opener = c->opener, .closer = c->opener, .side = side_outbound};
  key.net_namespace = sk->__sk_common.skc_net.net->ns.inum;
  key.family = sk->__sk_common.skc_family;
  key.port = sk->__sk_common.skc_dport;
  if (key.family == AF_INET) {
    __builtin_memcpy(key.address, &(__be32){sk->__sk_common.skc_daddr}, 4);
  } else {
    BPF_CORE_READ_INTO(&key.address, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
  }
  struct flow_sums* sums = sums_of(&key);
  if (!sums) return;
  __sync_fetch_and_add(&sums->opened, 1);
  if (sums->opener_parent) return;
  struct task_struct* parent = BPF_CORE_READ(bpf_get_current_task_btf(), group_leader, real_parent);
  bpf_probe_read_kernel_str(sums->parent_name, 16, &parent->comm);
  copy_name(sums->opener_name, c->opener_name);
  copy_name(sums->closer_name, c->opener_name);
  sums->opener_parent = process_number(parent);
}

static void add_ended(const struct connection_record* r) {
  struct flow_key key = {.opener = r->opener,
                         .closer = r->closer,
                         .net_namespace = r->net_namespace,
                         .family = r->family};
  if (r->is_followed) {
    key.side = r->is_accepted ? side_inbound : side_outbound;
    key.port = r->is_accepted ? r->local_port : r->remote_port;
    __builtin_memcpy(key.address, r->is_accepted ? r->local : r->remote, 16);
  }
  struct flow_sums* sums = sums_of(&key);
  if (!sums) return;
  __sync_fetch_and_add(&sums->ended, 1);
  __sync_fetch_and_add(&sums->sent, r->sent);
  __sync_fetch_and_add(&sums->received, r->received);
  if (r->is_established) {
    __sync_fetch_and_add(&sums->established, 1);
    if (r->end != end_by_fins) __sync_fetch_and_add(&sums->resets, 1);
    __sync_fetch_and_add(&sums->sizes[class_of(r->sent + r->received) % FLOW_CLASSES], 1);
  }
  if (r->first_fin == first_fin_of_ours) __sync_fetch_and_add(&sums->closed_here_first, 1);
  if (r->first_fin == first_fin_of_the_peer) __sync_fetch_and_add(&sums->closed_by_peer_first, 1);
  if (r->life_ns) __sync_fetch_and_add(&sums->lives[class_of(r->life_ns / 1000) % FLOW_CLASSES], 1);
  copy_name(sums->opener_name, r->opener_name);
  copy_name(sums->closer_name, r->closer_name);
}
