/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#pragma once

// What connections.bpf.c writes and the tracer reads; C and C++ both. Numbers are in the order of
// this machine but for addresses and ports, which are in that of the network.

/// Who sent the first FIN.
enum first_fin_record {
  first_fin_of_nobody,
  first_fin_of_ours,
  first_fin_of_the_peer,
};

/// How a connection left the state machine.
enum connection_end_record {
  end_by_fins,    ///< Both sides closed, or the peer's FIN is still awaited by the kernel alone.
  end_by_peer,    ///< A reset came.
  end_by_unread,  ///< The program closed and left data unread: a reset went out.
  end_with_listener,  ///< Its listener closed before accept(): a reset.
  end_by_linger,      ///< The program closed with SO_LINGER 0 or connected to nowhere: a reset.
  end_by_time,        ///< The kernel gave up: data or probes were not acknowledged.
  end_by_kill,        ///< SOCK_DESTROY took it.
  end_by_error,       ///< Another error of the network.
  end_before_start,   ///< connect() had not ended when the program closed.
  end_without_port,   ///< connect() failed before a SYN went out: no local port was free.
};

/// One end of a connection that has ended.
struct connection_record {
  unsigned long long ended_ns;  ///< CLOCK_BOOTTIME
  unsigned long long life_ns;   ///< Since the handshake was done; 0: it never was, or unknown.
  unsigned long long sent;      ///< Bytes of data, each once.
  unsigned long long received;
  unsigned int opener;  ///< The process that called connect(); 0: not seen, or accepted.
  unsigned int closer;  ///< The process whose call sent our FIN or reset; 0: none did.
  unsigned int net_namespace;
  unsigned int error;         ///< What the program's next call gets (errno); 0: none.
  unsigned int unread;        ///< Bytes that came and were not read.
  unsigned char family;       ///< AF_INET or AF_INET6
  unsigned char end;          ///< connection_end_record
  unsigned char first_fin;    ///< first_fin_record
  unsigned char is_accepted;  ///< A listener of this host took it.
  unsigned char is_followed;  ///< Its beginning was seen.
  unsigned char is_established;
  unsigned char retransmits;  ///< Of the segment that waits for its ACK.
  unsigned char probes;       ///< Without an answer.
  unsigned short local_port;
  unsigned short remote_port;
  unsigned char local[16];
  unsigned char remote[16];
  char opener_name[16];
  char closer_name[16];
};
