import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {expectFailure} from '../../testing/failure.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {errorsIn, visibleLog} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** YAML reads each part differently: a comment, a quote, an escape, a key and an anchor. */
const login = {username: 'robot', password: `p #c"o'm\\n: &x`}
/** A host at which nothing listens, so that every login to it fails. */
const absent = '127.0.0.1:1'

let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

async function run(
  repository: string,
  auth: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {images: `${registry.host}/${repository}`, 'registry-auth': auth, ...inputs},
  })
  return await step.run()
}

/** An item of `registry-auth`, with the password as `toJSON` writes it. */
function item(host: string, password: string, more = ''): string {
  return `- registry: ${host}\n  username: ${login.username}\n  password: ${password}\n${more}`
}

const json = JSON.stringify(login.password)

describe('the logins of registry-auth', () => {
  test('keep every character of a password that is written as JSON, and equal ones count once', async () => {
    const result = await run('logins/json', item(registry.host, json) + item(registry.host, json))
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(await registry.tags('logins/json')).toContain('1.2.3')
    expect(visibleLog(result.log)).not.toContain(login.password)
  })

  test('may be incomplete or switched off for a registry that the run does not write to', async () => {
    const unused = item(absent, 'null') + item('127.0.0.1:2', json, '  enable: false\n')
    const result = await run('logins/unused', item(registry.host, json) + unused)
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain(`No login for ${absent}: `)
    expect(await registry.tags('logins/unused')).toContain('1.2.3')
  })

  test('must be complete for a registry that a cache is written to', async () => {
    const cache = `type=registry,ref=${absent}/logins/cache`
    const result = await run('logins/cache', item(registry.host, json) + item(absent, 'null'), {'cache-to': cache})
    expectFailure(result, {code: 'credentials-missing', values: [absent, 'registry-auth, line 4: password is empty']})
    await expect(registry.tags('logins/cache')).resolves.toEqual([])
  })

  test('are not cut if the password is pasted', async () => {
    const result = await run('logins/pasted', item(registry.host, login.password))
    expectFailure(result, {code: 'input-invalid', values: ['registry-auth, line 3', 'toJSON(secrets.NAME)']})
    expect(visibleLog(result.log)).not.toContain('#c')
  })
})
