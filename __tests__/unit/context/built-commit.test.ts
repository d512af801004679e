import {describe, expect, test} from '@jest/globals'
import {parseOrigin} from '../../../src/prepare/checkout.ts'
import {followBuiltCommit} from '../../../src/context/built-commit.ts'
import {isOwnRepository} from '../../../src/context/repository-url.ts'
import {parseGitUrl} from '../../../src/context/git-url.ts'
import {pushOf} from '../../../testing/plans.ts'

const context = pushOf('refs/heads/main')
const enterprise = pushOf('refs/heads/main', {server: {url: 'https://git.example.org:8443', apiUrl: ''}})

describe('isOwnRepository', () => {
  test.each([
    {origin: 'https://github.com/octocat/Hello-World', isOwn: true},
    {origin: 'https://github.com/octocat/hello-world.git', isOwn: true},
    {origin: 'https://user:token@github.com/octocat/Hello-World.git/', isOwn: true},
    {origin: 'git@github.com:octocat/Hello-World.git', isOwn: true},
    {origin: 'ssh://git@ssh.github.com:443/octocat/Hello-World.git', isOwn: true},
    {origin: undefined, isOwn: true},
    {origin: '/srv/git/Hello-World', isOwn: true},
    {origin: 'file:///srv/git/Hello-World', isOwn: true},
    {origin: 'https://github.com/stranger/Hello-World', isOwn: false},
    {origin: 'git@github.com:stranger/Hello-World.git', isOwn: false},
    {origin: 'https://evilgithub.com/octocat/Hello-World', isOwn: false},
    {origin: 'https://github.com.example.org/octocat/Hello-World', isOwn: false},
    {origin: 'https://example.org/octocat/Hello-World', isOwn: false},
  ])('$origin: $isOwn', ({origin, isOwn}) => {
    expect(isOwnRepository(context, {origin})).toBe(isOwn)
  })

  test.each([
    {origin: 'https://git.example.org:8443/octocat/Hello-World', isOwn: true},
    {origin: 'https://git.example.org/octocat/Hello-World', isOwn: false},
    {origin: 'https://github.com/octocat/Hello-World', isOwn: false},
  ])('on an Enterprise server, $origin: $isOwn', ({origin, isOwn}) => {
    expect(isOwnRepository(enterprise, {origin})).toBe(isOwn)
  })

  test.each([
    {origin: 'https://github.com/up/stream.git', source: 'https://github.com/up/stream'},
    {origin: 'git@github.com:up/stream.git', source: 'https://github.com/up/stream'},
    {origin: 'ssh://git@example.org:2222/up/stream', source: 'https://example.org/up/stream'},
    {origin: 'http://127.0.0.1:3000/up/stream.git', source: 'http://127.0.0.1:3000/up/stream'},
    {origin: 'https://github.com/octocat/Hello-World', source: undefined},
  ])('the source of $origin is $source', ({origin, source}) => {
    const built = {
      sha: 'b'.repeat(40),
      commitDate: undefined,
      branch: undefined,
      refs: [],
      knowsTags: false,
      followsEvent: undefined,
      origin,
      isMadeHere: false,
      isEnclosed: false,
    }
    expect(followBuiltCommit(context, built).context.instead?.source).toBe(source)
  })
})

describe('parseOrigin', () => {
  test.each([
    {
      name: 'a configuration of actions/checkout',
      config: '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://github.com/o/r\n\tfetch = x\n',
      url: 'https://github.com/o/r',
    },
    {
      name: 'a URL with credentials',
      config: '[remote "origin"]\n\turl = https://x:s3cret@github.com/o/r\n',
      url: 'https://github.com/o/r',
    },
    {
      name: 'the last of two URLs',
      config:
        '[remote "origin"]\nurl = a@h:o/a\n[branch "main"]\nremote = origin\n[remote "origin"]\r\nurl=a@h:o/b\r\n',
      url: 'a@h:o/b',
    },
    {
      name: 'a remote with another name',
      config: '[remote "upstream"]\n\turl = https://github.com/o/r\n[url "x"]\n\tinsteadOf = y\n',
      url: undefined,
    },
    {name: 'an empty configuration', config: '', url: undefined},
  ])('$name', ({config, url}) => {
    expect(parseOrigin(config)).toBe(url)
  })
})

describe('parseGitUrl', () => {
  test.each([
    {context: 'https://github.com/o/r.git', url: 'https://github.com/o/r.git', revision: undefined},
    {context: 'https://github.com/o/r.git#main', url: 'https://github.com/o/r.git', revision: 'main'},
    {
      context: 'https://github.com/o/r.git#refs/pull/7/head:app',
      url: 'https://github.com/o/r.git',
      revision: 'refs/pull/7/head',
    },
    {context: 'https://github.com/o/r.git#:app', url: 'https://github.com/o/r.git', revision: undefined},
    {context: 'https://github.com/o/r.git?branch=main&subdir=app', url: 'https://github.com/o/r.git', revision: 'main'},
    {context: 'https://github.com/o/r.git?tag=v1&checksum=abc', url: 'https://github.com/o/r.git', revision: 'abc'},
    {context: 'github.com/o/r#main', url: 'https://github.com/o/r', revision: 'main'},
    {context: 'git@github.com:o/r.git#main', url: 'git@github.com:o/r.git', revision: 'main'},
    {context: 'ssh://git@github.com/o/r', url: 'ssh://git@github.com/o/r', revision: undefined},
    {context: 'git://example.org/r', url: 'git://example.org/r', revision: undefined},
  ])('$context', ({context: text, ...expected}) => {
    expect(parseGitUrl(text)).toEqual(expected)
  })

  test.each([
    '.',
    'app',
    '-',
    'https://example.org/x.tar.gz',
    'https://github.com/o/r',
    'docker-image://alpine',
    'C:\\app',
  ])('is not %s', (text) => {
    expect(parseGitUrl(text)).toBeUndefined()
  })
})
