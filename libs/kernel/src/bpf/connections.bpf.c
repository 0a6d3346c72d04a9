/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Follows each TCP connection from its first state to its last and tells of it once, at its end.
 * Only some edges happen in the process that caused them (connect, close); in the others the
 * current process is whoever was interrupted, and is not looked at. */
#include "connection_record.h"
#include "kernel_types.bpf.h"
#include "pid.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Of which network namespace; 0: of all. */
const volatile __u32 net_namespace = 0;

#define AF_INET 2
#define IPPROTO_TCP 6

/* include/net/tcp_states.h */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT1 4
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10

/* include/net/sock.h, enum sock_flags */
#define SOCK_DONE_BIT 1
#define SOCK_LINGER_BIT 4

#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EPIPE 32

struct open_connection {
  __u64 established_ns;
  __u32 opener;
  __u32 closer;
  __u8 first_fin;
  __u8 is_accepted;
  __u8 is_followed;
  __u8 is_established;
  char opener_name[16];
  char closer_name[16];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 262144);
  __uint(map_flags, BPF_F_NO_PREALLOC); /* memory only for what is open */
  __type(key, __u64);   /* the socket's cookie */
  __type(value, struct open_connection);
} open_connections SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 * 1024 * 1024);
} ended SEC(".maps");

/* What was not told: the reader was too slow, or too many connections were open. */
__u64 lost = 0;
__u64 not_followed = 0;

static void note_process(__u32* number, char* name) {
  *number = process_number(bpf_get_current_task_btf());
  bpf_get_current_comm(name, 16);
}

static void note_opened(struct open_connection* c, int to) {
  c->is_followed = 1;
  c->is_accepted = to == TCP_SYN_RECV;
  if (to == TCP_SYN_SENT) note_process(&c->opener, c->opener_name);
}

static void note(struct open_connection* c, int from, int to) {
  switch (to) {
    case TCP_SYN_SENT:
    case TCP_SYN_RECV: note_opened(c, to); break;
    case TCP_ESTABLISHED:
      c->established_ns = bpf_ktime_get_boot_ns();
      c->is_established = 1;
      break;
    case TCP_CLOSE_WAIT:
      if (!c->first_fin) c->first_fin = first_fin_of_the_peer;
      break;
    case TCP_FIN_WAIT1:
      if (!c->first_fin) c->first_fin = first_fin_of_ours;
      note_process(&c->closer, c->closer_name);
      break;
    case TCP_LAST_ACK: note_process(&c->closer, c->closer_name); break;
    default: break;
  }
}

static __u8 end_of(struct connection_record* r, struct sock* sk, int from) {
  switch (r->error) {
    case ECONNRESET:
    case EPIPE:
    case ECONNREFUSED: return end_by_peer;
    case ETIMEDOUT: return end_by_time;
    case ECONNABORTED: return end_by_kill;
    case 0: break;
    default: return end_by_error;
  }
  if (from == TCP_SYN_SENT || from == TCP_SYN_RECV) return end_before_start;
  if (from != TCP_ESTABLISHED && from != TCP_CLOSE_WAIT) return end_by_fins;
  /* Only close() comes here without an error; see __tcp_close() in net/ipv4/tcp.c. */
  return r->unread ? end_by_unread : end_by_linger;
}

static void take_addresses(struct connection_record* r, struct sock* sk) {
  r->family = sk->__sk_common.skc_family;
  /* skc_num is 0 by now: the port was given back. */
  r->local_port = BPF_CORE_READ((struct inet_sock*)sk, inet_sport);
  r->remote_port = sk->__sk_common.skc_dport;
  if (r->family == AF_INET) {
    __builtin_memcpy(r->local, &(__be32){sk->__sk_common.skc_rcv_saddr}, 4);
    __builtin_memcpy(r->remote, &(__be32){sk->__sk_common.skc_daddr}, 4);
  } else {
    BPF_CORE_READ_INTO(&r->local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
    BPF_CORE_READ_INTO(&r->remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
  }
}

static void take_counts(struct connection_record* r, struct sock* sk) {
  struct tcp_sock* tcp = (struct tcp_sock*)sk;
  __u32 fin = sk->__sk_common.skc_flags >> SOCK_DONE_BIT & 1; /* of the peer: counted as a byte */
  r->error = sk->sk_err;
  r->sent = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
  r->received = BPF_CORE_READ(tcp, bytes_received);
  if (fin && r->received) r->received -= 1;
  r->unread = BPF_CORE_READ(tcp, rcv_nxt) - BPF_CORE_READ(tcp, copied_seq);
  if (fin && r->unread) r->unread -= 1;
  r->retransmits = BPF_CORE_READ(tcp, inet_conn.icsk_retransmits);
  r->probes = BPF_CORE_READ(tcp, inet_conn.icsk_probes_out);
}

static void tell(struct open_connection* c, struct sock* sk, int from) {
  struct connection_record* r = bpf_ringbuf_reserve(&ended, sizeof(*r), 0);
  if (!r) {
    __sync_fetch_and_add(&lost, 1);
    return;
  }
  __builtin_memset(r, 0, sizeof(*r));
  r->ended_ns = bpf_ktime_get_boot_ns();
  r->net_namespace = sk->__sk_common.skc_net.net->ns.inum;
  take_addresses(r, sk);
  take_counts(r, sk);
  r->end = end_of(r, sk, from);
  r->is_established = from != TCP_SYN_SENT && from != TCP_SYN_RECV;
  if (c) {
    if (c->established_ns) r->life_ns = r->ended_ns - c->established_ns;
    r->opener = c->opener;
    r->closer = c->closer;
    r->first_fin = c->first_fin;
    r->is_accepted = c->is_accepted;
    r->is_followed = c->is_followed;
    __builtin_memcpy(r->opener_name, c->opener_name, sizeof(r->opener_name));
    __builtin_memcpy(r->closer_name, c->closer_name, sizeof(r->closer_name));
  }
  if (r->end == end_by_unread || r->end == end_by_linger || r->end == end_before_start) {
    note_process(&r->closer, r->closer_name);
  }
  bpf_ringbuf_submit(r, 0);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(follow, struct sock* sk, int from, int to) {
  if (sk->sk_protocol != IPPROTO_TCP || from == to) return 0;
  if (net_namespace && sk->__sk_common.skc_net.net->ns.inum != net_namespace) return 0;
  /* A listener has no connection of its own. */
  if (to == TCP_LISTEN || (from == TCP_LISTEN && to == TCP_CLOSE)) return 0;
  __u64 cookie = bpf_get_socket_cookie(sk);
  struct open_connection* c = bpf_map_lookup_elem(&open_connections, &cookie);
  if (to == TCP_CLOSE) {
    tell(c, sk, from);
    if (c) bpf_map_delete_elem(&open_connections, &cookie);
    return 0;
  }
  if (!c) {
    struct open_connection fresh = {};
    if (bpf_map_update_elem(&open_connections, &cookie, &fresh, BPF_NOEXIST)) {
      __sync_fetch_and_add(&not_followed, 1);
      return 0;
    }
    c = bpf_map_lookup_elem(&open_connections, &cookie);
    if (!c) return 0;
  }
  note(c, from, to);
  return 0;
}
