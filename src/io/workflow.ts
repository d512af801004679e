import {randomUUID} from 'node:crypto'
import {appendFile} from 'node:fs/promises'
import * as core from '@actions/core'
import {maskedTexts, secretKeeper, type Hide} from '../errors/known-secrets.ts'
import type {ErrorWarning} from '../errors/render-error.ts'
import {annotationsOnce} from './annotations-once.ts'

/**
 * Workflow commands, file commands and log of a step
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). Only this module imports
 * `@actions/core`.
 *
 * All text that is shown contains no known secret, in any form that `Hide` covers, and no workflow command. Outputs and
 * variables are written unchanged, since later steps use them.
 */
export interface Workflow {
  info(text: string): void
  /** Adds an annotation. The same one is added once. */
  notice(text: string): void
  /** Adds an annotation. The same one, with the same file and line, is added once. */
  warning(warning: string | ErrorWarning, place?: AnnotationPlace): void
  /** Warnings that this step has issued. */
  warnings(): readonly IssuedWarning[]
  /** Adds an error annotation and fails the step. */
  fail(text: string, place?: AnnotationPlace): void
  /** Masks a secret in the log of the runner and in everything that `hide` processes. */
  mask(secret: string): void
  /** Masks secrets in a text. It must run before the text is changed or cut: only a whole secret is found. */
  readonly hide: Hide
  setOutput(name: string, value: string): void
  /** Saves a value for the post step. */
  saveState(name: string, value: string): void
  /** Sets a variable for later steps of the job. */
  exportVariable(name: string, value: string): void
  writeSummary(markdown: string): Promise<void>
  /** Adds lines to the file of GITHUB_ARTIFACTS, if the runner has one. */
  declareArtifacts(lines: readonly string[]): Promise<void>
  /** Prints lines, which may contain untrusted text such as a label or a ref. */
  print(lines: readonly string[]): void
  /** Prints lines in a group of the log, which is closed until a reader opens it. */
  printGroup(title: string, lines: readonly string[]): void
  /**
   * Runs `body` in a group of the log in which workflow commands are disabled: a build prints text that its Dockerfile
   * controls.
   */
  inQuietGroup<T>(title: string, body: (write: (chunk: string) => void) => Promise<T>): Promise<T>
}

/** File and lines of an annotation. */
export interface AnnotationPlace {
  /** Path relative to the workspace; empty for an annotation without a file. */
  readonly file: string
  /** First line, from 1. */
  readonly line: number
  readonly endLine: number
  readonly title?: string
}

/** A warning as it was shown. */
export interface IssuedWarning {
  readonly text: string
  readonly place: AnnotationPlace | undefined
  /** The error that it is about, and the sentence before it. */
  readonly about?: Pick<ErrorWarning, 'lead' | 'error'>
}

const {keep, hide} = secretKeeper()

export const workflow: Workflow = {
  info(text) {
    workflow.print([text])
  },
  notice(text) {
    const shown = hide(text)
    if (!isNew('notice', shown)) return
    command(() => {
      core.notice(shown)
    })
  },
  warning(warning, place) {
    const shown = hide(textOf(warning))
    if (!isNew('warning', shown, place)) return
    command(() => {
      core.warning(shown, propertiesOf(place))
    })
    issued.push(issuedWarning(warning, shown, place))
  },
  warnings() {
    return [...issued]
  },
  fail(text, place) {
    command(() => {
      core.error(hide(text), propertiesOf(place))
    })
    process.exitCode = core.ExitCode.Failure
  },
  mask(secret) {
    keep(secret)
    command(() => {
      for (const text of maskedTexts(secret)) core.setSecret(text)
    })
  },
  hide,
  setOutput: core.setOutput,
  saveState: core.saveState,
  exportVariable: core.exportVariable,
  async writeSummary(markdown) {
    const file = process.env['GITHUB_STEP_SUMMARY'] ?? ''
    if (file !== '') await appendFile(file, `${hide(markdown)}\n`)
  },
  async declareArtifacts(lines) {
    const file = process.env['GITHUB_ARTIFACTS'] ?? ''
    if (file !== '' && lines.length > 0) await appendFile(file, `${lines.join('\n')}\n`)
  },
  print(lines) {
    if (lines.length === 0) return
    // The runner shows `stop-commands` and its end in the log: two extra lines, written only if a line requires them.
    const shown = lines.map(hide)
    const resume = shown.some(mayContainCommand) ? disableCommands() : undefined
    for (const line of shown) core.info(line)
    resume?.()
  },
  printGroup(title, lines) {
    if (lines.length === 0) return
    command(() => {
      core.startGroup(hide(title))
    })
    workflow.print(lines)
    command(core.endGroup)
  },
  async inQuietGroup(title, body) {
    command(() => {
      core.startGroup(hide(title))
    })
    const resume = disableCommands()
    const lines = wholeLines((text) => {
      const shown = hide(text)
      process.stdout.write(shown)
      if (shown !== '') quiet.endsLine = shown.endsWith('\n')
    })
    quiet.flush = lines.end
    try {
      return await body(lines.write)
    } finally {
      lines.end()
      quiet.flush = undefined
      resume()
      command(core.endGroup)
    }
  },
}

