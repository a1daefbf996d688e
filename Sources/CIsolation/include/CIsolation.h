#ifndef CISOLATION_H
#define CISOLATION_H

#include <stdint.h>
#include <sys/types.h>

/// What holds a process in: bits of what `isolate_process` and `isolate_namespaces` return.
enum {
  ISOLATION_LIMITS = 1,
  ISOLATION_SECCOMP = 2,
  ISOLATION_LANDLOCK = 4,
  ISOLATION_NAMESPACES = 8,
};

/// The system's `fork`, which Swift does not offer. Only a process of one thread may call it.
pid_t isolation_fork(void);

/// Gives this process a network without any device, and interprocess communication of its own, where the system allows
/// it. Processes that it forks have the same.
int isolate_namespaces(void);

/// Gives up, for good, everything but computing and writing to the two descriptors: this process cannot open a file, connect,
/// execute a program or send a signal to another. It ends with its parent.
///
/// - Parameters:
///   - parent: the process that forked this one.
///   - results, errors: descriptors that stay open; the second as standard error. Standard input and output are closed.
///   - memory: bytes that it may use beyond those that it has now.
///   - seconds: of computing after which the system kills it.
/// - Returns: what holds it now.
int isolate_process(pid_t parent, int results, int errors, uint64_t memory, uint64_t seconds);

/// The wait status of a child that has ended: its exit status, or 128 and the signal that ended it.
int isolation_exit_status(int status);

#endif
