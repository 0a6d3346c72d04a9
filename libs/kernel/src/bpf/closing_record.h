/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#pragma once

// What bpf_closer.cpp and closing.bpf.c tell each other; C and C++ both. Every number is in the
// order of this machine.

/// Sockets of one pass.
#define CLOSING_MAX 256

/// What became of a socket.
enum closing_outcome {
  closing_not_met,    ///< The pass did not come by it: it has gone, or was being moved.
  closing_closed,     ///< Closed, and nothing about it had changed.
  closing_changed,    ///< It was used since it was judged: left alone.
  closing_not_whole,  ///< A TIME-WAIT or a handshake, which has no lock: left alone.
};

/// A socket that is to be closed if it is still as it was judged: its key is its cookie.
struct closing_socket {
  unsigned long long bytes_received;
  unsigned int receive_queue;
  unsigned int send_queue;
  unsigned int data_segments_sent;
  unsigned char state;
  unsigned char outcome;  ///< closing_outcome; written by the kernel's side.
  unsigned short error;   ///< Of closing it: an errno, or 0; written by the kernel's side.
};
