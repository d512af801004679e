import {describe, expect, test} from '@jest/globals'
import {cacheWarning} from '../../../../src/stage/cache/cache-warning.ts'
import {CacheWatch, type CacheFault} from '../../../../src/stage/cache/cache-watch.ts'

function watch(...lines: readonly string[]): CacheWatch {
  const made = new CacheWatch()
  made.take(`${lines.join('\n')}\n`)
  return made
}

const importing = '#4 importing cache manifest from 127.0.0.1:5000/team/app:buildcache-main-1a2b3c4'
const refused = 'dial tcp 127.0.0.1:5000: connect: connection refused'
const head = 'Head "https://127.0.0.1:5000/v2/team/app/manifests/buildcache-main-1a2b3c4"'

/** Output of Buildx 0.29 with BuildKit 0.25. */
describe('a build that continues without its cache', () => {
  test.each<{readonly name: string; readonly lines: readonly string[]; readonly faults: readonly CacheFault[]}>([
    {name: 'no cache', lines: ['#4 [shell 1/2] RUN true', '#4 DONE 0.1s'], faults: []},
    {
      name: 'no fault',
      lines: [importing, '#4 DONE 0.0s', '#11 exporting cache to registry', '#11 DONE 0.3s'],
      faults: [],
    },
    {
      name: 'no cache yet',
      lines: [importing, '#4 ERROR: failed to configure registry cache importer: 127.0.0.1:5000/team/app:x: not found'],
      faults: [],
    },
    {name: 'no cache yet, in progress from records', lines: [importing, '#4 no cache yet'], faults: []},
    {
      name: 'access to the cache is denied',
      lines: [importing, `#4 ERROR: failed to configure registry cache importer: ${head}: 403 Forbidden`],
      faults: [],
    },
    {
      name: 'the registry cannot be read',
      lines: [
        importing,
        `#4 ERROR: failed to configure registry cache importer: failed to do request: ${head}: ${refused}`,
      ],
      faults: [
        {
          kind: 'import',
          reason: `failed to configure registry cache importer: failed to do request: ${head}: ${refused}`,
        },
      ],
    },
    {
      name: 'the registry rejects the cache',
      lines: ['#11 exporting cache to registry', '#11 ERROR: error writing layer blob: denied: requested access'],
      faults: [{kind: 'export', reason: 'error writing layer blob: denied: requested access'}],
    },
    {
      name: 'GitHub limits the rate, with a signed address',
      lines: [
        '#12 exporting to GitHub Actions Cache',
        '#12 preparing build cache for export 0.1s done',
        '#12 ERROR: error writing layer blob: Put "https://x.blob.core.windows.net/a?sv=1&sig=s3cret": 429 Too Many Requests',
      ],
      faults: [
        {
          kind: 'export',
          reason: 'error writing layer blob: Put "https://x.blob.core.windows.net/a": 429 Too Many Requests',
        },
      ],
    },
    {
      name: 'a long error, whose end is kept',
      lines: ['#11 exporting cache to registry', `#11 ERROR: ${'failed to do: '.repeat(40)}connection refused`],
      faults: [{kind: 'export', reason: `…${`${'failed to do: '.repeat(40)}connection refused`.slice(-199)}`}],
    },
    {
      name: 'a step that prints such lines',
      lines: [
        '#5 [shell 2/3] RUN cat log',
        '#5 0.100 #6 exporting cache to registry',
        '#5 0.101 #6 ERROR: denied',
        '#5 DONE 0.2s',
      ],
      faults: [],
    },
  ])('$name', ({lines, faults}) => {
    const made = watch(...lines)
    expect(made.faults).toEqual(faults)
    expect(made.openStep).toBeUndefined()
    expect(made.fatalFault).toBeUndefined()
  })
})

describe('the fatal fault of a failed build', () => {
  test.each<{readonly name: string; readonly lines: readonly string[]; readonly fault: CacheFault | undefined}>([
    {
      name: 'a token that BuildKit cannot read',
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
      name: 'a cache that timed out',
      lines: [importing, 'ERROR: failed to build: failed to solve: Canceled: context canceled'],
      fault: {kind: 'import', reason: 'Canceled: context canceled'},
    },
    {
      name: 'a deleted layer',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: blob sha256:12 not found',
      ],
      fault: {kind: 'import', reason: 'failed to load cache key: blob sha256:12 not found'},
    },
    {
      name: 'a layer that GitHub deleted, without its name',
      lines: [importing, '#4 DONE 0.1s', 'ERROR: failed to solve: failed to compute cache key: blob not found'],
      fault: {kind: 'import', reason: 'failed to compute cache key: blob not found'},
    },
    {
      name: 'a cache that can no longer be read',
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
      name: 'a missing file of ADD',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: invalid response status 404',
      ],
      fault: undefined,
    },
    {
      name: 'a file of ADD with another checksum',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: digest mismatch sha256:12: sha256:34',
      ],
      fault: undefined,
    },
    {
      name: 'a Git repository that cannot be fetched',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: repository does not contain ref v9, output: ""',
      ],
      fault: undefined,
    },
    {
      name: 'a missing pinned base image',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: failed to load cache key: docker.io/library/alpine@sha256:12: not found',
      ],
      fault: undefined,
    },
    {
      name: 'a failed step',
      lines: [
        importing,
        '#4 DONE 0.1s',
        'ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
      ],
      fault: undefined,
    },
    {
      name: 'a failed step whose output mentions caches',
      lines: [
        'ERROR: failed to build: failed to solve: process "sh -c restore Actions Cache" did not complete successfully: exit code: 1',
      ],
      fault: undefined,
    },
    {
      name: 'a failed push, outside of a cache step',
      lines: [importing, '#4 DONE 0.1s', 'ERROR: failed to build: failed to solve: failed to push x/y: i/o timeout'],
      fault: undefined,
    },
  ])('$name', ({lines, fault}) => {
    expect(watch(...lines).fatalFault).toEqual(fault)
  })
})

test('the open step is the export until it ends', () => {
  const made = watch('#11 exporting cache to registry', '#11 writing layer sha256:12 0.1s done')
  expect(made.openStep).toBe('export')
  made.take('#11 CANCELED\n')
  expect(made.openStep).toBeUndefined()
})

describe('cacheWarning', () => {
  const read: CacheFault = {kind: 'import', reason: '503'}
  const write: CacheFault = {kind: 'export', reason: '429 Too Many Requests'}

  test.each([
    {name: 'names the failed export among several faults', faults: [read, write, write]},
    {name: 'names the only failed export', faults: [write]},
  ])('$name', ({faults}) => {
    expect(cacheWarning(faults)).toBe('Cache not saved (429 Too Many Requests): the next build will be slower')
  })

  test('names the failed import', () => {
    expect(cacheWarning([read])).toBe('Cache not read (503): this build was slower')
  })

  test('is undefined without a fault', () => {
    expect(cacheWarning([])).toBeUndefined()
  })
})
