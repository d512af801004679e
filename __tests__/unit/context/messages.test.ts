import {describe, expect, test} from '@jest/globals'
import {followBuiltCommit, type BuiltCommit} from '../../../src/context/built-commit.ts'
import {readContext} from '../../../src/context/event.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {chooseRef} from '../../../src/context/git-output.ts'
import {readLocalGit} from '../../../src/context/local-git.ts'
import {readEventFile} from '../../../src/context/payload.ts'
import {parseVersionFile, readVersionFile} from '../../../src/context/version-files/version-file.ts'
import {TagboatError, toTagboatError} from '../../../src/errors/error.ts'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import {pushOf, sha} from '../../../testing/plans.ts'

// Wording of the messages of `src/context`. The other tests of this folder assert codes and values only.

const event = pushOf('refs/heads/main')
const otherSha = 'b'.repeat(40)
const metadata = 'Revision, commit tags and decisions that depend on them are those of the built commit.'
const remedy = 'To use the ref and commit of the checkout instead, set `metadata-context: git`.'

describe('remarks about the built commit', () => {
  const prefix = `context: the built commit is ${otherSha}, and the commit of this run is ${sha} (refs/heads/main).`
  const rows: readonly {
    readonly name: string
    readonly context?: GitContext
    readonly built?: Partial<BuiltCommit>
    readonly expected: string
  }[] = [
    {
      name: 'another commit',
      expected: `${prefix} ${metadata} It is not known to be the newest commit of refs/heads/main, so rules for the branch (main, \`edge\`) produce no tag. For the version of a Git tag on that commit, set \`version: auto\`. ${remedy} Or check out main, or set the tags in \`tags\` (type=raw).`,
    },
    {
      name: 'the newest commit of the branch',
      built: {refs: ['refs/heads/main']},
      expected: `${prefix.replace(otherSha, `${otherSha} (refs/heads/main)`)} ${metadata} refs/heads/main points to it now.`,
    },
    {
      name: 'a local commit on the branch',
      built: {branch: 'refs/heads/main'},
      expected: `${prefix.replace(otherSha, `${otherSha} (refs/heads/main)`)} ${metadata} It is on the checked-out branch, so the tags are those of refs/heads/main. The remote is not known to have it. ${remedy}`,
    },
    {
      name: 'another commit than that of the tag',
      context: pushOf('refs/tags/v1.2.3'),
      expected: `${prefix.replace('heads/main', 'tags/v1.2.3')} ${metadata} refs/tags/v1.2.3 is not known to point to it, but the tags are those of refs/tags/v1.2.3. ${remedy}`,
    },
    {
      name: 'another repository inside the checkout',
      built: {origin: 'https://example.org/o/r', isEnclosed: true},
      expected: `${prefix} ${metadata} It is a commit of another repository, inside a checkout of this run's commit. Ref and tags are those of the event.`,
    },
  ]
  test.each(rows)('$name', ({context = event, built = {}, expected}) => {
    const commit = {
      sha: otherSha,
      commitDate: undefined,
      branch: undefined,
      refs: [],
      knowsTags: false,
      followsEvent: undefined,
      origin: undefined,
      isMadeHere: false,
      isEnclosed: false,
      ...built,
    }
    expect(followBuiltCommit(context, commit).remark.text).toBe(expected)
  })
})

describe('notes about the ref of a clone', () => {
  test.each([
    {
      name: 'several refs',
      refs: ['refs/tags/v1.0.0', 'refs/tags/v1'],
      expected: 'several refs point to the commit: using refs/tags/v1.0.0, not refs/tags/v1',
    },
    {
      name: 'no refs, but the commit of the event',
      refs: [],
      expected: `no ref of the clone points to ${sha.slice(0, 7)}: using refs/heads/main of the event`,
    },
    {
      name: 'no refs',
      commit: otherSha,
      refs: [],
      expected: 'no branch or tag of the clone points to bbbbbbb, so it has no ref',
    },
  ])('$name', ({commit = sha, refs, expected}) => {
    expect(chooseRef({sha: commit, commitDate: undefined, branch: undefined, refs}, event).note).toBe(expected)
  })
})

