export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Text for standard input. */
  readonly input?: string
  /** Standard input of a long command, streamed. */
  readonly source?: AsyncIterable<Uint8Array>
  /** Signal that stops this long command, as cancellation does; its reason is thrown. */
  readonly until?: AbortSignal
  /** Kills the background processes of a long command when it exits. */
  readonly endsAll?: true
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}
