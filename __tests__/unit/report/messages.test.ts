import {expect, test} from '@jest/globals'
import {packageNotice, type PackageFacts} from '../../../src/report/package-notice.ts'

/** Wording of the notices of `src/report`. The other tests of this folder assert values only. */
const place: Parameters<typeof packageNotice>[0] = {
  repository: {host: 'ghcr.io', path: 'octocat/team/app'},
  server: 'https://github.com',
  source: 'octocat/Hello-World',
}
const known: PackageFacts = {owners: 'users', visibility: 'private', linked: 'octocat/hello-world', isNew: true}
const settings = 'https://github.com/users/octocat/packages/container/team%2Fapp/settings'
const change = `To change its visibility (Change visibility) or access (Manage Actions access), open ${settings}`

test.each<{name: string; facts: PackageFacts | string; expected: string}>([
  {
    name: 'a new package',
    facts: known,
    expected: `ghcr.io/octocat/team/app is a new package. It is private, and linked to octocat/hello-world. ${change}`,
  },
  {
    name: 'one that existed, without a repository',
    facts: {...known, visibility: 'public', linked: undefined, isNew: false},
    expected: `ghcr.io/octocat/team/app has its first tags. It is public, and not linked to a repository: connect octocat/Hello-World in its settings (Connect repository). ${change}`,
  },
  {
    name: 'one of another repository',
    facts: {...known, visibility: 'internal', linked: 'octocat/other'},
    expected: `ghcr.io/octocat/team/app is a new package. It is internal, and linked to octocat/other, not to octocat/Hello-World: jobs of octocat/Hello-World need the role Write in its settings. ${change}`,
  },
  {
    name: 'one without facts',
    facts: 'GET /orgs/octocat/packages/container/team%2Fapp: 403',
    expected:
      'ghcr.io/octocat/team/app has its first tags. Whether the package is private, and linked to a repository, could not be read: GET /orgs/octocat/packages/container/team%2Fapp: 403. GitHub creates packages private. Visibility and access are changed in its settings: https://github.com/octocat?tab=packages',
  },
])('the notice of $name', ({facts, expected}) => {
  expect(packageNotice(place, facts)).toBe(expected)
})
