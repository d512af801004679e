import {usesRegistry} from '../actions.ts'
import {linesOf, resolved, type JobModel, type JobStep} from '../job-model.ts'

/** Need of a login: `yes` for a step that names a registry or its tools, `maybe` for one whose commands are not known. */
type LoginNeed = 'yes' | 'maybe' | 'no'

/** Decides whether a step needs a login. `local` are images that only the engine of the runner has. */
export function loginNeed(model: JobModel, step: JobStep, local: readonly string[] = []): LoginNeed {
  const {kind} = step
  if (kind === 'registry-user') return userNeed(step)
  if (kind !== undefined) return 'no'
  const {run, uses} = step.step
  if (uses !== undefined) return needsNone(uses.text) ? 'no' : 'maybe'
  const lines = linesOf(resolved(run?.text ?? '', model.env).replaceAll(/\\\r?\n/g, ' ')).filter(
    (line) => !runsLocal(line, local),
  )
  if (usesRegistry(lines.join('\n'))) return 'yes'
  return lines.flatMap(commandsOf).every(isHarmless) ? 'no' : 'maybe'
}

function userNeed({step}: JobStep): LoginNeed {
  const isAttest = /^actions\/attest/i.test(step.uses?.text ?? '')
  return !isAttest || step.with.get('push-to-registry')?.text === 'true' ? 'yes' : 'no'
}

/** Reports whether a line only starts an image that the runner just built. */
function runsLocal(line: string, local: readonly string[]): boolean {
  const uses = local.some((image) => line.includes(image))
  return uses && /\bdocker\s+(?:run|image|inspect)\b/.test(line) && !/\bdocker\s+(?:pull|push)\b/.test(line)
}

/** Owners whose actions use no login of Docker. */
const owners: readonly string[] = [
  'actions',
  'github',
  'dorny',
  'peter-evans',
  'slackapi',
  'codecov',
  'sigstore',
  'hashicorp',
]

/** Actions of other owners that use no login of Docker. */
const actions: readonly string[] = [
  'softprops/action-gh-release',
  'ncipollo/release-action',
  'step-security/harden-runner',
  'stefanzweifel/git-auto-commit-action',
  'marocchino/sticky-pull-request-comment',
  'aws-actions/configure-aws-credentials',
  'aws-actions/amazon-ecr-login',
  'aws-actions/amazon-ecs-deploy-task-definition',
  'aws-actions/amazon-ecs-render-task-definition',
  'google-github-actions/auth',
  'google-github-actions/setup-gcloud',
  'google-github-actions/deploy-cloudrun',
  'azure/login',
  'azure/setup-helm',
  'azure/setup-kubectl',
  'imjasonh/setup-crane',
  'oras-project/setup-oras',
  'appleboy/ssh-action',
  'appleboy/scp-action',
]

function needsNone(uses: string): boolean {
  const name = uses.split('@')[0]?.toLowerCase() ?? ''
  const [owner = ''] = name.split('/')
  return owners.includes(owner) || actions.includes(name) || name.startsWith('docker/setup-')
}

/** Commands that never read the configuration of Docker. */
const harmless: ReadonlySet<string> = new Set(
  (
    ': [ [[ awk base64 break cat cd chmod continue cp curl cut date declare df diff dirname du echo else exit export false ' +
    'fi git grep head hostname jq local ls mkdir mv printf pwd read readonly return rm rmdir scp sed seq set sha256sum ' +
    'shift shopt sleep sort ssh tail tar tee test touch tr trap true uname uniq unset wait wc yq done esac gh rsync'
  ).split(' '),
)
const keywords: readonly string[] = ['if', 'then', 'elif', 'else', 'do', 'while', 'until', '!', 'time', '{']

/** Reports whether a command is plainly harmless. */
function isHarmless(command: string): boolean {
  const words = command.split(/\s+/).filter((word) => word !== '')
  const first = words.find((word) => !keywords.includes(word) && !/^\w+\+?=/.test(word))
  return first === undefined || harmless.has(first) || first === 'for' || first === '}'
}

/** Simple commands of a line: the parts between separators, with those that `$(…)` has. Texts in quotes have none. */
function commandsOf(line: string): readonly string[] {
  const commands = ['']
  /** Command and quote around each `$(` that is open. */
  const outer: {at: number; quote: string}[] = []
  let at = 0
  let quote = ''
  for (const character of withoutExpressions(line).replaceAll('$(', '(')) {
    const around = quote === '' && character === ')' ? outer.pop() : undefined
    if (around !== undefined) ({at, quote} = around)
    else if (separators(quote).includes(character)) {
      if (character === '(') outer.push({at, quote})
      at = commands.push('') - 1
      quote = ''
    } else commands[at] = `${commands[at] ?? ''}${character}`
    if (character === quote) quote = ''
    else if (quote === '' && `'"`.includes(character)) quote = character
  }
  return commands
}

/** Characters that begin a command within a quote. */
function separators(quote: string): string {
  return {'': ';|&()`', '"': '(`'}[quote] ?? ''
}

function withoutExpressions(line: string): string {
  const [first = '', ...rest] = line.split('${{')
  return [first, ...rest.map((part) => part.slice(part.indexOf('}}') + 2))].join('text')
}
