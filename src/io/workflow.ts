import {randomUUID} from 'node:crypto'
import * as core from '@actions/core'
import {maskedTexts, secretKeeper, type Hide} from '../errors/known-secrets.ts'

/**
 * The runner's side of a step: commands, file commands and log
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). The only importer of @actions/core.
 *
 * Two things hold for everything that is shown: no known secret is in it, in any form that `Hide` knows, and nothing in it is a
 * workflow command. Outputs and variables hold names that later steps use, and are written as they are.
 */
export interface Workflow {
  info(text: string): void
  notice(text: string): void
  warning(text: string, place?: AnnotationPlace): void
  /** Warnings of this step so far. */
  warnings(): readonly IssuedWarning[]
  /** An error annotation; the step fails. */
  fail(text: string, place?: AnnotationPlace): void
  /** From here on the runner prints `***` instead of this text, and `hide` knows it. */
  mask(secret: string): void
  /** For texts that are changed or cut before they are shown: a secret is found only as it is. */
  readonly hide: Hide
  setOutput(name: string, value: string): void
  /** For the post step. */
  saveState(name: string, value: string): void
  /** For later steps of the job. */
  exportVariable(name: string, value: string): void
  writeSummary(markdown: string): Promise<void>
  /** Lines, of which some may hold what others wrote (a label, a ref). */
  print(lines: readonly string[]): void
  /**
   * Runs `body` in a group of the log in which nothing that is written can be a workflow command: a build prints what
   * its Dockerfile says, and that is not ours to obey.
   */
  inQuietGroup<T>(title: string, body: (write: (chunk: string) => void) => Promise<T>): Promise<T>
}

/** Lines that an annotation stands at. */
export interface AnnotationPlace {
  /** Relative to the workspace; empty: at no file. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly endLine: number
  readonly title?: string
}

/** A warning as it was shown. */
export interface IssuedWarning {
  readonly text: string
  readonly place: AnnotationPlace | undefined
}

const {keep, hide} = secretKeeper()

export const workflow: Workflow = {
  info(text) {
    workflow.print([text])
  },
  notice(text) {
    command(() => {
      core.notice(hide(text))
    })
  },
  warning(text, place) {
    command(() => {
      core.warning(hide(text), propertiesOf(place))
    })
    issued.push({text: hide(text), place})
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
    if ((process.env['GITHUB_STEP_SUMMARY'] ?? '') === '') return
    await core.summary.addRaw(hide(markdown), true).write()
  },
  print(lines) {
    if (lines.length === 0) return
    // The runner shows `stop-commands` and its end in the log: two extra lines, written only where a line needs them.
    const shown = lines.map(hide)
    const resume = shown.some(mayHoldCommand) ? stopCommands() : undefined
    for (const line of shown) core.info(line)
    resume?.()
  },
  async inQuietGroup(title, body) {
    command(() => {
      core.startGroup(hide(title))
    })
    const resume = stopCommands()
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

/** The longest line that is held back. */
const longestLine = 64 * 1024

/** Hands on whole lines, since a secret that two chunks share would be found in neither of them. */
function wholeLines(show: (text: string) => void): {readonly write: (chunk: string) => void; readonly end: () => void} {
  let held = ''
  const end = (): void => {
    const text = held
    held = ''
    if (text !== '') show(text)
  }
  return {
    write: (chunk) => {
      const text = held + chunk
      const whole = text.length > longestLine ? text.length : text.lastIndexOf('\n') + 1
      held = text.slice(whole)
      if (whole > 0) show(text.slice(0, whole))
    },
    end,
  }
}

const issued: IssuedWarning[] = []

function propertiesOf(place: AnnotationPlace | undefined): core.AnnotationProperties {
  if (place === undefined) return {}
  const {file, line, endLine, title} = place
  const lines = line > 0 ? {startLine: line, endLine: Math.max(line, endLine)} : {}
  return {...(title !== undefined && {title: hide(title)}), ...(file !== '' && {file, ...lines})}
}

/**
 * How many groups ask that the runner obeys no command, the token by which it obeys again, whether what was written ends a
 * line, and what writes a line that is held back.
 */
const quiet: {depth: number; token: string; endsLine: boolean; flush: (() => void) | undefined} = {
  depth: 0,
  token: '',
  endsLine: true,
  flush: undefined,
}

/** The runner obeys no command until it reads the token, which nobody can guess. It knows one token at a time. */
function stopCommands(): () => void {
  if (quiet.depth === 0) stop()
  quiet.depth += 1
  return () => {
    quiet.depth -= 1
    if (quiet.depth === 0) obeyAgain()
  }
}

function stop(): void {
  quiet.token = randomUUID()
  process.stdout.write(`::stop-commands::${quiet.token}\n`)
}

/** The runner reads commands at the start of a line alone. */
function obeyAgain(): void {
  process.stdout.write(`${quiet.endsLine ? '' : '\n'}::${quiet.token}::\n`)
  quiet.endsLine = true
}

/** A command of our own is obeyed in a quiet group too: a mask that was not would be a line of the log that shows the secret. */
function command(issue: () => void): void {
  const isQuiet = quiet.depth > 0
  quiet.flush?.()
  if (isQuiet) obeyAgain()
  issue()
  if (isQuiet) stop()
}

/**
 * Reports whether a text may hold a workflow command. The runner skips white space before `::` (U+0085 too, unlike `\s`), and
 * finds a command of the older form, `##[`, anywhere in a line.
 */
function mayHoldCommand(text: string): boolean {
  return text.includes('::') || text.includes('##[')
}
