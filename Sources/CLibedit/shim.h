// What Swift cannot call itself: libedit's variadic functions, with types here, and macros.
#ifndef CLIBEDIT_SHIM_H
#define CLIBEDIT_SHIM_H

#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>
#include <histedit.h>

typedef char *(*editline_prompt_function)(EditLine *);
typedef unsigned char (*editline_key_function)(EditLine *, int);

// `stdin` and `stdout` are mutable globals, which Swift 6 refuses: they stay on this side.
static inline EditLine *editline_init(const char *program_name) {
  return el_init(program_name, stdin, stdout, stderr);
}

static inline void editline_put(const char *text) {
  fputs(text, stdout);
  fflush(stdout);
}

// The same, but the text waits for what libedit writes next.
static inline void editline_put_later(const char *text) { fputs(text, stdout); }

// Waits until standard input can be read: 1, or 0 after `timeout_ms` (none when negative), or -1 with `errno` set.
// `mask` is the signal mask meanwhile; NULL leaves it. The macros for a descriptor set are out of Swift's reach.
static inline int editline_wait_for_input(const sigset_t *mask, int timeout_ms) {
  struct timespec timeout = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L};
  fd_set inputs;
  FD_ZERO(&inputs);
  FD_SET(STDIN_FILENO, &inputs);
  return pselect(STDIN_FILENO + 1, &inputs, NULL, NULL, timeout_ms < 0 ? NULL : &timeout, mask);
}

static inline int editline_use_emacs_keys(EditLine *editor) { return el_set(editor, EL_EDITOR, "emacs"); }

static inline int editline_has_emacs_keys(EditLine *editor) {
  const char *name = NULL;
  return el_get(editor, EL_EDITOR, &name) == 0 && name != NULL && name[0] == 'e';
}

static inline int editline_handle_signals(EditLine *editor, int enabled) {
  return el_set(editor, EL_SIGNAL, enabled);
}

static inline int editline_set_client_data(EditLine *editor, void *data) {
  return el_set(editor, EL_CLIENTDATA, data);
}

static inline void *editline_client_data(EditLine *editor) {
  void *data = NULL;
  return el_get(editor, EL_CLIENTDATA, &data) == 0 ? data : NULL;
}

static inline int editline_set_prompt(EditLine *editor, editline_prompt_function prompt, char escape) {
  return el_set(editor, EL_PROMPT_ESC, prompt, escape);
}

static inline int editline_set_reader(EditLine *editor, el_rfunc_t reader) {
  return el_set(editor, EL_GETCFN, reader);
}

static inline int editline_add_function(
    EditLine *editor, const char *name, const char *help, editline_key_function function) {
  return el_set(editor, EL_ADDFN, name, help, function);
}

static inline int editline_bind(EditLine *editor, const char *key, const char *function_name) {
  return el_set(editor, EL_BIND, key, function_name, NULL);
}

// The same for the keys of vi's command mode.
static inline int editline_bind_alternate(EditLine *editor, const char *key, const char *function_name) {
  return el_set(editor, EL_BIND, "-a", key, function_name, NULL);
}

static inline int editline_is_editing(EditLine *editor) {
  int enabled = 0;
  return el_get(editor, EL_EDITMODE, &enabled) == 0 && enabled;
}

static inline int editline_set_history(EditLine *editor, History *events) {
  return el_set(editor, EL_HIST, history, events);
}

static inline int editline_prepare_terminal(EditLine *editor, int raw) {
  return el_set(editor, EL_PREP_TERM, raw);
}

// Has libedit read this character next, before what is typed.
static inline void editline_push(EditLine *editor, wchar_t character) {
  const wchar_t text[] = {character, 0};
  el_wpush(editor, text);
}

static inline void editline_refresh(EditLine *editor) { el_set(editor, EL_REFRESH); }

// A termcap number ("co", "li"), or -1 when it is unknown.
static inline int editline_terminal_number(EditLine *editor, const char *capability) {
  int value = -1;
  return el_get(editor, EL_GETTC, capability, &value, NULL) == 0 ? value : -1;
}

static inline int editline_set_terminal_number(EditLine *editor, const char *capability, const char *value) {
  return el_set(editor, EL_SETTC, capability, value, NULL);
}

// A termcap text ("ce"), or NULL when the terminal does not have it.
static inline const char *editline_terminal_text(EditLine *editor, const char *capability) {
  const char *value = NULL;
  return el_get(editor, EL_GETTC, capability, &value, NULL) == 0 ? value : NULL;
}

// The columns that a character takes, or -1 for one that cannot be shown. The headers hide `wcwidth` from Swift.
extern int wcwidth(wchar_t);
static inline int editline_character_width(wchar_t character) { return wcwidth(character); }

static inline int editline_history_set_size(History *events, int size) {
  HistEvent event;
  return history(events, &event, H_SETSIZE, size);
}

static inline int editline_history_enter(History *events, const char *text) {
  HistEvent event;
  return history(events, &event, H_ENTER, text);
}

#endif
