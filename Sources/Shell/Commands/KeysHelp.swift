/// What the keys do at the prompt.
extension Commands {
  static let keysText = """
    Tab               completes, and lists what could stand here
    Right, End        take what stands dim behind the cursor: the rest of the latest line that began so
    Alt-F, Ctrl-Right take a word of that; elsewhere they move
    Up, Down          lines that began with what is typed; without anything typed, all of them
    Ctrl-R            searches earlier lines for what is typed next
    Ctrl-A, Ctrl-E    to the beginning, to the end; Alt-B, Ctrl-Left a word back
    Ctrl-W, Ctrl-U    delete a word, the whole line; Ctrl-K to the end; Ctrl-Y inserts that again
    Ctrl-C            drops the line, or stops what runs
    Ctrl-Z            suspends the shell; `fg` goes on
    Ctrl-D            leaves
    Colours: a word in red is no command. NO_COLOR=1 in the environment takes colours away; `bind -v` in ~/.editrc chooses
    the keys of vi. A line inside braces begins indented, and a block that is pasted waits for Enter.

    """
}
