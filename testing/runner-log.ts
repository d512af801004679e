/** A workflow command as the runner would obey it. */
export interface WorkflowCommand {
  readonly name: string
  readonly message: string
}

/**
 * The commands in a step's log that a runner obeys: those between `::stop-commands::TOKEN` and `::TOKEN::` are text.
 * As actions/runner reads a line (src/Runner.Worker/ActionCommandManager.cs): white space before the command is skipped,
 * a carriage return ends a line, as it does for .NET,
 * and the older form `##[command]` counts wherever it stands.
 */
export function obeyedCommands(log: string): readonly WorkflowCommand[] {
  const obeyed: WorkflowCommand[] = []
  let token: string | undefined
  for (const line of log.split(/\r\n|\r|\n/)) {
    const command = parseCommand(line, token)
    if (command === undefined) continue
    if (token !== undefined) {
      if (command.name === token) token = undefined
    } else if (command.name === 'stop-commands') token = command.message
    else obeyed.push(command)
  }
  return obeyed
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

/** Messages of the error annotations, as they are shown. */
export function errorsIn(log: string): readonly string[] {
  return obeyedCommands(log).flatMap(({name, message}) => (name === 'error' ? [message] : []))
}

/** A text as the runner shows and keeps it: without the secrets that the log has masked. */
export function maskedText(text: string, log: string): string {
  const masks = obeyedCommands(log).flatMap(({name, message}) => (name === 'add-mask' ? [message] : []))
  return masks.sort((a, b) => b.length - a.length).reduce((shown, mask) => shown.replaceAll(mask, '***'), text)
}

/** The log without the lines that hand a secret to the runner, which consumes them. */
export function shownLog(log: string): string {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
}