/** Longest line that is buffered. */
const longestLine = 64 * 1024

/** Buffers output until a line is complete, since a secret that is split over two chunks would not be found. */
function wholeLines(show: (text: string) => void): {readonly write: (chunk: string) => void; readonly end: () => void} {
  let buffered = ''
  const end = (): void => {
    const text = buffered
    buffered = ''
    if (text !== '') show(text)
  }
  return {
    write: (chunk) => {
      const text = buffered + chunk
      const whole = text.length > longestLine ? text.length : text.lastIndexOf('\n') + 1
      buffered = text.slice(whole)
      if (whole > 0) show(text.slice(0, whole))
    },
    end,
  }
}

/** Text of a warning, which may be about an error. */
function textOf(warning: string | ErrorWarning): string {
  return typeof warning === 'string' ? warning : warning.text
}

/** A warning as it was shown. */
function issuedWarning(
  warning: string | ErrorWarning,
  text: string,
  place: AnnotationPlace | undefined,
): IssuedWarning {
  return {text, place, ...(typeof warning !== 'string' && {about: warning})}
}

const issued: IssuedWarning[] = []
const isNew = annotationsOnce()

function propertiesOf(place: AnnotationPlace | undefined): core.AnnotationProperties {
  if (place === undefined) return {}
  const {file, line, endLine, title} = place
  const lines = line > 0 ? {startLine: line, endLine: Math.max(line, endLine)} : {}
  return {...(title !== undefined && {title: hide(title)}), ...(file !== '' && {file, ...lines})}
}

/**
 * State of disabled workflow commands: open groups that disable them, the token that enables them again, whether the
 * output ends with a line break, and the function that writes a buffered line.
 */
const quiet: {depth: number; token: string; endsLine: boolean; flush: (() => void) | undefined} = {
  depth: 0,
  token: '',
  endsLine: true,
  flush: undefined,
}

/** Disables workflow commands until the runner reads a random token. The runner knows one token at a time. */
function disableCommands(): () => void {
  if (quiet.depth === 0) disable()
  quiet.depth += 1
  return () => {
    quiet.depth -= 1
    if (quiet.depth === 0) enableCommands()
  }
}

function disable(): void {
  quiet.token = randomUUID()
  process.stdout.write(`::stop-commands::${quiet.token}\n`)
}

/** Enables workflow commands. The runner reads commands only at the start of a line. */
function enableCommands(): void {
  process.stdout.write(`${quiet.endsLine ? '' : '\n'}::${quiet.token}::\n`)
  quiet.endsLine = true
}

/** Issues a workflow command, also in a quiet group: a disabled `add-mask` would print the secret in the log. */
function command(issue: () => void): void {
  const isQuiet = quiet.depth > 0
  quiet.flush?.()
  if (isQuiet) enableCommands()
  issue()
  if (isQuiet) disable()
}

/**
 * Reports whether a text may contain a workflow command. The runner skips white space before `::` (U+0085 too, unlike
 * `\s`), and finds a command of the older form, `##[`, anywhere in a line.
 */
function mayContainCommand(text: string): boolean {
  return text.includes('::') || text.includes('##[')
}
