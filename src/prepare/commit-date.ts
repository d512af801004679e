import type {GitContext} from '../context/git-context.ts'
import {errorMessage, TagboatError} from '../errors/error.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {templatesOf} from '../plan/image-texts.ts'
import {referencesName} from '../tags/templates/template.ts'
import {childEnvironment, workspace, type Io} from '../io/io.ts'

/** Result of a lookup: the date, or the reason why it is not known. */
type Answer = {readonly date: string} | {readonly reason: string}

/**
 * Adds the commit date to the context when an expression uses `{{commit_date}}` or the build is reproducible, and the
 * event does not contain the date: only push events do. The date comes from the API, else from the clone, which may be
 * shallow and have only the commit that is checked out. With `userEpoch`, a time that the user has set, a reproducible
 * build does not need it.
 * @throws TagboatError `commit-date-unknown`
 */
export async function withCommitDate(
  context: GitContext,
  inputs: Inputs,
  io: Io,
  userEpoch?: number,
): Promise<GitContext> {
  if (isDate(context.commitDate) || context.gone) return context
  const isAsked = templatesOf(inputs).some((text) => referencesName(text, 'commit_date'))
  const {reproducible} = inputs.build
  if (!isAsked && !reproducible) return context
  const reasons: string[] = context.sha === '' ? ['the event has no commit'] : []
  for (const ask of context.sha === '' ? [] : [askApi, askClone]) {
    const answer = await ask(context, inputs, io)
    if ('date' in answer) return {...context, commitDate: answer.date}
    reasons.push(answer.reason)
  }
  if (reproducible && userEpoch === undefined) throw new TagboatError('commit-date-unknown', {evidence: reasons})
  if (!isAsked) return context
  io.workflow.warning(
    `{{commit_date}} is empty in this run, since the date of the commit is not known: ${reasons.join('; ')}.`,
  )
  return context
}

async function askApi({sha, repository, server}: GitContext, {credentials}: Inputs, io: Io): Promise<Answer> {
  const token = credentials.githubToken
  if (token === undefined) return {reason: 'the GitHub API cannot be used without `github-token`'}
  try {
    const date = await io.gitHub(token, server.apiUrl).commitDate(repository.owner, repository.name, sha)
    return isDate(date) ? {date} : {reason: 'the GitHub API did not return it'}
  } catch (error) {
    return {reason: `the GitHub API did not return it (${errorMessage(error)})`}
  }
}

async function askClone({sha}: GitContext, _inputs: Inputs, io: Io): Promise<Answer> {
  const {commitDateAt, gitRunner} = await import('../context/local-git.ts')
  const date = await commitDateAt(gitRunner(io.processes, workspace(io), childEnvironment(io)), sha)
  return isDate(date) ? {date} : {reason: `the checkout does not have ${sha}`}
}

function isDate(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text))
}
