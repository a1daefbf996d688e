/// What the keys do at the prompt.
extension Commands {
  static let keysText = """
    Tab                 completes, and lists what could stand here
    Right, End          take what stands dim: the rest of the latest line that began so
    Alt-F, Ctrl-Right   take a word of that; elsewhere they move
    Up, Down            lines that began with what is typed; all when nothing is
    Ctrl-R              searches earlier lines for what is typed next
    Ctrl-A, Ctrl-E      to the beginning, to the end
    Alt-B, Ctrl-Left    a word back
    Ctrl-W, Ctrl-U      delete a word, the whole line; Ctrl-K all behind the cursor
    Ctrl-Y              inserts again what was deleted
    Ctrl-C              drops the line, or stops what runs
    Ctrl-Z              suspends the shell; `fg` goes on
    Ctrl-D              leaves
    A word in red is no command. NO_COLOR=1 in the environment takes colours away.
    Lines inside braces begin indented. A block that is pasted waits for Enter.
    `bind -v` in ~/.editrc chooses the keys of vi.

    """
}