describe('errors of the event', () => {
  test('missing variables', () => {
    let error: unknown
    try {
      readContext({GITHUB_REPOSITORY: 'app'}, {})
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({
      message: 'The variables that a runner sets for every step are missing.',
      evidence: ['GITHUB_EVENT_NAME is not set', 'GITHUB_REPOSITORY is "app", which is not owner/name'],
      remedy: 'Run Tagboat as a step of a workflow. To try it elsewhere, set these variables as a runner does.',
    })
  })

  test('a missing file', async () => {
    const {warning} = await readEventFile('/e.json', {read: async () => Promise.resolve(undefined)})
    expect(warning).toBe(
      'The event file /e.json of GITHUB_EVENT_PATH does not exist: this run uses the variables of the runner only, without the default branch, the pull request or the release. In a container, mount the directory of that file. Outside of a workflow, leave GITHUB_EVENT_PATH empty.',
    )
  })

  test.each([
    {content: 'x', expected: '1 characters that are not JSON'},
    {content: '[]', expected: '2 characters of JSON that is not an object'},
  ])('the file $content', async ({content, expected}) => {
    const error: unknown = await readEventFile('/e.json', {read: async () => Promise.resolve(content)}).catch(
      (thrown: unknown) => thrown,
    )
    expect(toTagboatError(error).evidence).toEqual([`/e.json (GITHUB_EVENT_PATH): ${expected}`])
  })

  test('a checkout of another owner', async () => {
    const run = async (): Promise<{exitCode: number; stdout: string; stderr: string}> =>
      Promise.resolve({exitCode: 128, stdout: '', stderr: 'fatal: detected dubious ownership in repository'})
    const error = await readLocalGit(run).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TagboatError)
    expect(error).toMatchObject({
      message:
        'Git refuses to read the checkout, because another user owns it, but `metadata-context: git` requires it.',
    })
  })
})

describe('reasons for no version', () => {
  test.each([
    {text: '{}', file: 'package.json', expected: 'package.json: "version" is not a string'},
    {text: '{', file: 'package.json', expected: /^package\.json: not JSON \(.+\)$/},
    {text: '{"version": ""}', file: 'package.json', expected: 'package.json, version: the version is empty'},
    {text: '{"version": "a b"}', file: 'package.json', expected: 'package.json, version: a b is not a version'},
    {text: '[package]', file: 'Cargo.toml', expected: 'Cargo.toml, [package]: no version'},
    {text: '[workspace]', file: 'Cargo.toml', expected: 'Cargo.toml: [workspace.package] has no version'},
    {
      text: '[package]\nversion.workspace = true',
      file: 'Cargo.toml',
      expected:
        'Cargo.toml, [package] version: it is inherited, but no parent directory has a Cargo.toml with a [workspace]',
    },
    {text: '[project]\nversion = 1', file: 'pyproject.toml', expected: /\[project\] version: not a string$/},
    {
      text: '[project]\ndynamic = ["version"]',
      file: 'pyproject.toml',
      expected: 'pyproject.toml, [project] dynamic: the version is computed by the build backend',
    },
    {
      text: '',
      file: 'pyproject.toml',
      expected: 'pyproject.toml: neither [project] nor [tool.poetry] has a version',
    },
    {text: '<project/>', file: 'pom.xml', expected: 'pom.xml: neither <project> nor its <parent> has a <version>'},
    {text: '<html/>', file: 'pom.xml', expected: 'pom.xml: no <project>'},
    {
      text: '<project><version>${v}</version></project>',
      file: 'pom.xml',
      expected: 'pom.xml, <project><version>: ${v} has no value in the <properties> of this file',
    },
    {text: '', file: 'gradle.properties', expected: 'gradle.properties: no line version=…'},
    {text: '- x', file: 'Chart.yaml', expected: 'Chart.yaml: no fields'},
    {text: 'a: 1', file: 'Chart.yaml', expected: 'Chart.yaml: neither appVersion nor version exists'},
    {text: 'x', file: 'x', expected: 'x: the location of the version in this file is unknown'},
    {text: 'x', file: 'x#', expected: 'x: the expression after # is empty'},
    {text: 'x', file: 'x#y', expected: 'x: no match for /y/m'},
    {text: 'x', file: 'x#(', expected: 'x: the expression /(/m does not work (Unterminated group)'},
    {text: '1'.repeat(4 * 1024 * 1024 + 1), file: 'VERSION', expected: 'VERSION: more than 4194304 characters'},
    {text: undefined, file: 'VERSION', expected: 'VERSION: the file does not exist'},
    {text: undefined, file: '', expected: 'no file is set'},
  ])('$expected', async ({text, file, expected}) => {
    const result = await readVersionFile(parseVersionFile(file), async () => Promise.resolve(text), boundedRegex())
    expect(result.ok ? result : result.reason).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    )
  })

  test('a file that cannot be read', async () => {
    const read = async (): Promise<string> => Promise.reject(new Error('EISDIR: illegal operation'))
    expect(await readVersionFile(parseVersionFile('VERSION'), read, boundedRegex())).toMatchObject({
      reason: 'VERSION: it cannot be read (EISDIR: illegal operation)',
      remedy: 'Set a text file that this user can read.',
    })
  })
})
