/** Texts and the exit code of a command: 0 for success, 1 if a run would fail, 2 if the command cannot do its work. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: 0 | 1 | 2
}
