import {describe, expect, test} from '@jest/globals'
import {planDeletion} from '../../../src/retention/plan-deletion.ts'
import {decide, named, tagFor, testContent, type TestRepository} from '../../../testing/retention.ts'

interface Row {
  readonly name: string
  readonly repository: TestRepository
  readonly deletes: readonly string[]
  readonly keeps?: readonly string[]
  readonly keptBesides?: readonly string[]
  readonly deletesChildren?: boolean
  /** Steps by level: names of images, and tags after a colon. */
  readonly steps: readonly (readonly string[])[]
}

const platformImage = {children: ['amd64', 'arm64']}
const platforms = {amd64: {}, arm64: {}}

/** Steps with the names of the repository, sorted in each level. */
function planned({repository, deletes, keeps, keptBesides = [], deletesChildren}: Row): readonly (readonly string[])[] {
  const content = testContent(repository)
  const names = new Map(Object.keys(repository.manifests).map((name) => [named(name), name]))
  const {steps} = planDeletion({
    content,
    decisions: decide(content, deletes, keeps),
    keptBesides: new Set(keptBesides.map(named)),
    deletesChildren,
  })
  const levels: string[][] = []
  for (const step of steps) {
    const text = step.kind === 'tag' ? `:${step.tag}` : (names.get(step.digest) ?? step.digest)
    levels[step.level] = [...(levels[step.level] ?? []), text].sort()
  }
  return levels
}

