// Runs a program, and says what it took. A program of its own, since Linux counts as the memory of a process also what the
// process that started it had: this one has next to none.
//   measured-run FOLDER OUTPUT COMMAND...
// The command runs in FOLDER; what it prints goes to the files OUTPUT and `errors` there, and what it took to `usage`: its status,
// microseconds of a processor for itself and in the system, nanoseconds by the clock, and the most memory, in KiB.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void direct(int descriptor, const char *path, int flags) {
  int file = open(path, flags, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int count, char **words) {
  if (count < 4 || chdir(words[1]) != 0) return 2;
  const long long begun = now();
  const pid_t process = fork();
  if (process == 0) {
    direct(0, "/dev/null", O_RDONLY);
    direct(1, words[2], O_WRONLY | O_CREAT | O_TRUNC);
    direct(2, "errors", O_WRONLY | O_CREAT | O_TRUNC);
    execvp(words[3], words + 3);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (process < 0 || wait4(process, &status, 0, &usage) != process) return 2;
  const long long elapsed = now() - begun;
  FILE *file = fopen("usage", "w");
  if (file == NULL) return 2;
  fprintf(file, "%d %lld %lld %lld %ld\n", status, microseconds(usage.ru_utime), microseconds(usage.ru_stime), elapsed,
          usage.ru_maxrss);
  return fclose(file) == 0 ? 0 : 2;
}
