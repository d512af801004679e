/** Workflow command that the runner executes. */
export interface WorkflowCommand {
  readonly name: string
  readonly message: string
}

/**
 * Lists the commands in the log of a step that a runner executes. Lines between `::stop-commands::TOKEN` and `::TOKEN::` are
 * text. As in actions/runner (src/Runner.Worker/ActionCommandManager.cs), white space before a command is skipped, a
 * carriage return ends a line, and the form `##[command]` is recognized anywhere in a line.
 */
export function executedCommands(log: string): readonly WorkflowCommand[] {
  const executed: WorkflowCommand[] = []
  let token: string | undefined
  for (const line of log.split(/\r\n|\r|\n/)) {
    const command = parseCommand(line, token)
    if (command === undefined) continue
    if (token !== undefined) {
      if (command.name === token) token = undefined
    } else if (command.name === 'stop-commands') token = command.message
    else executed.push(command)
  }
  return executed
}

const names = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
])

function parseCommand(line: string, token: string | undefined): WorkflowCommand | undefined {
  const found = /^[\s\u0085]*::([^\s:]+)(?: [^:]*)?::(.*)$/.exec(line) ?? /##\[([^\]\s]+)[^\]]*\](.*)$/.exec(line)
  const [, name = '', message = ''] = found ?? []
  return names.has(name) || (token !== undefined && name === token) ? {name, message: unescape(message)} : undefined
}

function unescape(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

/** Messages of the error annotations. */
export function errorsIn(log: string): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === 'error' ? [message] : []))
}

/** Masks a text as the runner does, with the masks of the log. */
export function maskedText(text: string, log: string): string {
  const masks = executedCommands(log).flatMap(({name, message}) => (name === 'add-mask' ? [message] : []))
  return masks.sort((a, b) => b.length - a.length).reduce((shown, mask) => shown.replaceAll(mask, '***'), text)
}

/** Returns the log without the commands that add masks, which the runner does not show. */
export function visibleLog(log: string): string {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
}