const rows: readonly Row[] = [
  {
    name: 'protected platform',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index'}},
    deletes: ['old'],
    keptBesides: ['amd64'],
    steps: [['index'], ['arm64']],
  },
  {
    name: 'protected platform in Harbor',
    repository: {manifests: {outer: {children: ['index']}, index: platformImage, ...platforms}, tags: {old: 'outer'}},
    deletes: ['old'],
    keptBesides: ['amd64'],
    deletesChildren: true,
    steps: [],
  },
  {
    name: 'tagged platform in Harbor',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index', amd: 'amd64'}},
    deletes: ['old'],
    deletesChildren: true,
    steps: [['index'], ['arm64']],
  },
  {
    name: 'shared platform in Harbor',
    repository: {
      manifests: {index: platformImage, other: {children: ['arm64']}, ...platforms},
      tags: {old: 'index', new: 'other'},
    },
    deletes: ['old'],
    deletesChildren: true,
    steps: [['index'], ['amd64']],
  },
  {
    name: 'index and platforms',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index'}},
    deletes: ['old'],
    steps: [['index'], ['amd64', 'arm64']],
  },
  {
    name: 'nested index',
    repository: {manifests: {outer: {children: ['index']}, index: platformImage, ...platforms}, tags: {old: 'outer'}},
    deletes: ['old'],
    steps: [['outer'], ['index'], ['amd64', 'arm64']],
  },
  {
    name: 'shared platform',
    repository: {
      manifests: {index: platformImage, other: {children: ['arm64']}, ...platforms},
      tags: {old: 'index', new: 'other'},
    },
    deletes: ['old'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'platform of two indexes',
    repository: {
      manifests: {index: platformImage, outer: {children: ['index', 'arm64']}, ...platforms},
      tags: {old: 'index', older: 'outer'},
    },
    deletes: ['old', 'older'],
    steps: [['outer'], ['index'], ['amd64', 'arm64']],
  },
  {
    name: 'platform tagged and kept',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index', 'old-arm64': 'arm64'}},
    deletes: ['old'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'tag of a needed platform',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {new: 'index', 'old-arm64': 'arm64'}},
    deletes: ['old-arm64'],
    steps: [[':old-arm64']],
  },
  {
    name: 'one of two tags',
    repository: {manifests: {image: {}}, tags: {old: 'image', new: 'image'}},
    deletes: ['old'],
    steps: [[':old']],
  },
  {
    name: 'both tags',
    repository: {manifests: {image: {}}, tags: {old: 'image', older: 'image'}},
    deletes: ['old', 'older'],
    steps: [['image']],
  },
  {
    name: 'referrers of referrers',
    repository: {
      manifests: {index: platformImage, ...platforms, sbom: {subject: 'arm64'}, signed: {subject: 'sbom'}},
      tags: {old: 'index'},
    },
    deletes: ['old'],
    steps: [['index'], ['amd64', 'arm64'], ['sbom'], ['signed']],
  },
  {
    name: 'referrers of a kept image',
    repository: {
      manifests: {index: platformImage, ...platforms, sbom: {subject: 'arm64'}, signed: {subject: 'sbom'}, image: {}},
      tags: {new: 'index', old: 'image'},
    },
    deletes: ['old', 'sbom', 'signed', 'amd64'],
    steps: [['image']],
  },
  {
    name: 'tagged referrer',
    repository: {
      manifests: {index: platformImage, ...platforms, sbom: {subject: 'index'}},
      tags: {old: 'index', sbom: 'sbom'},
    },
    deletes: ['old'],
    steps: [[':old']],
  },
  {
    name: 'referrer tags',
    repository: {
      manifests: {image: {}, signatures: {}, listed: {children: ['bundle']}, bundle: {subject: 'image'}},
      tags: {old: 'image', '<image>.sig': 'signatures', '<image>': 'listed'},
    },
    deletes: ['old'],
    steps: [['image'], ['listed', 'signatures'], ['bundle']],
  },
  {
    name: 'referrer tags of a platform',
    repository: {
      manifests: {index: platformImage, ...platforms, signatures: {}},
      tags: {old: 'index', '<arm64>.att': 'signatures'},
    },
    deletes: ['old'],
    steps: [['index'], ['amd64', 'arm64'], ['signatures']],
  },
  {
    name: 'referrer tags of a kept image',
    repository: {manifests: {image: {}, signatures: {}}, tags: {new: 'image', '<image>.sig': 'signatures'}},
    deletes: ['<image>.sig'],
    steps: [],
  },
  {
    name: 'referrer tags that stay, and the subject with them',
    repository: {manifests: {image: {}, signatures: {}}, tags: {old: 'image', '<image>.sig': 'signatures'}},
    deletes: ['old'],
    keeps: ['<image>.sig'],
    steps: [[':old']],
  },
  {
    name: 'SBOM of two images',
    repository: {
      manifests: {image: {}, other: {}, sbom: {}},
      tags: {old: 'image', new: 'other', '<image>.sbom': 'sbom', '<other>.sbom': 'sbom'},
    },
    deletes: ['old'],
    steps: [['image'], [`:${tagFor('image', '.sbom')}`]],
  },
  {
    name: 'referrer tags without a subject',
    repository: {manifests: {signatures: {}, others: {}}, tags: {'<image>.sig': 'signatures', '<other>.sig': 'others'}},
    deletes: ['<image>.sig'],
    steps: [['signatures']],
  },
  {
    name: 'untagged: decided and undecided',
    repository: {manifests: {staged: {children: ['arm64']}, ...platforms, index: {children: ['amd64', 'arm64']}}},
    deletes: ['index'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'untagged decision, tagged image',
    repository: {manifests: {image: {}}, tags: {new: 'image'}},
    deletes: ['image'],
    steps: [],
  },
  {
    name: 'kept besides',
    repository: {manifests: {index: platformImage, ...platforms, image: {}}, tags: {old: 'index', older: 'image'}},
    deletes: ['old', 'older'],
    keptBesides: ['index'],
    steps: [['image']],
  },
  {
    name: 'locked',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index'}, locked: ['index']},
    deletes: ['old'],
    steps: [],
  },
  {
    name: 'missing platform, deleted index',
    repository: {manifests: {index: platformImage, amd64: {}, arm64: 'missing'}, tags: {old: 'index'}},
    deletes: ['old'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'tags only',
    repository: {
      manifests: {index: platformImage, ...platforms, signatures: {}, ofPlatform: {}, bundle: {subject: 'index'}},
      tags: {old: 'index', '<index>.sig': 'signatures', '<arm64>.sig': 'ofPlatform'},
      isComplete: false,
    },
    deletes: ['old'],
    steps: [['index'], ['signatures']],
  },
  {
    name: 'unreadable deleted image',
    repository: {
      manifests: {index: platformImage, ...platforms, image: 'unreadable'},
      tags: {old: 'index', older: 'image'},
    },
    deletes: ['old', 'older'],
    steps: [['index']],
  },
  {
    name: 'unreadable kept image',
    repository: {manifests: {image: {}, other: 'unreadable'}, tags: {old: 'image', new: 'other'}},
    deletes: ['old'],
    steps: [],
  },
  {
    name: 'unreadable kept platform',
    repository: {
      manifests: {image: {}, index: platformImage, amd64: {}, arm64: 'unreadable'},
      tags: {old: 'image', new: 'index'},
    },
    deletes: ['old'],
    steps: [],
  },
  {
    name: 'referrer that contains its subject',
    repository: {
      manifests: {image: {}, listed: {children: ['image'], subject: 'image'}},
      tags: {old: 'image', '<image>': 'listed'},
    },
    deletes: ['old'],
    steps: [['listed'], ['image']],
  },
  {
    name: 'cycle',
    repository: {
      manifests: {one: {children: ['two']}, two: {children: ['one']}, image: {}},
      tags: {old: 'one', older: 'image'},
    },
    deletes: ['older', 'old'],
    steps: [['image', ':old'].sort()],
  },
]

describe('planDeletion', () => {
  test.each(rows)('$name', (row) => {
    expect(planned(row)).toEqual(row.steps)
  })

  test('orders a level: oldest images, tags, orphans', () => {
    const content = testContent({
      manifests: {younger: {}, older: {}, unknown: {}, both: {}, bundle: {subject: 'gone'}},
      tags: {b: 'younger', a: 'older', c: 'unknown', d: 'both', new: 'both'},
      pushedAt: {younger: new Date(2000), older: new Date(1000), bundle: new Date(0)},
    })
    const decisions = [
      ...decide(content, ['a', 'b', 'c', 'd']),
      {
        tag: undefined,
        digest: named('bundle'),
        class: 'orphan',
        verdict: 'delete',
        reason: {code: 'no-rule'},
      } as const,
    ]
    const {steps} = planDeletion({content, decisions, keptBesides: new Set()})
    expect(steps.map(({digest}) => digest)).toEqual(['older', 'younger', 'unknown', 'both', 'bundle'].map(named))
  })

  test('names roots', () => {
    const content = testContent({
      manifests: {index: platformImage, ...platforms, signed: {subject: 'arm64'}, staged: {}, asked: {}, young: {}},
      tags: {new: 'index', newer: 'index', asked: 'asked'},
    })
    const {kept} = planDeletion({
      content,
      decisions: decide(content, ['asked'], ['young']),
      keptBesides: new Set([named('asked')]),
    })
    const byTag = {digest: named('index'), cause: {kind: 'tag', tag: 'new'}}
    expect(Object.fromEntries(kept)).toEqual({
      [named('index')]: byTag,
      [named('amd64')]: byTag,
      [named('arm64')]: byTag,
      [named('signed')]: byTag,
      [named('asked')]: {digest: named('asked'), cause: {kind: 'besides'}},
      [named('young')]: {digest: named('young'), cause: {kind: 'untagged'}},
      [named('staged')]: {digest: named('staged'), cause: {kind: 'undecided'}},
    })
  })

  test('counts freed blobs once', () => {
    const content = testContent({
      manifests: {
        one: {blobs: {base: 1000, first: 10}},
        two: {blobs: {base: 1000, second: 20, shared: 300}},
        three: {blobs: {shared: 300, third: 40}},
        kept: {blobs: {base: 1000}},
      },
      tags: {one: 'one', two: 'two', three: 'three', kept: 'kept'},
    })
    const {bytes, freedBytes} = planDeletion({
      content,
      decisions: decide(content, ['one', 'two', 'three']),
      keptBesides: new Set(),
    })
    expect(bytes).toBe(10 + 20 + 300 + 40)
    expect([...freedBytes.values()].reduce((sum, size) => sum + size)).toBe(bytes)
    expect(freedBytes.get(named('one'))).toBe(10)
  })

  test('counts bytes that are left', () => {
    const content = testContent({
      manifests: {index: platformImage, amd64: {blobs: {a: 1}}, arm64: {blobs: {b: 2}}},
      tags: {old: 'index'},
      isComplete: false,
    })
    const {bytes, left} = planDeletion({content, decisions: decide(content, ['old']), keptBesides: new Set()})
    expect(bytes).toBe(3)
    expect([...left].sort()).toEqual(['amd64', 'arm64'].map(named).sort())
  })

  test('reports broken images', () => {
    const content = testContent({
      manifests: {
        index: {...platformImage, platforms: {arm64: 'linux/arm64'}},
        amd64: {},
        arm64: 'missing',
        listed: {children: ['bundle']},
        bundle: 'missing',
        old: {children: ['other']},
        other: 'missing',
      },
      tags: {new: 'index', '<index>': 'listed', old: 'old'},
    })
    const {broken} = planDeletion({content, decisions: decide(content, ['old']), keptBesides: new Set()})
    expect(broken).toEqual([
      {digest: named('index'), tags: ['new'], missing: [{digest: named('arm64'), platform: 'linux/arm64'}]},
    ])
  })

  test('names unreadable parts', () => {
    const content = testContent({
      manifests: {index: platformImage, amd64: {}, arm64: 'unreadable', image: 'unreadable'},
      tags: {new: 'index', old: 'image'},
    })
    const {unreadable, steps} = planDeletion({content, decisions: decide(content, ['old']), keptBesides: new Set()})
    expect(steps).toEqual([])
    expect(unreadable).toEqual([
      {digest: named('arm64'), reason: '500', root: {digest: named('index'), cause: {kind: 'tag', tag: 'new'}}},
    ])
  })

  test('ignores stale decisions', () => {
    const content = testContent({manifests: {image: {}, moved: {}}, tags: {old: 'moved'}})
    const decisions = decide({...content, tags: new Map([['old', named('image')]])}, ['old'])
    expect(planDeletion({content, decisions, keptBesides: new Set()}).steps).toEqual([])
  })
})
