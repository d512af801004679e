import {describe, expect, test} from '@jest/globals'
import {planDeletion} from '../../../src/retention/plan-deletion.ts'
import {decide, named, tagFor, testContent, type TestRepository} from '../../../testing/retention.ts'

interface Row {
  readonly name: string
  readonly repository: TestRepository
  readonly deletes: readonly string[]
  readonly keptBesides?: readonly string[]
  /** Steps by level: names of images, and tags after a colon. */
  readonly steps: readonly (readonly string[])[]
}

const platformImage = {children: ['amd64', 'arm64']}
const platforms = {amd64: {}, arm64: {}}

/** Steps with the names of the repository, sorted in each level. */
function planned({repository, deletes, keptBesides = []}: Row): readonly (readonly string[])[] {
  const content = testContent(repository)
  const names = new Map(Object.keys(repository.manifests).map((name) => [named(name), name]))
  const {steps} = planDeletion({
    content,
    decisions: decide(content, deletes),
    keptBesides: new Set(keptBesides.map(named)),
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
    name: 'the platforms go after their index',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index'}},
    deletes: ['old'],
    steps: [['index'], ['amd64', 'arm64']],
  },
  {
    name: 'indexes in indexes go level by level',
    repository: {manifests: {outer: {children: ['index']}, index: platformImage, ...platforms}, tags: {old: 'outer'}},
    deletes: ['old'],
    steps: [['outer'], ['index'], ['amd64', 'arm64']],
  },
  {
    name: 'a shared platform stays',
    repository: {
      manifests: {index: platformImage, other: {children: ['arm64']}, ...platforms},
      tags: {old: 'index', new: 'other'},
    },
    deletes: ['old'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'a platform of two indexes goes after both',
    repository: {
      manifests: {index: platformImage, outer: {children: ['index', 'arm64']}, ...platforms},
      tags: {old: 'index', older: 'outer'},
    },
    deletes: ['old', 'older'],
    steps: [['outer'], ['index'], ['amd64', 'arm64']],
  },
  {
    name: 'a platform with a kept tag stays',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index', 'old-arm64': 'arm64'}},
    deletes: ['old'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'a tag of a needed platform goes alone',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {new: 'index', 'old-arm64': 'arm64'}},
    deletes: ['old-arm64'],
    steps: [[':old-arm64']],
  },
  {
    name: 'one of two tags goes alone',
    repository: {manifests: {image: {}}, tags: {old: 'image', new: 'image'}},
    deletes: ['old'],
    steps: [[':old']],
  },
  {
    name: 'all tags of an image go with it',
    repository: {manifests: {image: {}}, tags: {old: 'image', older: 'image'}},
    deletes: ['old', 'older'],
    steps: [['image']],
  },
  {
    name: 'referrers go after their subject',
    repository: {
      manifests: {index: platformImage, ...platforms, sbom: {subject: 'arm64'}, signed: {subject: 'sbom'}},
      tags: {old: 'index'},
    },
    deletes: ['old'],
    steps: [['index'], ['amd64', 'arm64'], ['sbom'], ['signed']],
  },
  {
    name: 'referrers of a kept image and of its platforms stay',
    repository: {
      manifests: {index: platformImage, ...platforms, sbom: {subject: 'arm64'}, signed: {subject: 'sbom'}, image: {}},
      tags: {new: 'index', old: 'image'},
    },
    deletes: ['old', 'sbom', 'signed', 'amd64'],
    steps: [['image']],
  },
  {
    name: 'a tagged referrer keeps its subject',
    repository: {
      manifests: {index: platformImage, ...platforms, sbom: {subject: 'index'}},
      tags: {old: 'index', sbom: 'sbom'},
    },
    deletes: ['old'],
    steps: [[':old']],
  },
  {
    name: 'tags for referrers go after the image',
    repository: {
      manifests: {image: {}, signatures: {}, listed: {children: ['bundle']}, bundle: {subject: 'image'}},
      tags: {old: 'image', '<image>.sig': 'signatures', '<image>': 'listed'},
    },
    deletes: ['old'],
    steps: [['image'], ['listed', 'signatures'], ['bundle']],
  },
  {
    name: 'tags for referrers of a platform go after it',
    repository: {
      manifests: {index: platformImage, ...platforms, signatures: {}},
      tags: {old: 'index', '<arm64>.att': 'signatures'},
    },
    deletes: ['old'],
    steps: [['index'], ['amd64', 'arm64'], ['signatures']],
  },
  {
    name: 'tags for referrers of a kept image stay, whatever was decided',
    repository: {manifests: {image: {}, signatures: {}}, tags: {new: 'image', '<image>.sig': 'signatures'}},
    deletes: ['<image>.sig'],
    steps: [],
  },
  {
    name: 'a tag for referrers goes alone from an SBOM that another image has too',
    repository: {
      manifests: {image: {}, other: {}, sbom: {}},
      tags: {old: 'image', new: 'other', '<image>.sbom': 'sbom', '<other>.sbom': 'sbom'},
    },
    deletes: ['old'],
    steps: [['image'], [`:${tagFor('image', '.sbom')}`]],
  },
  {
    name: 'a tag for referrers of an image that does not exist goes by its own decision',
    repository: {manifests: {signatures: {}, others: {}}, tags: {'<image>.sig': 'signatures', '<other>.sig': 'others'}},
    deletes: ['<image>.sig'],
    steps: [['signatures']],
  },
  {
    name: 'an image without a tag goes if it was decided, and stays if not',
    repository: {manifests: {staged: {children: ['arm64']}, ...platforms, index: {children: ['amd64', 'arm64']}}},
    deletes: ['index'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'an image with a tag does not go by a decision about images without tags',
    repository: {manifests: {image: {}}, tags: {new: 'image'}},
    deletes: ['image'],
    steps: [],
  },
  {
    name: 'a manifest that is kept besides keeps its tags and what it needs',
    repository: {manifests: {index: platformImage, ...platforms, image: {}}, tags: {old: 'index', older: 'image'}},
    deletes: ['old', 'older'],
    keptBesides: ['index'],
    steps: [['image']],
  },
  {
    name: 'a manifest that the registry protects keeps its tags and what it needs',
    repository: {manifests: {index: platformImage, ...platforms}, tags: {old: 'index'}, locked: ['index']},
    deletes: ['old'],
    steps: [],
  },
  {
    name: 'a missing platform of a deleted index is gone',
    repository: {manifests: {index: platformImage, amd64: {}, arm64: 'missing'}, tags: {old: 'index'}},
    deletes: ['old'],
    steps: [['index'], ['amd64']],
  },
  {
    name: 'without a list of all manifests, only tagged images go, with the tags for their referrers',
    repository: {
      manifests: {index: platformImage, ...platforms, signatures: {}, ofPlatform: {}, bundle: {subject: 'index'}},
      tags: {old: 'index', '<index>.sig': 'signatures', '<arm64>.sig': 'ofPlatform'},
      isComplete: false,
    },
    deletes: ['old'],
    steps: [['index'], ['signatures']],
  },
  {
    name: 'an unreadable image stays with its tag, and only tagged images go meanwhile',
    repository: {
      manifests: {index: platformImage, ...platforms, image: 'unreadable'},
      tags: {old: 'index', older: 'image'},
    },
    deletes: ['old', 'older'],
    steps: [['index']],
  },
  {
    name: 'nothing goes if a kept image cannot be read',
    repository: {manifests: {image: {}, other: 'unreadable'}, tags: {old: 'image', new: 'other'}},
    deletes: ['old'],
    steps: [],
  },
  {
    name: 'nothing goes if a part of a kept image cannot be read',
    repository: {
      manifests: {image: {}, index: platformImage, amd64: {}, arm64: 'unreadable'},
      tags: {old: 'image', new: 'index'},
    },
    deletes: ['old'],
    steps: [],
  },
  {
    name: 'a referrer that contains its subject goes before it',
    repository: {
      manifests: {image: {}, listed: {children: ['image'], subject: 'image'}},
      tags: {old: 'image', '<image>': 'listed'},
    },
    deletes: ['old'],
    steps: [['listed'], ['image']],
  },
  {
    name: 'manifests that contain themselves stay',
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

  test('orders the images of a level by their age, tags and orphans after them', () => {
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

  test('names the root that needs a manifest', () => {
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

  test('counts each blob once that only deleted manifests name', () => {
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

  test('counts what the registry has to collect itself', () => {
    const content = testContent({
      manifests: {index: platformImage, amd64: {blobs: {a: 1}}, arm64: {blobs: {b: 2}}},
      tags: {old: 'index'},
      isComplete: false,
    })
    const {bytes, left} = planDeletion({content, decisions: decide(content, ['old']), keptBesides: new Set()})
    expect(bytes).toBe(3)
    expect([...left].sort()).toEqual(['amd64', 'arm64'].map(named).sort())
  })

  test('reports kept images that lack a part, not indexes of referrers', () => {
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

  test('names what cannot be read and the root that needs it', () => {
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

  test('keeps a tag whose decision is about another digest', () => {
    const content = testContent({manifests: {image: {}, moved: {}}, tags: {old: 'moved'}})
    const decisions = decide({...content, tags: new Map([['old', named('image')]])}, ['old'])
    expect(planDeletion({content, decisions, keptBesides: new Set()}).steps).toEqual([])
  })
})
