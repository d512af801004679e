import {globSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {runInNewContext} from 'node:vm'
import {describe, expect, test} from '@jest/globals'
import {comparison} from '../scripts/site/landing.ts'
import {anchor, pictureOfTheme, siteLink, wholeTable} from '../scripts/site/links.ts'
import {pages, pageTitle, sitePath} from '../scripts/site/pages.ts'
import {searchTerms} from '../scripts/site/search-terms.ts'
import {olderVersions, versionList, versionSettings} from '../scripts/site/versions.ts'

const root = path.join(import.meta.dirname, '..')

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

describe('the pages of the site', () => {
  test('are all Markdown files of docs, and those of the repository for readers', () => {
    const files = globSync(['docs/**/*.md'], {cwd: root}).map((file) => file.replaceAll(path.sep, '/'))
    const documents = files.filter((file) => !file.startsWith('docs/images/'))
    const others = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'site/index.md']
    expect(pages.toSorted()).toEqual([...documents, ...others].toSorted())
  })

  test('have different addresses and titles', () => {
    expect(new Set(pages.map(sitePath)).size).toBe(pages.length)
    const titles = pages.map((page) => pageTitle(page, read(page)))
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.filter((title) => title.length > 30)).toEqual([])
  })

  test.each([
    {page: 'docs/tags.md', expected: 'docs/tags'},
    {page: 'docs/README.md', expected: 'docs/'},
    {page: 'docs/registries/README.md', expected: 'docs/registries/'},
    {page: 'README.md', expected: 'docs/start'},
    {page: 'site/index.md', expected: ''},
  ])('$page has the address /$expected', ({page, expected}) => {
    expect(sitePath(page)).toBe(expected)
  })
})

test.each([
  {page: 'docs/tags.md', target: 'publishing.md#exact-tags', expected: '/docs/publishing#exact-tags'},
  {page: 'docs/tags.md', target: '../README.md#recipes', expected: '/docs/start#recipes'},
  {page: 'README.md', target: 'docs/registries/README.md', expected: '/docs/registries/'},
  {page: 'docs/registries/ghcr.md', target: '../errors.md', expected: '/docs/errors'},
  {page: 'docs/tags.md', target: '#rules', expected: '#rules'},
  {page: 'docs/tags.md', target: 'https://calver.org', expected: 'https://calver.org'},
  {
    page: 'docs/architecture.md',
    target: '../src/main.ts',
    expected: 'https://github.com/tagboat/tagboat/blob/main/src/main.ts',
  },
  {
    page: 'README.md',
    target: 'docs/images/log-release.png',
    expected: 'https://github.com/tagboat/tagboat/blob/main/docs/images/log-release.png',
  },
])('a link in $page to $target leads to $expected', ({page, target, expected}) => {
  expect(siteLink(page, target)).toBe(expected)
})

test.each([
  {heading: 'Loading the image: load: true', expected: 'loading-the-image-load-true'},
  {heading: 'docker/login-action', expected: 'dockerlogin-action'},
  {heading: 'keep_me & more', expected: 'keep_me--more'},
  {heading: '1.2.3', expected: '123'},
])('the heading $heading has the anchor $expected', ({heading, expected}) => {
  expect(anchor(heading)).toBe(expected)
})

test('a picture for two themes becomes two pictures', () => {
  const html = '<picture>\n<source media="x" srcset="dark.png">\n<img src="light.png" alt="A">\n</picture>'
  expect(pictureOfTheme(html)).toBe(
    '<img class="only-light" src="./light.png" alt="A">\n<img class="only-dark" src="./dark.png" alt="A">',
  )
})

test('a table in HTML gets its body', () => {
  expect(wholeTable('<table><tr><td>a</td></tr></table>')).toBe('<table><tbody><tr><td>a</td></tr></tbody></table>')
})

describe('the terms of a search', () => {
  test.each([
    {text: 'Set `if-exists: skip`.', expected: ['Set', 'if-exists', 'if', 'exists', 'skip']},
    {text: '[tag-taken]', expected: ['tag-taken', 'tag', 'taken']},
    {text: 'type=semver,pattern={{version}}', expected: ['type=semver', 'type', 'semver', 'pattern', 'version']},
    {text: 'ghcr.io/owner', expected: ['ghcr.io/owner', 'ghcr', 'io', 'owner']},
    {text: '— …', expected: ['—']},
    {text: '', expected: []},
  ])('of $text', ({text, expected}) => {
    expect(searchTerms(text)).toEqual(expected)
  })

  test('are found by the function as the browser gets it', () => {
    const sent = runInNewContext(`(${searchTerms.toString()})`) as typeof searchTerms
    expect([...sent('if-exists')]).toEqual(['if-exists', 'if', 'exists'])
  })
})

test('the landing page compares the examples of the README', () => {
  const {before, after, beforeLines, afterLines} = comparison(read('README.md'))
  expect(before).toContain('docker/build-push-action')
  expect(after).toContain('tagboat/tagboat@v1')
  expect(read('README.md')).toContain(`${beforeLines} lines of five actions become ${afterLines} lines`)
})

describe('the versions of the site', () => {
  test('are valid', () => {
    expect(versionList(JSON.parse(read('site/versions.json')))).toContainEqual({name: 'latest', path: '/'})
  })

  test('without a ref are not built again', () => {
    const old = {name: 'v1', path: '/v1/', ref: 'v1'}
    expect(olderVersions([{name: 'latest', path: '/'}, old])).toEqual([old])
  })

  test.each([
    {name: 'no list', list: {}},
    {name: 'no version of the checkout', list: [{name: 'v1', path: '/v1/', ref: 'v1'}]},
    {
      name: 'two of the checkout',
      list: [
        {name: 'a', path: '/'},
        {name: 'b', path: '/b/'},
      ],
    },
    {
      name: 'a folder outside',
      list: [
        {name: 'latest', path: '/'},
        {name: 'b', path: '/../', ref: 'v1/../..'},
      ],
    },
    {
      name: 'an option as a ref',
      list: [
        {name: 'latest', path: '/'},
        {name: 'b', path: '/b/', ref: '--force'},
      ],
    },
  ])('refuse $name', ({list}) => {
    expect(() => versionList(list)).toThrow('site/versions.json')
  })

  test('have a folder below the latest one', () => {
    expect(versionSettings({name: 'v1', path: '/v1/'}, {SITE_BASE: '/tagboat'})).toEqual({
      SITE_BASE: '/tagboat/v1/',
      SITE_HOME: '/tagboat/',
      SITE_VERSION: 'v1',
    })
  })
})
