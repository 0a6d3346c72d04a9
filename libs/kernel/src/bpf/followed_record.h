/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#pragma once

// What connections.bpf.c keeps of connections between two looks at the sockets, and what the
// follower reads; C and C++ both. Numbers are in the order of this machine but for addresses and
// ports, which are in that of the network.

/// A connection that has not ended, by the address of its socket.
struct open_connection {
  unsigned long long established_ns;  ///< CLOCK_BOOTTIME; 0: not yet, or not seen.
  unsigned long long close_wait_ns;   ///< When the peer's FIN came; 0: it did not, or not seen.
  unsigned long long cookie;          ///< 0 until a FIN was sent or came.
  unsigned int net_namespace;         ///< Set with the cookie.
  unsigned int opener;                ///< As in connection_record.
  unsigned int closer;
  unsigned char first_fin;
  unsigned char is_accepted;
  unsigned char is_followed;
  char opener_name[16];
  char closer_name[16];
};

/// A socket for as long as anything of it is in a table of the kernel.
struct followed_socket_key {
  unsigned long long cookie;
  unsigned int net_namespace;
  unsigned int unused;
};

/// Who made a TIME-WAIT, or a FIN-WAIT-2 that nobody holds.
struct left_behind {
  unsigned long long left_ns;  ///< CLOCK_BOOTTIME
  unsigned int opener;         ///< 0: not seen, or accepted.
  unsigned int closer;
};

/// Which end of a connection this is.
enum followed_side { side_unknown, side_outbound, side_inbound };

/// What connections are added up by.
struct flow_key {
  unsigned int opener;
  unsigned int closer;
  unsigned int net_namespace;
  unsigned short port;        ///< Outbound the peer's, inbound this end's, else 0.
  unsigned char family;       ///< AF_INET or AF_INET6
  unsigned char side;         ///< followed_side
  unsigned char address[16];  ///< Of the same end as the port.
};

#define FLOW_CLASSES 32

struct flow_sums {
  unsigned long long opened;  ///< connect() was called.
  unsigned long long ended;
  unsigned long long established;  ///< Of those that ended.
  unsigned long long closed_here_first;
  unsigned long long closed_by_peer_first;
  unsigned long long resets;  ///< Sent or received, of established ones.
  unsigned long long sent;    ///< Bytes of data, each once.
  unsigned long long received;
  unsigned int lives[FLOW_CLASSES];  ///< By the logarithm to base 2 of microseconds.
  unsigned int sizes[FLOW_CLASSES];  ///< By that of bytes both ways.
  unsigned int opener_parent;        ///< Who had started the opener.
  char opener_name[16];
  char closer_name[16];
  char parent_name[16];
};
