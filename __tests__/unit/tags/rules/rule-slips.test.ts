import {describe, expect, test} from '@jest/globals'
import {propose, pushOf} from '../../../../testing/plans.ts'

const branch = pushOf('refs/heads/feature/a')

interface Row {
  readonly line: string
  /** Each problem: its column, and a text that its remedy suggests. */
  readonly expected: readonly {readonly column: number; readonly suggests: string}[]
}

const mistakes: readonly Row[] = [
  {line: 'semver,pattern={{version}}', expected: [{column: 1, suggests: '"type=semver"'}]},
  {line: 'priority=900,edge,branch=main', expected: [{column: 14, suggests: '"type=edge"'}]},
  {line: 'type:semver,pattern={{version}}', expected: [{column: 1, suggests: '"type=semver"'}]},
  {line: 'type: sha', expected: [{column: 1, suggests: '"type=sha"'}]},
  {line: 'raw,value=stable', expected: [{column: 1, suggests: '"type=raw"'}]},
  {
    line: 'ref,event=pull_request',
    expected: [
      {column: 1, suggests: '"type=ref"'},
      {column: 11, suggests: '"pr"'},
    ],
  },
  {line: 'type=ref,event=pull_request', expected: [{column: 16, suggests: '"pr"'}]},
  {line: 'type=ref,event=pull', expected: [{column: 16, suggests: '"pr"'}]},
  {
    line: 'type=semver;pattern={{version}}',
    expected: [{column: 12, suggests: ': type=semver,pattern={{version}}.'}],
  },
  {line: 'type=sha format=long', expected: [{column: 9, suggests: ': type=sha,format=long.'}]},
  {line: 'type=sha;colour=red', expected: [{column: 6, suggests: ' semver,'}]},
  {line: 'type=sha # comment', expected: [{column: 10, suggests: 'its own line'}]},
  {line: 'type=sha,format=long # comment', expected: [{column: 22, suggests: 'its own line'}]},
  {line: 'type=raw,value=latest # stable', expected: [{column: 23, suggests: 'its own line'}]},
  {line: 'type=raw,value=latest\t#stable', expected: [{column: 23, suggests: '"value=…"'}]},
  {line: 'type=raw,latest # stable, and old', expected: [{column: 17, suggests: 'its own line'}]},
  {line: 'value=latest # stable', expected: [{column: 14, suggests: 'its own line'}]},
  {line: 'type=ref,event=branch,suffix=-x # y', expected: [{column: 33, suggests: '"suffix=…"'}]},
  {line: 'type=sha,prefix=git- # y,priority=5', expected: [{column: 22, suggests: '"prefix=…"'}]},
  {line: 'type=semver,pattern={{version}} # a, b', expected: [{column: 33, suggests: '"pattern=…"'}]},
  {line: 'type=match,pattern=v(.*),group=1 # a', expected: [{column: 34, suggests: 'its own line'}]},
  {line: 'type=edge,branch=main # trunk', expected: [{column: 23, suggests: '"branch=…"'}]},
  {line: 'type=sha,enable=true # always', expected: [{column: 22, suggests: 'its own line'}]},
  {line: 'type=file,path=package.json # npm', expected: [{column: 29, suggests: '"path=…"'}]},
  {line: '"type=raw,value=latest # stable"', expected: [{column: 24, suggests: 'its own line'}]},
  {line: 'stable,prefix=a- # comment', expected: [{column: 18, suggests: '"prefix=…"'}]},
  {line: 'type=sha # short, "not" long', expected: [{column: 10, suggests: 'its own line'}]},
  {line: 'user/app:1.0 # comment', expected: [{column: 13, suggests: 'its own line'}]},
  {line: 'user/app', expected: [{column: 9, suggests: '"user/app:latest"'}]},
  {line: 'localhost:5000/app', expected: [{column: 19, suggests: '"localhost:5000/app:latest"'}]},
  {line: 'a/b:1,c/d', expected: [{column: 10, suggests: '"c/d:latest"'}]},
  {line: 'stable # comment', expected: [{column: 7, suggests: 'its own line'}]},
  {line: 'type=sha,foo', expected: [{column: 10, suggests: 'name=value'}]},
  {line: 'type=semver,pattern={version}', expected: [{column: 21, suggests: '{{version}}'}]},
  {line: "type=pep440,pattern='{{version}}'", expected: [{column: 21, suggests: '{{version}}'}]},
  {line: 'type=file,path=package.json,pattern="{{version}}"', expected: [{column: 37, suggests: '{{version}}'}]},
  {line: 'type=semver,pattern={{version}}}', expected: [{column: 32, suggests: '{{version}}'}]},
  {line: 'type=semver,pattern=', expected: [{column: 21, suggests: 'pattern={{version}}'}]},
  {line: 'type=pep440,pattern=', expected: [{column: 21, suggests: 'pattern={{version}}'}]},
  {line: 'type=file,path=package.json,pattern=', expected: [{column: 37, suggests: 'pattern={{version}}'}]},
  {line: 'type=semver', expected: [{column: 12, suggests: 'pattern={{version}}'}]},
  {line: "type=raw,value={{date 'YYYY' tz='Europe/Berln'}}", expected: [{column: 16, suggests: '"Europe/Berlin"'}]},
  {line: "type=schedule,pattern={{date 'YYYY' tz='berlin'}}", expected: [{column: 23, suggests: '"Europe/Berlin"'}]},
  {
    line: 'type=calver,pattern=YYYY.MM,tz=America/New_Yrok',
    expected: [{column: 32, suggests: '"America/New_York"'}],
  },
  {line: 'type=calver,pattern=YYYY.MM,tz=Mars/Base', expected: [{column: 32, suggests: ' Europe/Berlin'}]},
]

