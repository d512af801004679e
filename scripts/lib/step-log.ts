/** A line of a step's log as GitHub shows it. */
export interface LogLine {
  /** A `group` is the title of a group. */
  readonly kind: 'text' | 'group' | 'notice' | 'warning' | 'error'
  readonly text: string
  /** Whether the line is hidden while its group is closed. */
  readonly isGrouped: boolean
}

/**
 * The lines that the runner shows of what a step printed: commands become titles and annotations, and masked texts become `***`
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
 */
export function shownLines(log: string): readonly LogLine[] {
  const shown = new ShownLog()
  for (const line of log.trimEnd().split(/\r?\n/)) shown.read(line)
  return shown.lines
}

class ShownLog {
  readonly lines: LogLine[] = []
  readonly #masks: string[] = []
  #isGrouped = false
  /** Ends the part of the log in which the runner obeys no command. */
  #token: string | undefined

  read(line: string): void {
    const [, name = '', value = ''] = /^::([\w-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? []
    if (this.#token !== undefined) {
      this.#show('text', line)
      if (name === this.#token) this.#token = undefined
    } else this.#obey(name, unescape(value), line)
  }

  #obey(name: string, value: string, line: string): void {
    switch (name) {
      case 'add-mask':
        this.#masks.push(value)
        break
      case 'stop-commands':
        // The runner masks the token, and shows this command.
        this.#token = value
        this.#masks.push(value)
        this.#show('text', line)
        break
      case 'group':
        this.#show('group', value)
        this.#isGrouped = true
        break
      case 'endgroup':
        this.#isGrouped = false
        break
      case 'notice':
      case 'warning':
      case 'error':
        this.#show(name, value)
        break
      case 'debug':
        break
      default:
        this.#show('text', line)
    }
  }

  #show(kind: LogLine['kind'], text: string): void {
    const masked = this.#masks.reduce((shown, mask) => shown.replaceAll(mask, '***'), text)
    for (const line of masked.split('\n')) this.lines.push({kind, text: line, isGrouped: this.#isGrouped})
  }
}

/** The log as text: `▼ docker buildx build` for a group, `Notice: …` for an annotation. */
export function logText(log: string): string {
  return shownLines(log).map(formatLine).join('\n')
}

/** The log as text, as it looks when all groups are closed: `▶ docker buildx build`. */
export function closedLogText(log: string): string {
  const lines = shownLines(log).filter(({isGrouped}) => !isGrouped)
  return lines.map((line) => (line.kind === 'group' ? `▶ ${line.text}` : formatLine(line))).join('\n')
}

function formatLine({kind, text}: LogLine): string {
  return kind === 'text' ? text : `${labels[kind]} ${text}`
}

const labels = {group: '▼', notice: 'Notice:', warning: 'Warning:', error: 'Error:'} as const

function unescape(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}
