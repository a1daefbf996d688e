/// What the keys do at the prompt.
extension Commands {
  static let keysText = """
    Tab                 completes, and lists what could stand here
    Right, End          take what stands dim: the rest of the latest line that began so
    Alt-F, Ctrl-Right   take a word of that; elsewhere they move
    Up, Down            lines that began with what is typed; all when nothing is
    Ctrl-R              searches earlier lines for what is typed next; Enter runs what is found, Ctrl-C ends it
    Ctrl-A, Ctrl-E      to the beginning, to the end
    Alt-B, Ctrl-Left    a word back
    Ctrl-W, Ctrl-U      delete a word, the whole line; Ctrl-K all behind the cursor
    Ctrl-Y              inserts again what was deleted
    Ctrl-C              drops the line, or stops what runs
    Ctrl-Z              suspends the shell; `fg` goes on
    Ctrl-D              leaves
    Space, q            in a text that is longer than the terminal: go on, end it. `set pager off` shows all at once.
    A word in red is no command. NO_COLOR=1 in the environment takes colours away, and with them what stands dim. With
    `set plain on` there is neither, and no pager: see `help plain`.
    Lines inside braces begin indented. A block that is pasted waits for Enter.
    `bind -v` in ~/.editrc chooses the keys of vi.

    """

  /// What there is for somebody who hears the screen read.
  static let plainText = """
    With a screen reader: `set plain on`, or `migsh --plain`, or MIGSH_PLAIN=1 in the environment, which holds for every shell.
    A terminal of the kind `dumb` (TERM=dumb) is plain by itself. Then
      timeline, map, rounds, memory, messages, load and their like say in sentences what they would draw
      a column that would be drawn says how its numbers change, and a cell without anything says "none"
      commands and names in prose stand between backquotes, and nothing is told apart by colour or bold letters alone
      behind the cursor stands nothing that you have not typed, and the line is not drawn anew
      there is no pager: all of a long text is shown at once
      what takes long says seldom how far it has come, on a line of its own
      examples in `help` say what the commands will say
    `export load x.txt` writes the same sentences; an SVG (`export load x.svg`) has them as its description.
    `set plain off` draws again. `migsh lesson why-move --plain` begins a lesson in this way.

    """
}
