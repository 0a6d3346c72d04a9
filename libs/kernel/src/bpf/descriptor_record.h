/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#pragma once

// What descriptors.bpf.c writes and descriptor_records.cpp reads; C and C++ both. Every number is
// in the order of this machine.

/// A process of the reader's PID namespace.
struct process_record {
  unsigned int pid;
  unsigned int net_namespace;  ///< The inode of its network namespace; 0: it is ending.
};

/// As fd_kinds counts them.
enum descriptor_kind {
  descriptor_file,
  descriptor_socket,
  descriptor_pipe,
  descriptor_anonymous,
  descriptor_other,
};

/// What becomes of a TCP socket in the kernel's tables; the values are those of waitstate's
/// socket_life.
enum socket_life_record {
  socket_life_unknown,
  socket_is_no_tcp,
  socket_is_listed,
  socket_has_ended,
  socket_never_connected,
};

/// A descriptor that is open.
struct descriptor_record {
  unsigned int pid;
  unsigned int thread;  ///< Whose table of descriptors it is in, by the kernel's own number.
  unsigned int fd;
  unsigned int inode;          ///< Of a socket; else 0.
  unsigned int net_namespace;  ///< Of a TCP socket; else 0.
  unsigned char kind;          ///< descriptor_kind
  unsigned char life;          ///< socket_life_record, of a socket.
  unsigned short unused;
};
