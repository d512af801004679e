import {describe, expect, test} from '@jest/globals'
import {cacheWarning} from '../../../../src/stage/cache/cache-warning.ts'
import {CacheWatch, type CacheTrouble} from '../../../../src/stage/cache/cache-watch.ts'

function watch(...lines: readonly string[]): CacheWatch {
  const made = new CacheWatch()
  made.take(`${lines.join('\n')}\n`)
  return made
}

const importing = '#4 importing cache manifest from 127.0.0.1:5000/team/app:buildcache-main-1a2b3c4'
const refused = 'dial tcp 127.0.0.1:5000: connect: connection refused'
const head = 'Head "https://127.0.0.1:5000/v2/team/app/manifests/buildcache-main-1a2b3c4"'

/** As Buildx 0.29 with BuildKit 0.25 prints them. */
describe('a build that went on without its cache', () => {
  test.each<{readonly name: string; readonly lines: readonly string[]; readonly troubles: readonly CacheTrouble[]}>([
    {name: 'no cache at all', lines: ['#4 [shell 1/2] RUN true', '#4 DONE 0.1s'], troubles: []},
    {
      name: 'all is well',
      lines: [importing, '#4 DONE 0.0s', '#11 exporting cache to registry', '#11 DONE 0.3s'],
      troubles: [],
    },
    {
      name: 'none is there yet',
      lines: [importing, '#4 ERROR: failed to configure registry cache importer: 127.0.0.1:5000/team/app:x: not found'],
      troubles: [],
    },
    {name: 'none is there yet, in our own words', lines: [importing, '#4 no cache yet'], troubles: []},
    {
      name: 'it is not for this login',
      lines: [importing, `#4 ERROR: failed to configure registry cache importer: ${head}: 403 Forbidden`],
      troubles: [],
    },
    {
      name: 'the registry cannot be read',
      lines: [
        importing,
        `#4 ERROR: failed to configure registry cache importer: failed to do request: ${head}: ${refused}`,
      ],
      troubles: [
        {
          kind: 'import',
          reason: `failed to configure registry cache importer: failed to do request: ${head}: ${refused}`,
        },
      ],
    },
    {
      name: 'the registry takes nothing',
      lines: ['#11 exporting cache to registry', '#11 ERROR: error writing layer blob: denied: requested access'],
      troubles: [{kind: 'export', reason: 'error writing layer blob: denied: requested access'}],
    },
    {
      name: 'GitHub throttles, with a signed address',
      lines: [
        '#12 exporting to GitHub Actions Cache',
        '#12 preparing build cache for export 0.1s done',
        '#12 ERROR: error writing layer blob: Put "https://x.blob.core.windows.net/a?sv=1&sig=s3cret": 429 Too Many Requests',
      ],
      troubles: [
        {
          kind: 'export',
          reason: 'error writing layer blob: Put "https://x.blob.core.windows.net/a": 429 Too Many Requests',
        },
      ],
    },
    {
      name: 'a long story, of which the end counts',
      lines: ['#11 exporting cache to registry', `#11 ERROR: ${'failed to do: '.repeat(40)}connection refused`],
      troubles: [{kind: 'export', reason: `…${`${'failed to do: '.repeat(40)}connection refused`.slice(-199)}`}],
    },
    {
      name: 'a step that prints such lines',
      lines: [
        '#5 [shell 2/3] RUN cat log',
        '#5 0.100 #6 exporting cache to registry',
        '#5 0.101 #6 ERROR: denied',
        '#5 DONE 0.2s',
      ],
      troubles: [],
    },
  ])('$name', ({lines, troubles}) => {
    const made = watch(...lines)
    expect(made.troubles).toEqual(troubles)
    expect(made.open).toBeUndefined()
    expect(made.fault).toBeUndefined()
  })
})

describe('a build that failed', () => {
  test.each<{readonly name: string; readonly lines: readonly string[]; readonly fault: CacheTrouble | undefined}>([
    {
      name: 'for a token that BuildKit cannot read',
      lines: [
        'ERROR: failed to build: failed to solve: failed to configure gha cache exporter: token is malformed: token contains an invalid number of segments',
      ],
      fault: {
        kind: 'export',
        reason:
          'failed to configure gha cache exporter: token is malformed: token contains an invalid number of segments',
      },
    },
    {
      name: 'for a cache that timed out',
      lines: [importing, 'ERROR: failed to build: failed to solve: Canceled: context canceled'],
      fault: {kind: 'import', reason: 'Canceled: context canceled'},
    },
    {
      name: 'for a layer that is gone',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: blob sha256:12 not found',
      ],
      fault: {kind: 'import', reason: 'failed to load cache key: blob sha256:12 not found'},
    },
    {
      name: 'for a layer that GitHub has thrown away, of which it says no name',
      lines: [importing, '#4 DONE 0.1s', 'ERROR: failed to solve: failed to compute cache key: blob not found'],
      fault: {kind: 'import', reason: 'failed to compute cache key: blob not found'},
    },
    {
      name: 'for a cache that can no more be read',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: 127.0.0.1:5000/team/app:buildcache-main-1a2b3c4: 500',
      ],
      fault: {
        kind: 'import',
        reason: 'failed to load cache key: 127.0.0.1:5000/team/app:buildcache-main-1a2b3c4: 500',
      },
    },
    {
      name: 'for a file of ADD that is not there',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: invalid response status 404',
      ],
      fault: undefined,
    },
    {
      name: 'for a file of ADD with another checksum',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: digest mismatch sha256:12: sha256:34',
      ],
      fault: undefined,
    },
    {
      name: 'for a Git repository that cannot be fetched',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: repository does not contain ref v9, output: ""',
      ],
      fault: undefined,
    },
    {
      name: 'for a base image that is pinned and not there',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: docker.io/library/alpine@sha256:12: not found',
      ],
      fault: undefined,
    },
    {
      name: 'for a step of its own',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
      ],
      fault: undefined,
    },
    {
      name: 'for a step that speaks of caches',
      lines: [
        'ERROR: failed to build: failed to solve: process "sh -c restore Actions Cache" did not complete successfully: exit code: 1',
      ],
      fault: undefined,
    },
    {
      name: 'for a push, while no cache was being written',
      lines: [importing, '#4 DONE 0.1s', 'ERROR: failed to build: failed to solve: failed to push x/y: i/o timeout'],
      fault: undefined,
    },
  ])('$name', ({lines, fault}) => {
    expect(watch(...lines).fault).toEqual(fault)
  })
})

test('a cache is being written until its step ends', () => {
  const made = watch('#11 exporting cache to registry', '#11 writing layer sha256:12 0.1s done')
  expect(made.open).toBe('export')
  made.take('#11 CANCELED\n')
  expect(made.open).toBeUndefined()
})

describe('the warning', () => {
  const read: CacheTrouble = {kind: 'import', reason: '503'}
  const write: CacheTrouble = {kind: 'export', reason: '429 Too Many Requests'}

  test.each([
    {name: 'is one, and of what costs the next build its time', troubles: [read, write, write]},
    {name: 'is the same for one', troubles: [write]},
  ])('$name', ({troubles}) => {
    expect(cacheWarning(troubles)).toBe('Cache not saved (429 Too Many Requests): the next build will be slower')
  })

  test('says what was not read', () => {
    expect(cacheWarning([read])).toBe('Cache not read (503): this build was slower')
  })

  test('is none where nothing was wrong', () => {
    expect(cacheWarning([])).toBeUndefined()
  })
})
