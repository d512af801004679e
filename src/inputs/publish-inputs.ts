import {callBuilds, callMethod} from './call.ts'
import type {InputReader} from './input-reader.ts'
import type {PublishInputs, OutputInputs} from './inputs.ts'
import {inputSpecs} from './spec/spec.ts'

/** Reads the inputs that decide whether and how to publish. */
export function readPublishInputs(reader: InputReader): PublishInputs {
  const push = reader.choice('push', inputSpecs.push.choices)
  const call = reader.text('call')
  const dryRun = reader.choice('dry-run', inputSpecs['dry-run'].choices)
  if (push === 'true' && !callBuilds(call)) {
    const remedy = 'Remove `call` to build and push, or set `push: auto` or `push: false`.'
    reader.problem(
      'push',
      {},
      `there is nothing to push, because \`call: ${callMethod(call)}\` does not build an image`,
      remedy,
    )
  }
  return {
    push,
    policy: {
      floating: reader.choice('floating', inputSpecs.floating.choices),
      ifExists: reader.choice('if-exists', inputSpecs['if-exists'].choices),
      onStale: reader.choice('on-stale', inputSpecs['on-stale'].choices),
    },
    withdrawn: reader.list('withdrawn'),
    closed: reader.choice('closed', inputSpecs.closed.choices),
    retries: reader.integer('retries', 0, mostRetries),
    test: testScript(reader),
    writtenLimits: {maxSize: reader.list('max-size'), maxGrowth: reader.list('max-growth')},
    dryRun: dryRun !== 'false',
    readsRegistry: dryRun === 'registry',
    summary: reader.boolean('summary'),
    githubAttestation: reader.choice('github-attestation', inputSpecs['github-attestation'].choices),
  }
}

const mostRetries = 20

function testScript(reader: InputReader): string | undefined {
  const script = reader.verbatim('test')
  return script.trim() === '' ? undefined : script
}

/** Reads the inputs for the format of outputs. */
export function readOutputInputs(reader: InputReader): OutputInputs {
  return {
    tagSeparator: readSeparator(reader, 'sep-tags'),
    labelSeparator: readSeparator(reader, 'sep-labels'),
    annotationSeparator: readSeparator(reader, 'sep-annotations'),
    bakeTarget: readBakeTarget(reader),
  }
}

function readSeparator(reader: InputReader, name: 'sep-tags' | 'sep-labels' | 'sep-annotations'): string {
  const text = reader.verbatim(name)
  return text === '' ? '\n' : text
}

/** Reads the name of the Bake target: https://docs.docker.com/build/bake/reference/#target */
function readBakeTarget(reader: InputReader): string {
  const name = reader.text('bake-target')
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    reader.problem('bake-target', {}, `"${name}" is not a valid target name`, 'Use letters, digits, - and _.')
  }
  return name
}
