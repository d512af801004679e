/**
 * Cost of credentials that a cloud issues: a warm publication to Amazon ECR with a role, whose three requests (ID token,
 * role, password) go to stand-ins over TLS, and the same publication with a ready password. Whole steps, main and post.
 * The registry is a real one that accepts the password. Rounds alternate.
 *
 *   npm run bench:cloud [-- --rounds 9 --away 0,50]
 *
 * `--away`: round trip to the registry and to each stand-in, in milliseconds.
 */
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {parseArgs} from 'node:util'
import {makeCertificate} from '../../testing/certificate.ts'
import {awsDouble} from '../../testing/clouds/aws.ts'
import {startDistantService, type Answer, type DistantService} from '../../testing/clouds/distant-service.ts'
import {gitHubTokens, json, subject} from '../../testing/clouds/github-tokens.ts'
import {startDistance} from '../../testing/distance.ts'
import {startRegistry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {alternate, measure, middle, ms, tableRow, type Cost} from './measure.ts'
import {stepOptions} from './publication.ts'

const {values: options} = parseArgs({
  options: {rounds: {type: 'string', default: '9'}, away: {type: 'string', default: '0,50'}},
})
const rounds = Number(options.rounds)
const widths = [10, 12, 12, 12, 8]
const account = '123456789012'
const role = `arn:aws:iam::${account}:role/ci`
/** Password of the stand-in for Amazon ECR. */
const login = {username: 'AWS', password: `canary-password-of-${account}`}

const loginNames = ['registry', 'username', 'password']

async function compare(awayMs: number): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'tagboat-bench-'))
  stack.defer(async () => rm(folder, {recursive: true}))
  const {certificate, key} = await makeCertificate(folder, 'tagboat-bench')
  const files = {cert: await readFile(certificate), key: await readFile(key)}
  const now = (): Date => new Date()
  const tokens = gitHubTokens({now})
  const aws = awsDouble({tokens, account, audiences: ['sts.amazonaws.com'], roles: {[role]: subject}, now})
  const start = async (host: string, answer: Answer): Promise<DistantService> =>
    stack.use(await startDistantService({host, awayMs, ...files}, answer))
  const ofAws: Answer = (request) => aws.answer(request) ?? json(404, {})
  const gitHub = await start('tokens.example', tokens.answer)
  const sts = await start('sts.eu-west-1.amazonaws.com', ofAws)
  const ecr = await start('api.ecr.eu-west-1.amazonaws.com', ofAws)
  const registry = stack.use(await startRegistry({login}))
  const {host} = stack.use(await startDistance(registry.host, awayMs))
  const env = {
    ...tokens.environment,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${gitHub.url}/idtoken?api-version=2.0`,
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_ENDPOINT_URL_ECR: ecr.url,
    NODE_EXTRA_CA_CERTS: certificate,
  }
  const publish = async (name: string, round: number, inputs: Readonly<Record<string, string>>): Promise<Cost> => {
    const {inputs: all, ...rest} = stepOptions({
      hosts: [host],
      repository: `team/${name}`,
      version: `1.${round + 1}.0`,
      tagCount: 5,
    })
    const common = Object.entries(all ?? {}).filter(([name]) => !loginNames.includes(name))
    await using step = await Step.prepare({...rest, inputs: {...Object.fromEntries(common), ...inputs}, env})
    return await measure(async () => {
      const {exitCode, log} = await step.run()
      if (exitCode !== 0) throw new Error(log)
    })
  }
  const contenders = [
    {name: 'role', inputs: {ecr: 'true', 'aws-region': 'eu-west-1', 'aws-role': role}},
    {name: 'password', inputs: {registry: host, ...login}},
  ].map(({name, inputs}) => ({name, work: async (round: number) => publish(name, round, inputs)}))
  // The first round fills the build cache and the repositories, and is not measured.
  for (const {work} of contenders) await work(-1)
  const [byRole, byPassword] = (await alternate(rounds, contenders)).map((costs) =>
    middle(costs.map(({wallMs}) => wallMs)),
  )
  if (byRole === undefined || byPassword === undefined) return
  const cells = [ms(awayMs), ms(byRole), ms(byPassword), ms(byRole - byPassword), (byRole / byPassword).toFixed(2)]
  console.log(tableRow(cells, widths))
}

console.log(`${rounds} rounds, warm build, 5 tags; medians of the whole step`)
console.log(tableRow(['away', 'role', 'password', 'more', 'ratio'], widths))
for (const awayMs of options.away.split(',').map(Number)) await compare(awayMs)
