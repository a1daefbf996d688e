#pragma once
#include <spawn.h>

/// Has a program start in a folder. Swift does not see the function of the C library that does so.
int spawn_in_folder(posix_spawn_file_actions_t *actions, const char *folder);
