export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Written to standard input, which is closed after it. */
  readonly input?: string
  /** The same for a long command, whose input is made while it is read. */
  readonly source?: AsyncIterable<Uint8Array>
  /** Ends a long command alone, as a cancellation does; its reason is thrown. */
  readonly until?: AbortSignal
  /** Of a long command: when it ends, what it started in the background ends too. */
  readonly endsAll?: true
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}
