import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {requestClasses} from '../../testing/fault-classes.ts'
import {faults, startFaultRelay, type FaultName} from '../../testing/fault-relay.ts'
import {directClients, headsOf, headsWhen, newer, store, storeOlder} from '../../testing/next-release.ts'
import type {TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {startTokenServer, type TokenServer} from '../../testing/token-server.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const faultNames = Object.keys(faults) as FaultName[]
/** Every class and every fault at least once. fault-matrix.test.ts runs all combinations. */
const rows = requestClasses.map((of, index) => {
  // The offset avoids `hang` for requests with a long timeout.
  const fault = faultNames[(index + faultNames.length - 1) % faultNames.length] ?? 'hang'
  return {of, fault, name: of.name, path: `bundle/n${index}`}
})
let tokens: TokenServer
let registry: Registry
let workspace: Workspace
let clients: TestClients

beforeAll(async () => {
  ;[tokens, workspace] = await Promise.all([
    startTokenServer({users: {[login.username]: login.password}}),
    workspaceOf({Dockerfile: plainDockerfile}),
  ])
  registry = await startRegistry({token: tokens})
  clients = directClients(login)
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([registry.stop(), tokens.stop(), workspace[Symbol.asyncDispose]()])
})

test('the rows contain every class and every fault', () => {
  expect(new Set(rows.map(({fault}) => fault))).toEqual(new Set(faultNames))
  expect(rows).toHaveLength(16)
})

test.each(rows)('$name with the fault $fault once: the step succeeds, all tags are new', async ({of, fault, path}) => {
  const parts = ['one', 'two'].map((part) => clients.of(registry.host, `${path}/${part}`))
  await Promise.all(parts.map(storeOlder))
  if (of.command === 'promote' && parts[0] !== undefined) await store(parts[0], newer)
  await using relay = await startFaultRelay(
    {registry, tokens},
    {
      fault,
      times: 1,
      // The Docker CLI uses the same relay.
      matches: (request, earlier) => request.headers['user-agent'] === 'tagboat' && of.matches(request, earlier),
      ...(of.answer && {answer: of.answer}),
    },
  )
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    ...(of.command === 'promote' && {action: of.command}),
    inputs: {
      ...publishTo(relay.host, login),
      images: `${relay.host}/${path}/one\n${relay.host}/${path}/two`,
      ...(of.command === 'promote' && {digests: newer.digest}),
    },
  })
  const {exitCode, outputs, log} = await step.run()
  expect({exitCode, log: exitCode === 0 ? '' : log}).toEqual({exitCode: 0, log: ''})
  expect(relay.hits()).toBe(1)
  const expected = headsWhen('new', outputs.get('digest') ?? '')
  expect(await Promise.all(parts.map(headsOf))).toEqual([expected, expected])
})
