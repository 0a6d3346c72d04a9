/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Closes sockets that were chosen before, each under its lock and only as long as nothing about it
 * has changed: between the look and the close its program cannot run. */
#include "closing_record.h"
#include "kernel_types.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, CLOSING_MAX);
  __type(key, __u64);
  __type(value, struct closing_socket);
} chosen SEC(".maps");

/* net/core/filter.c, Linux 6.5: for iterators alone, which hold the lock. */
extern int bpf_sock_destroy(struct sock_common* sock) __ksym;

/* As net/ipv4/tcp_diag.c and tcp_get_info() count, which is what it was judged by. */
static int is_as_judged(struct tcp_sock* tp, const struct closing_socket* judged) {
  int receive_queue = (int)(tp->rcv_nxt - tp->copied_seq);
  if (receive_queue < 0) receive_queue = 0;
  return (__u32)receive_queue == judged->receive_queue &&
         tp->write_seq - tp->snd_una == judged->send_queue &&
         tp->bytes_received == judged->bytes_received &&
         tp->data_segs_out == judged->data_segments_sent;
}

SEC("iter/tcp")
int close_chosen(struct bpf_iter__tcp* ctx) {
  struct sock_common* common = ctx->sk_common;
  if (!common) return 0;
  __u64 cookie = common->skc_cookie.counter;
  struct closing_socket* judged = bpf_map_lookup_elem(&chosen, &cookie);
  if (!judged || judged->outcome != closing_not_met) return 0;
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(common);
  if (!tp) {
    judged->outcome = closing_not_whole;
    return 0;
  }
  if (common->skc_state != judged->state || !is_as_judged(tp, judged)) {
    judged->outcome = closing_changed;
    return 0;
  }
  int failed = bpf_sock_destroy(common);
  judged->error = -failed;
  judged->outcome = closing_closed;
  return 0;
}
