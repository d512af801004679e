import {secretKeeper} from '../errors/known-secrets.ts'
import type {IssuedWarning, Workflow} from '../io/workflow.ts'

/** Workflow commands of a run, collected. */
export interface RecordedWorkflow extends Workflow {
  /** Lines of the log, in order. */
  readonly lines: readonly string[]
  readonly noticed: readonly string[]
}

/** Creates a workflow that shows nothing and collects everything. */
export function recordedWorkflow(): RecordedWorkflow {
  const {keep, hide} = secretKeeper()
  const lines: string[] = []
  const noticed: string[] = []
  const warnings: IssuedWarning[] = []
  const print = (added: readonly string[]): void => {
    lines.push(...added.map(hide))
  }
  return {
    lines,
    noticed,
    info: (text) => {
      print([text])
    },
    notice: (text) => {
      if (!noticed.includes(hide(text))) noticed.push(hide(text))
    },
    warning: (warning, place) => {
      const text = hide(typeof warning === 'string' ? warning : warning.text)
      if (warnings.some((one) => one.text === text)) return
      warnings.push({text, place, ...(typeof warning !== 'string' && {about: warning})})
    },
    warnings: () => [...warnings],
    fail: (text) => {
      print([text])
    },
    mask: keep,
    hide,
    setOutput: () => undefined,
    saveState: () => undefined,
    exportVariable: () => undefined,
    writeSummary: async () => Promise.resolve(),
    declareArtifacts: async () => Promise.resolve(),
    print,
    printGroup: (_, added) => {
      print(added)
    },
    inQuietGroup: async (_, body) => body(() => undefined),
  }
}
