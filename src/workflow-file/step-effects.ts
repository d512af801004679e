import type {WorkflowStep} from './workflow.ts'

/** Variables that a step writes to the environment of its job, for the steps after it. */
interface WrittenVariables {
  /** Names that the step is known to write. They are `unknown` if its script writes some without their names. */
  readonly names: readonly string[] | 'unknown'
  /** Other variables that it may write without a sign: none, only new ones (those of its tool), or any. */
  readonly others: 'none' | 'new' | 'any'
}

/** Variables that a step writes. */
export function writtenVariables({run, uses}: WorkflowStep): WrittenVariables {
  if (uses === undefined) {
    return run === undefined ? {names: [], others: 'none'} : {names: namesOfScript(run.text), others: 'any'}
  }
  const action = uses.text.trim()
  if (exportsMetadata.test(action)) return {names: metadataVariables, others: 'none'}
  return {names: [], others: quietAction.test(action) ? 'none' : setupAction.test(action) ? 'new' : 'any'}
}

/** Names that a script writes to GITHUB_ENV. They are `unknown` if a command with GITHUB_ENV does not name one. */
function namesOfScript(script: string): WrittenVariables['names'] {
  const commands = script.split(/\n|;|&&/).filter((command) => command.includes('GITHUB_ENV'))
  const names = commands.map((command) => writtenName.exec(command)?.groups?.['name'])
  return names.every((name) => name !== undefined) ? names : 'unknown'
}

/** Command that writes one variable: `echo "NAME=value" >> "$GITHUB_ENV"`. */
const writtenName = /^\s*(?:(?:echo|printf)\s+["']?|["'])(?<name>[A-Za-z_]\w*)(?:=|<<)(?!.*\\n)/

/** Actions that export the outputs of docker/metadata-action as variables. Tagboat does so if a variable asks for it. */
const exportsMetadata = /^(?:docker\/metadata-action|[\w.-]+\/tagboat(?:\/\w+)?)@/i

const metadataVariables = [
  ...['VERSION', 'TAGS', 'TAG_NAMES', 'LABELS', 'ANNOTATIONS', 'JSON'],
  ...['BAKE_FILE', 'BAKE_FILE_TAGS', 'BAKE_FILE_LABELS', 'BAKE_FILE_ANNOTATIONS'],
].map((name) => `DOCKER_METADATA_OUTPUT_${name}`)

/** Actions that write no variable. */
const quietAction =
  /^(?:actions\/(?:checkout|cache(?:\/\w+)?|upload-artifact|download-artifact)|docker\/(?:login|setup-buildx|setup-qemu|build-push|bake)-action)@/i

/** Actions that write variables of the tool that they install, and none that a workflow names itself. */
const setupAction = /^(?:actions\/setup-[\w-]+|docker\/[\w-]+)@/i

/** Reports whether the steps may write files of the checkout. The first checkout does not: its files are the known ones. */
export function writeFiles(steps: readonly WorkflowStep[]): boolean {
  const first = steps.find(({uses}) => isCheckout.test(uses?.text.trim() ?? ''))
  return steps.some((step) => step !== first && writesFiles(step))
}

const isCheckout = /^actions\/checkout@/i

function writesFiles({run, uses, with: inputs}: WorkflowStep): boolean {
  if (uses === undefined) return run !== undefined
  const hasOutputs = [...inputs.keys()].some((name) => name.toLowerCase() === 'outputs')
  return hasOutputs || !writesNoFile.test(uses.text.trim())
}

/** Actions that write no file of the checkout, unless their input `outputs` asks for it. */
const writesNoFile =
  /^(?:actions\/upload-artifact|docker\/(?:login|metadata|setup-buildx|setup-qemu|build-push)-action|[\w.-]+\/tagboat(?:\/\w+)?)@/i
