/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Follows each TCP connection from its first state to its last and tells of it once, at its end,
 * or adds it up for a look.
 * Only some edges happen in the process that caused them (connect, close); in the others the
 * current process is whoever was interrupted, and is not looked at. */
#include "connection_record.h"
#include "followed.bpf.h"
#include "kernel_types.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Of which network namespace; 0: of all. */
const volatile __u32 net_namespace = 0;

#define IPPROTO_TCP 6

/* include/net/tcp_states.h */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10
#define TCP_CLOSING 11

/* include/net/sock.h, enum sock_flags */
#define SOCK_DONE_BIT 1
#define SOCK_LINGER_BIT 4

#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EPIPE 32

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 262144);
  __uint(map_flags, BPF_F_NO_PREALLOC); /* memory only for what is open */
  /* The socket's address, which is another's only after CLOSED was told. Its cookie may change
   * until SYN-RECEIVED (inet_csk_clone_lock() before Linux 6.15). */
  __type(key, __u64);
  __type(value, struct open_connection);
} open_connections SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 * 1024 * 1024);
} ended SEC(".maps");

/* What was not told: the reader was too slow, or too many connections were open. */
__u64 lost = 0;
__u64 not_followed = 0;

static void note_opened(struct open_connection* c, struct sock* sk, int to) {
  c->is_followed = 1;
  c->is_accepted = to == TCP_SYN_RECV;
  if (to != TCP_SYN_SENT) return;
  note_process(&c->opener, c->opener_name);
  if (adds_up) add_opened(c, sk);
}

static void note(struct open_connection* c, struct sock* sk, int to) {
  switch (to) {
    case TCP_SYN_SENT:
    case TCP_SYN_RECV: note_opened(c, sk, to); break;
    case TCP_ESTABLISHED: c->established_ns = bpf_ktime_get_boot_ns(); break;
    case TCP_CLOSE_WAIT:
      if (!c->first_fin) c->first_fin = first_fin_of_the_peer;
      c->close_wait_ns = bpf_ktime_get_boot_ns();
      note_cookie(c, sk);
      break;
    case TCP_FIN_WAIT1:
      if (!c->first_fin) c->first_fin = first_fin_of_ours;
      note_cookie(c, sk);
      note_process(&c->closer, c->closer_name);
      break;
    case TCP_LAST_ACK:
      if (!c->first_fin) c->first_fin = first_fin_of_the_peer;
      note_cookie(c, sk);
      note_process(&c->closer, c->closer_name);
      break;
    default: break;
  }
}

static __u8 has_flag(struct sock* sk, int bit) {
  return sk->__sk_common.skc_flags >> bit & 1;
}

/* A connection ends without an error where close() ends it, be it that all FINs are through or that
 * it is cut: __tcp_close() and inet_csk_listen_stop() in the kernel's net/ipv4. */
static __u8 end_without_error(struct connection_record* r, struct sock* sk, int from) {
  /* tcp_v4_connect() is in SYN-SENT while it looks for a port, and fails with EADDRNOTAVAIL. */
  if (from == TCP_SYN_SENT && !BPF_CORE_READ((struct tcp_sock*)sk, segs_out)) {
    return end_without_port;
  }
  if (from == TCP_SYN_SENT || from == TCP_SYN_RECV) return end_before_start;
  __u8 awaits_fin = from == TCP_FIN_WAIT1 || from == TCP_FIN_WAIT2;
  __u8 is_open = from == TCP_ESTABLISHED || from == TCP_CLOSE_WAIT;
  /* accept() never gave it to a program. */
  if (is_open && !sk->sk_socket) return end_with_listener;
  /* After shutdown(), until the peer's FIN comes. */
  if (!is_open && !(awaits_fin && !has_flag(sk, SOCK_DONE_BIT))) return end_by_fins;
  if (r->unread) return end_by_unread;
  if (is_open || (has_flag(sk, SOCK_LINGER_BIT) && !sk->sk_lingertime)) return end_by_linger;
  return end_by_fins;
}

static __u8 end_of(struct connection_record* r, struct sock* sk, int from) {
  switch (r->error) {
    case ECONNRESET:
    case EPIPE:
    case ECONNREFUSED: return end_by_peer;
    case ETIMEDOUT: return end_by_time;
    case ECONNABORTED: return end_by_kill;
    case 0: return end_without_error(r, sk, from);
    default: return end_by_error;
  }
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
  __u8 fin = has_flag(sk, SOCK_DONE_BIT); /* the peer's, which counts as a byte */
  r->error = sk->sk_err;
  r->sent = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
  r->received = BPF_CORE_READ(tcp, bytes_received);
  if (fin && r->received) r->received -= 1;
  r->unread = BPF_CORE_READ(tcp, rcv_nxt) - BPF_CORE_READ(tcp, copied_seq);
  if (fin && r->unread) r->unread -= 1;
  r->retransmits = BPF_CORE_READ(tcp, inet_conn.icsk_retransmits);
  r->probes = BPF_CORE_READ(tcp, inet_conn.icsk_probes_out);
}

