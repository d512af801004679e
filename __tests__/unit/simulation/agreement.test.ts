import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import {toTagboatError} from '../../../src/errors/error.ts'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import {eventOf} from '../../../src/simulation/events/simulated-event.ts'
import {simulate} from '../../../src/simulation/simulate.ts'
import {eventNames, loadEvent} from '../../../testing/events.ts'
import {fakeIo, temporaryDirectory} from '../../../testing/fake-io.ts'
import {scriptedGitHub} from '../../../testing/fake-io.ts'

const now = new Date('2026-01-02T03:04:05Z')

interface DryRun {
  readonly outputs: Readonly<Record<string, string>>
  readonly failure: string | undefined
}

/** Outputs and failure of a dry run of the real action for a recorded event. */
async function dryRun(event: string, inputs: Readonly<Record<string, string>>): Promise<DryRun> {
  await using directory = await temporaryDirectory()
  const {environment, payloadPath} = loadEvent(event)
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, RUNNER_TEMP: directory.path},
    inputs: new Map(Object.entries({'github-token': 'token-of-the-job', 'dry-run': 'true', ...inputs})),
    gitHub: () => scriptedGitHub({repository: async () => Promise.resolve({})}),
  })
  let failure: string | undefined
  await publish(io).catch((error: unknown) => {
    failure = toTagboatError(error).code
  })
  return {outputs: Object.fromEntries(io.workflow.outputs), failure}
}

/** Outputs without the files that only a real run writes. */
function comparable(outputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => !/^(?:bake-file|digest-file)/.test(name)))
}

const steps: readonly {readonly name: string; readonly inputs: Readonly<Record<string, string>>}[] = [
  {name: 'no inputs but a name', inputs: {images: 'ghcr.io/octocat/app'}},
  {
    name: 'rules of docker/metadata-action',
    inputs: {
      images: 'ghcr.io/octocat/app\ndocker.io/octocat/app',
      tags: [
        'type=ref,event=branch',
        'type=ref,event=pr',
        'type=ref,event=tag',
        'type=semver,pattern={{version}}',
        'type=schedule',
        'type=sha',
        "type=raw,value=x-{{date 'YYYYMMDD'}},enable={{is_default_branch}}",
      ].join('\n'),
      labels: 'org.opencontainers.image.vendor=octocat',
      username: 'octocat',
      password: 'a-password',
    },
  },
]

describe.each(steps)('a simulation with $name', ({inputs}) => {
  test.each(eventNames())('gives for %s what a dry run gives', async (name) => {
    const {environment, payload} = loadEvent(name)
    const {outputs, failure} = await simulate({
      action: 'publish',
      inputs: new Map(Object.entries({'dry-run': 'true', ...inputs})),
      event: eventOf(environment, payload as Readonly<Record<string, unknown>>),
      files: {},
      checkout: false,
      now,
      regex: boundedRegex(),
    })
    const real = await dryRun(name, inputs)
    expect(failure?.code).toBe(real.failure)
    expect(comparable(outputs)).toEqual(comparable(real.outputs))
  })
})
