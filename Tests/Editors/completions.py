"""Types the beginnings of commands in bash, zsh and fish, presses Tab, and checks what is offered.

    completions.py PREFIX

PREFIX: where migsh is installed. The working folder has `one.migsh`, `other.txt` and `folder/two.migsh`.
"""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

prefix = sys.argv[1]
share = f"{prefix}/share"
environment = {"PATH": f"{prefix}/bin:/usr/bin:/bin", "HOME": os.getcwd(), "TERM": "dumb", "LC_ALL": "C.UTF-8"}

# What is typed, what must be offered, and what must not be.
EXPECTED = [
    ("migsh che", ["check"], ["run"]),
    ("migsh ", ["run", "check", "lsp", "grade", "torture"], ["manual"]),
    ("migsh run --se", ["--seed"], ["--format"]),
    ("migsh run --format ", ["text", "json", "csv"], []),
    ("migsh run ", ["one.migsh", "total-freezing", "survive"], ["other.txt"]),
    ("migsh check total-f", ["total-freezing"], ["one.migsh"]),
    ("migsh run on", ["one.migsh", "on-reference"], ["other.txt"]),
    ("migsh run folder/", ["folder/two.migsh"], []),
    ("migsh run fol", ["folder"], []),
    ("migsh grade --exit-mode ", ["verdict", "harness"], []),
]


def bash(typed):
    words = typed.split(" ")
    script = f"""
        source {share}/bash-completion/completions/migsh
        function=$(complete -p migsh | sed -E 's/.*-F ([^ ]+).*/\\1/')
        COMP_WORDS=({" ".join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
        COMP_LINE={typed!r}; COMP_POINT={len(typed)}
        "$function" migsh {words[-1]!r} {words[-2]!r}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run(["bash", "--norc", "-c", script])


def run(command):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"{command[0]}: status {done.returncode}: {done.stderr}")
    return [line.rstrip() for line in done.stdout.split("\n") if line.strip()]


class Terminal:
    """A shell at a terminal: some complete only what is typed there."""

    def __init__(self, *command):
        self.name = command[0]
        child, self.terminal = pty.fork()
        if child == 0:
            os.execvpe(command[0], command, environment)
        self.child = child

    def type(self, text):
        os.write(self.terminal, re.sub("\n +", "\n", text).encode())

    def wait(self, sign):
        seen = ""
        end = time.monotonic() + 20
        while sign not in seen:
            if not select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"{self.name}: {sign} does not come: {seen!r}")
            seen += os.read(self.terminal, 65536).decode(errors="replace")

    def close(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)


class Fish(Terminal):
    def __init__(self):
        super().__init__("fish", "--no-config", "-i")
        self.type(f"source {share}/fish/vendor_completions.d/migsh.fish; echo rea''dy\n")
        self.wait("ready")

    def __call__(self, typed):
        if typed.endswith("/"):
            # `complete -C` knows no cursor, so that this is typed. What it goes on to stands in the line then.
            self.type(f"{typed}\t")
            self.wait("two.migsh")
            self.type("\x15")
            return ["folder/two.migsh"]
        self.type(f"complete -C {typed!r} >offers; echo do''ne\n")
        self.wait("done")
        with open("offers", encoding="utf-8") as file:
            return [line.split("\t")[0].strip() for line in file]


class Zsh(Terminal):
    def __init__(self):
        super().__init__("zsh", "-f", "-i")
        # What is given to the list of completions also goes into a file.
        self.type(
            f"""PS1=; PS2=; stty -echo; fpath=({share}/zsh/site-functions $fpath)
            autoload -Uz compinit; compinit -u -D
            LISTMAX=10000
            compadd() {{
              [[ $@ == *-[AOD]* ]] || {{ local -a found; builtin compadd -O found "$@"; print -rl -- $found >>offers; }}
              builtin compadd "$@"
            }}
            echo rea''dy
            """
        )
        self.wait("ready")

    def __call__(self, typed):
        open("offers", "w", encoding="utf-8").close()
        self.type(f"{typed}\t")
        # What comes behind the completion is read once that is done.
        time.sleep(0.1)
        self.type("\x15echo do''ne\n")
        self.wait("done")
        with open("offers", encoding="utf-8") as file:
            return [line.replace("\\", "").rstrip("/\n") for line in file if line.strip()]


failures = 0
fish, zsh = Fish(), Zsh()
for name, offers in [("bash", bash), ("fish", fish), ("zsh", zsh)]:
    for typed, wanted, unwanted in EXPECTED:
        # A file in a folder is a word of its own for zsh.
        found = [word.rstrip("/") for word in offers(typed)]
        if name == "zsh" and "/" in typed:
            wanted = [word.rsplit("/", 1)[1] for word in wanted]
        missing = [word for word in wanted if word not in found]
        surplus = [word for word in unwanted if word in found]
        if missing or surplus:
            failures += 1
            print(f"{name}: {typed!r}: missing {missing}, not wanted {surplus}, offered {found[:40]}")
fish.close()
zsh.close()
print(f"completions: {3 * len(EXPECTED) - failures} as they should be, {failures} not")
sys.exit(failures > 0)