static void take_all(struct connection_record* r, struct open_connection* c, struct sock* sk,
                     int from) {
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
  /* These happen in the process that closes. */
  if (r->end == end_by_unread || r->end == end_by_linger || r->end == end_with_listener ||
      (r->end == end_before_start && from == TCP_SYN_SENT)) {
    note_process(&r->closer, r->closer_name);
  }
}

static void add_up(struct open_connection* c, struct sock* sk, int from) {
  struct connection_record r;
  take_all(&r, c, sk, from);
  add_ended(&r);
  /* A TIME-WAIT takes over, or a FIN-WAIT-2 that nobody holds. */
  if (c && (from == TCP_FIN_WAIT2 || from == TCP_CLOSING)) remember(c);
}

static void tell(struct open_connection* c, struct sock* sk, int from) {
  struct connection_record* r = bpf_ringbuf_reserve(&ended, sizeof(*r), 0);
  if (!r) {
    __sync_fetch_and_add(&lost, 1);
    return;
  }
  take_all(r, c, sk, from);
  bpf_ringbuf_submit(r, 0);
}

static int follow_edge(struct sock* sk, int from, int to) {
  if (sk->sk_protocol != IPPROTO_TCP || from == to) return 0;
  if (net_namespace && sk->__sk_common.skc_net.net->ns.inum != net_namespace) return 0;
  /* A listener has no connection of its own. */
  if (to == TCP_LISTEN || (from == TCP_LISTEN && to == TCP_CLOSE)) return 0;
  __u64 key = (__u64)sk;
  struct open_connection* c = bpf_map_lookup_elem(&open_connections, &key);
  if (to == TCP_CLOSE) {
    if (adds_up) {
      add_up(c, sk, from);
    } else {
      tell(c, sk, from);
    }
    if (c) bpf_map_delete_elem(&open_connections, &key);
    return 0;
  }
  if (!c) {
    struct open_connection fresh = {};
    if (bpf_map_update_elem(&open_connections, &key, &fresh, BPF_NOEXIST)) {
      __sync_fetch_and_add(&not_followed, 1);
      return 0;
    }
    c = bpf_map_lookup_elem(&open_connections, &key);
    if (!c) return 0;
  }
  /* What is left of another that had this address. */
  if (to == TCP_SYN_SENT || to == TCP_SYN_RECV) __builtin_memset(c, 0, sizeof(*c));
  note(c, sk, to);
  return 0;
}

/* The kernel lets no program interrupt itself: an edge that a softirq brings while `follow` runs in
 * the process beneath is kept from it (kernel/trace/bpf_trace.c, __bpf_trace_run()). `follow_again`
 * comes to each edge after it and takes those that it did not see, which it knows by what `follow`
 * noted on its processor: the edge at hand, and that of the process beneath a softirq. */
struct edge {
  __u64 sk;
  __u32 from;
  __u32 to;
};

struct seen_edges {
  struct edge last;
  struct edge beneath;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct seen_edges);
} seen SEC(".maps");

/* Edges that the second program took. */
__u64 taken_again = 0;

static int is_same(const struct edge* e, const struct sock* sk, int from, int to) {
  return e->sk == (__u64)sk && e->from == (__u32)from && e->to == (__u32)to;
}

static struct seen_edges* seen_here(void) {
  __u32 first = 0;
  return bpf_map_lookup_elem(&seen, &first);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(follow, struct sock* sk, int from, int to) {
  struct seen_edges* here = seen_here();
  if (!here) return 0;
  follow_edge(sk, from, to);
  /* Only now: an edge that comes while this one is handled finds no note. */
  here->beneath = here->last;
  here->last = (struct edge){.sk = (__u64)sk, .from = from, .to = to};
  return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(follow_again, struct sock* sk, int from, int to) {
  struct seen_edges* here = seen_here();
  if (!here) return 0;
  if (is_same(&here->last, sk, from, to)) {
    here->last = here->beneath;
    here->beneath = (struct edge){};
    return 0;
  }
  if (!is_same(&here->beneath, sk, from, to)) {
    __sync_fetch_and_add(&taken_again, 1);
    return follow_edge(sk, from, to);
  }
  /* Edges came while this ran, and their notes stayed. */
  here->last = (struct edge){};
  here->beneath = (struct edge){};
  return 0;
}
