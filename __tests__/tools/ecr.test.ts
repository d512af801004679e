import {expect, test} from '@jest/globals'
import {startMoto} from '../../testing/clouds/moto.ts'
import {startRegistry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {busyboxDirectory, sampleDirectory} from '../../testing/sample.ts'

/** Account of moto, which is part of the password that its `GetAuthorizationToken` issues. */
const account = '123456789012'
const password = `${account}-auth-token`

/** The registry with the password of ECR, under a host that does not look like ECR, and moto as the API of ECR. */
async function publishTo(options: {readonly password: string}): Promise<{result: StepResult; tags: readonly string[]}> {
  await using moto = await startMoto()
  await using registry = await startRegistry({login: {username: 'AWS', password: options.password}})
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: sampleDirectory,
    inputs: {
      images: `${registry.host}/team/app`,
      ecr: 'true',
      'aws-region': 'eu-west-1',
      'build-contexts': `busybox=${busyboxDirectory()}`,
      platforms: 'linux/amd64',
      retries: '0',
    },
    env: {
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'canary-secret-key',
      AWS_ENDPOINT_URL_ECR: moto.url,
    },
  })
  const result = await step.run()
  return {result, tags: await registry.tags('team/app')}
}

test('signed in by moto: all tags exist', async () => {
  const {result, tags} = await publishTo({password})
  expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
  expect(tags).toContain('1.2.3')
  const shown = result.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  expect(shown.filter((line) => /canary|auth-token/.test(line))).toEqual([])
})

test('another password: the run ends before the build', async () => {
  const {result, tags} = await publishTo({password: 'another'})
  expect(result.exitCode).toBe(1)
  // No `docker login` runs for these credentials, so the first read is refused.
  expect(result.log).toContain('[login-refused]')
  expect(result.log).not.toContain('docker buildx build')
  expect(tags).toEqual([])
})
