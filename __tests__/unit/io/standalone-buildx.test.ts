import {expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {withBuildx} from '../../../src/io/process.ts'
import {scriptedProcesses} from '../../../testing/fake-io.ts'

async function run(installed: readonly string[], args: readonly string[]): Promise<string> {
  const processes = scriptedProcesses(({file}) => {
    if (!installed.includes(file)) throw new TagboatError('docker-missing', {evidence: [`${file}: not found`]})
    return {}
  })
  const failed = await withBuildx(processes)
    .capture({file: 'docker', args, env: {}})
    .then(
      () => '',
      (error: unknown) => (error instanceof TagboatError ? ` fails: ${error.evidence.join()}` : ' fails'),
    )
  const last = processes.commands.at(-1)
  return failed === '' ? `${last?.file ?? ''} ${last?.args.join(' ') ?? ''}` : failed.trim()
}

test.each([
  {name: 'the Docker CLI', installed: ['docker', 'buildx'], args: ['buildx', 'build'], expected: 'docker buildx build'},
  {name: 'the plugin alone', installed: ['docker-buildx'], args: ['buildx', 'build'], expected: 'docker-buildx build'},
  {name: 'Buildx alone', installed: ['buildx'], args: ['buildx', 'inspect', 'x'], expected: 'buildx inspect x'},
  {name: 'neither', installed: [], args: ['buildx', 'build'], expected: 'fails: docker: not found'},
  {name: 'another command', installed: ['buildx'], args: ['info'], expected: 'fails: docker: not found'},
])('Buildx is run with $name', async ({installed, args, expected}) => {
  expect(await run(installed, args)).toBe(expected)
})
