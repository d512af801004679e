import type {TokenServiceIo} from '../../src/credentials/cloud/token-service.ts'
import {TagboatError} from '../../src/errors/error.ts'
import {secretKeeper} from '../../src/errors/known-secrets.ts'
import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {defaultPolicy} from '../../src/registry/retry.ts'
import {scriptedHttp} from '../fake-io.ts'
import {gitHubTokens, json, type GitHubTokens} from './github-tokens.ts'

/** Side effects for the token services of a cloud, which a stand-in answers. */
export interface CloudScene {
  readonly io: TokenServiceIo
  readonly tokens: GitHubTokens
  readonly requests: readonly HttpRequest[]
  /** Secrets in the order in which they became known. */
  readonly kept: readonly string[]
  /** Durations of the waits between attempts, in ms. */
  readonly waits: readonly number[]
}

export interface CloudSceneOptions {
  /** Responses of GitHub before its first ID token. */
  readonly failures?: readonly HttpResponse[]
  /** Environment in place of that of a job with `id-token: write`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Files of earlier steps, by path. */
  readonly files?: Readonly<Record<string, string>>
}

export const sceneTime = new Date('2026-01-02T03:04:05Z')

export function cloudScene(
  answer: (request: HttpRequest, tokens: GitHubTokens) => HttpResponse | undefined,
  {failures = [], environment, files = {}}: CloudSceneOptions = {},
): CloudScene {
  const tokens = gitHubTokens({failures})
  const http = scriptedHttp((request) =>
    request.url.host === 'tokens.example' ? tokens.answer(request) : (answer(request, tokens) ?? json(404, {})),
  )
  const kept: string[] = []
  const waits: number[] = []
  const {keep, hide} = secretKeeper()
  const timer = {
    sleep: async (ms: number) => {
      waits.push(ms)
      return Promise.resolve()
    },
    random: () => 1,
    now: () => sceneTime,
  }
  const {signal} = new AbortController()
  const job = {...tokens.environment, GITHUB_REPOSITORY: 'octocat/app', GITHUB_RUN_ID: '17'}
  const secrets = {
    keep(secret: string) {
      kept.push(secret)
      keep(secret)
    },
    hide,
  }
  const retrier = {
    policy: defaultPolicy,
    timer,
    activity: {request: () => () => undefined, retry: () => undefined},
    signal,
  }
  const readFile = async (file: string): Promise<string | undefined> => Promise.resolve(files[file])
  return {
    io: {http, retrier, secrets, environment: environment ?? job, readFile},
    tokens,
    requests: http.requests,
    kept,
    waits,
  }
}

/** Error of work that must fail with a TagboatError. */
export async function refusalOf(work: Promise<unknown>): Promise<TagboatError> {
  try {
    await work
  } catch (error) {
    if (error instanceof TagboatError) return error
    throw error
  }
  throw new Error('it did not fail')
}