describe('a common mistake', () => {
  test.each(mistakes)('$line', ({line, expected}) => {
    // A pattern of a schedule is checked on its own event.
    const context = line.startsWith('type=schedule') ? pushOf('refs/heads/main', {event: 'schedule'}) : branch
    const found = propose(context, [line]).problems.all.map(({line: number, column, remedy}) => ({
      number,
      column,
      remedy,
    }))
    expect(found).toEqual(
      expected.map(({column, suggests}) => ({number: 1, column, remedy: expect.stringContaining(suggests)})),
    )
  })
})

describe('a correct line that looks like a mistake', () => {
  test.each([
    {line: 'edge', expected: ['edge']},
    {line: 'edge,priority=900', expected: ['edge']},
    {line: 'sha,edge', expected: ['sha', 'edge']},
    {line: 'semver', expected: ['semver']},
    {line: "type=semver,pattern={{version}}-{{date 'YYYY'}},value=1.2.3", expected: ['1.2.3-2026', 'latest']},
    {line: 'type=semver,pattern={{#if tag}}t{{else}}{{version}}{{/if}},value=1.2.3', expected: ['1.2.3', 'latest']},
    {line: '"type=semver","pattern={{version}}",value=1.2.3', expected: ['1.2.3', 'latest']},
    {line: 'type=raw,"value=a # b"', expected: ['a-b']},
    {line: 'type=raw,value=a#b', expected: ['a-b']},
    {line: 'type=raw,value={{#if branch}}a{{else}}b{{/if}}', expected: ['a']},
    {line: "type=raw,value={{date 'YYYY #'}}", expected: ['2026-']},
    {line: 'value=stable', expected: ['stable']},
    {line: 'priority=900,Value=my tag,enable=true', expected: ['my-tag']},
    {line: '"value=a,b"', expected: ['a-b']},
  ])('$line', ({line, expected}) => {
    const {problems, names} = propose(branch, [line])
    expect(problems.all).toEqual([])
    expect(names).toEqual(expected)
  })
})
