#define _GNU_SOURCE
#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Debian 12's headers are older than what its newest kernels know, so the numbers that came later stand here.
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_restrict_self 446
#endif
#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

pid_t isolation_fork(void) { return fork(); }

int isolation_exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t written = write(file, text, strlen(text));
  close(file);
  return written == (ssize_t)strlen(text);
}

int isolate_namespaces(void) {
  if (unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0) return ISOLATION_NAMESPACES;
  // Whoever is not root may do so inside a user namespace, in which everybody stays who they are.
  uid_t user = getuid();
  gid_t group = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0) return 0;
  char map[64];
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "%u %u 1\n", user, user);
  write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "%u %u 1\n", group, group);
  write_file("/proc/self/gid_map", map);
  return ISOLATION_NAMESPACES;
}

// MARK: - Limits

static int set_limit(int resource, uint64_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) return 0;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
  struct rlimit limit = {most, most};
  return setrlimit(resource, &limit) == 0;
}

/// The bytes of addresses that this process has.
static uint64_t address_space(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%lu", &pages) != 1) pages = 0;
  fclose(file);
  return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int set_limits(uint64_t memory, uint64_t seconds) {
  struct rlimit processor = {seconds, seconds + 1};
  return set_limit(RLIMIT_AS, address_space() + memory) && setrlimit(RLIMIT_CPU, &processor) == 0
    && set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_NPROC, 0) && set_limit(RLIMIT_CORE, 0);
}

// MARK: - Landlock

/// A set of rules that allows nothing: no file, no folder, no port, no signal to others.
struct ruleset {
  uint64_t files, network, scopes;
};

static int forbid_files(void) {
  long version = syscall(__NR_landlock_create_ruleset, NULL, 0, 1U);
  if (version < 1) return 0;
  struct ruleset rules = {(1ULL << 13) - 1, 0, 0};
  size_t size = sizeof rules.files;
  if (version >= 2) rules.files |= 1ULL << 13;
  if (version >= 3) rules.files |= 1ULL << 14;
  if (version >= 5) rules.files |= 1ULL << 15;
  if (version >= 4) {
    rules.network = 3;
    size += sizeof rules.network;
  }
  if (version >= 6) {
    rules.scopes = 3;
    size += sizeof rules.scopes;
  }
  int set = (int)syscall(__NR_landlock_create_ruleset, &rules, size, 0U);
  if (set < 0) return 0;
  int result = syscall(__NR_landlock_restrict_self, set, 0U) == 0;
  close(set);
  return result;
}

// MARK: - System calls

#if defined(__x86_64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/// What a process needs that only computes: memory, time, random numbers, its results, its end.
static const int allowed[] = {
  __NR_read, __NR_write, __NR_close, __NR_brk, __NR_mmap, __NR_munmap, __NR_mremap, __NR_mprotect, __NR_madvise,
  __NR_futex, __NR_clock_gettime, __NR_clock_nanosleep, __NR_nanosleep, __NR_gettimeofday, __NR_getrandom,
  __NR_sched_yield, __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_sigaltstack, __NR_getpid,
  __NR_gettid, __NR_getrusage, __NR_restart_syscall, __NR_exit, __NR_exit_group,
#ifdef __NR_time
  __NR_time,
#endif
};
enum { allowed_count = sizeof allowed / sizeof allowed[0] };

#ifdef THIS_ARCHITECTURE
static int filter_calls(void) {
  // Three instructions for the architecture, one for the number, two for each call, four for signals to itself, one to refuse.
  struct sock_filter program[3 + 1 + 2 * allowed_count + 5 + 1];
  int end = 0;
  const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[end++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  program[end++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCHITECTURE, 1, 0);
  program[end++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  program[end++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int index = 0; index < allowed_count; index++) {
    program[end++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[index], 0, 1);
    program[end++] = allow;
  }
  // A program that finds a fault of its own ends itself with a signal.
  program[end++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_tgkill, 0, 4);
  program[end++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]));
  program[end++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 0, 1);
  program[end++] = allow;
  program[end++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  program[end++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  struct sock_fprog filter = {(unsigned short)end, program};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}
#else
static int filter_calls(void) { return 0; }
#endif

// MARK: - All of it

static void reset_signals(void) {
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  // The parent decides what Ctrl-C means.
  signal(SIGINT, SIG_IGN);
  signal(SIGTSTP, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_others(int results) {
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  long most = sysconf(_SC_OPEN_MAX);
  if (most < 0 || most > 65536) most = 65536;
#ifdef __NR_close_range
  int below = results == STDERR_FILENO + 1 || syscall(__NR_close_range, STDERR_FILENO + 1, results - 1, 0) == 0;
  if (below && syscall(__NR_close_range, results + 1, ~0U, 0) == 0) return;
#endif
  for (int descriptor = STDERR_FILENO + 1; descriptor < most; descriptor++) {
    if (descriptor != results) close(descriptor);
  }
}

int isolate_process(pid_t parent, int results, int errors, uint64_t memory, uint64_t seconds) {
  reset_signals();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  dup2(errors, STDERR_FILENO);
  int force = set_limits(memory, seconds) ? ISOLATION_LIMITS : 0;
  close_others(results);
  prctl(PR_SET_DUMPABLE, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return force;
  if (forbid_files()) force |= ISOLATION_LANDLOCK;
  if (filter_calls()) force |= ISOLATION_SECCOMP;
  return force;
}
