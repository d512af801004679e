import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

/** Runs Git in a directory, without the configuration of the user. */
export function git(directory: string, ...args: readonly string[]): string {
  const env = {...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null'}
  const configuration = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@t',
    '-c',
    'protocol.file.allow=always',
    '-c',
    'commit.gpgSign=false',
  ]
  return execFileSync('git', ['-C', directory, ...configuration, ...args], {
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}

/** Commits files on the checked-out branch, and returns the commit ID. */
export function commit(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name)
    mkdirSync(path.dirname(file), {recursive: true})
    writeFileSync(file, text)
  }
  git(directory, 'add', '--all')
  git(directory, 'commit', '--quiet', '--allow-empty', '--message', Object.values(files).join())
  return git(directory, 'rev-parse', 'HEAD')
}

export interface Branches {
  /** Tip of `main`. */
  readonly main: string
  /** Earlier commit of `main`, with the annotated tag `v1.2.3`. */
  readonly release: string
  /** Tip of the branch `topic`, which starts at `main`. */
  readonly topic: string
  /** Commit that only `refs/pull/7/head` points to. */
  readonly pull: string
}

/** Creates a repository with `main` checked out. Every commit contains the Dockerfile and a file `page` with its name. */
export function makeRepository(directory: string, dockerfile = 'FROM scratch\n'): Branches {
  mkdirSync(directory, {recursive: true})
  git(directory, 'init', '--quiet', '--initial-branch', 'main')
  const files = (page: string): Record<string, string> => ({Dockerfile: dockerfile, page, 'app/Dockerfile': dockerfile})
  const release = commit(directory, files('release'))
  git(directory, 'tag', '--annotate', '--message', 'v1.2.3', 'v1.2.3')
  const main = commit(directory, files('main'))
  git(directory, 'checkout', '--quiet', '-b', 'topic')
  const topic = commit(directory, files('topic'))
  git(directory, 'checkout', '--quiet', '--detach', 'main')
  const pull = commit(directory, files('pull'))
  git(directory, 'update-ref', 'refs/pull/7/head', pull)
  git(directory, 'checkout', '--quiet', 'main')
  return {main, release, topic, pull}
}

/** Clones a repository at one of its commits. The clone has no local branch `main`. */
export function cloneAt(source: string, directory: string, commitish: string): void {
  mkdirSync(path.dirname(directory), {recursive: true})
  git(path.dirname(directory), 'clone', '--quiet', '--no-checkout', source, directory)
  git(directory, 'checkout', '--quiet', '--detach', commitish)
  git(directory, 'branch', '--quiet', '--delete', '--force', 'main')
}
