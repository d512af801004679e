/**
 * Messages of `src/tags` about the inputs, one row per message. Other tests assert the place of a problem and the values
 * in it, and no wording.
 */
import {describe, expect, test} from '@jest/globals'
import {formatNotice, formatProblem} from '../../../src/inputs/problem.ts'
import {defaultStrategyNotice} from '../../../src/tags/rules/default-strategy.ts'
import {parseCalverPattern} from '../../../src/tags/versions/calver-pattern.ts'
import {propose, pushOf} from '../../../testing/plans.ts'

const branch = pushOf('refs/heads/feature/a')
const fork = pushOf('refs/tags/v1.2.3+fork.1')

const enableRemedy = 'Write true, false, or an expression for one of them, such as {{is_default_branch}}.'
const expressionRemedy = 'Write an expression as {{name}} or {{name "argument"}}.'
const patternRemedy = 'Write a pattern, such as pattern={{version}} or pattern={{major}}.{{minor}}.'
const referenceRemedy = 'Write an image reference as name:tag, such as user/app:1.0.'

describe('problems of rules', () => {
  test.each([
    {line: 'type=semvr,pattern=x', message: 'column 6: unknown rule type "semvr". Did you mean "semver"?'},
    {
      line: 'type=sha;colour=red',
      message:
        'column 6: unknown rule type "sha;colour=red". Use one of: schedule, semver, pep440, match, calver, file, edge, ref, raw, sha, env.',
    },
    {
      line: 'type=sha;format=long',
      message: 'column 9: unknown rule type "sha;format=long". Separate attributes with commas: type=sha,format=long.',
    },
    {
      line: 'type=sha # comment',
      message: 'column 10: unknown rule type "sha # comment". Write the comment on its own line.',
    },
    {line: 'sha,format=long', message: 'column 1: "sha" is a rule type without type=. Did you mean "type=sha"?'},
    {
      line: 'typ=semver',
      message: 'column 1: a rule needs type=…, but the line begins with "typ". Did you mean "type"?',
    },
    {
      line: 'type=raw,value=latest # stable',
      message:
        'column 23: the comment would be part of value. Write the comment on its own line. If it belongs to the value, quote the attribute: "value=…".',
    },
    {line: 'type=raw,valu=x,value=y', message: 'column 10: unknown attribute "valu". Did you mean "value"?'},
    {line: 'user/x:1,prefix=a', message: 'column 10: unknown attribute "prefix". Use one of: enable, mutable.'},
    {
      line: 'type=ref',
      message: 'column 9: the rule needs event=…. Use one of: event=branch, event=tag, event=pr.',
    },
    {line: 'type=raw', message: 'column 9: the rule needs value=…. Write the tag, such as value=stable.'},
    {line: 'type=file', message: 'column 10: the rule needs path=…. Write the file, such as path=package.json.'},
    {line: 'type=semver', message: `column 12: the rule needs pattern=…. ${patternRemedy}`},
    {
      line: 'type=match',
      message: 'column 11: the rule needs pattern=…. Write a regular expression, such as pattern=v(.*).',
    },
    {
      line: 'type=calver',
      message: 'column 12: the rule needs pattern=…. Write a pattern of calver.org, such as pattern=YYYY.0M.MICRO.',
    },
    {line: 'type=semver,pattern=', message: `column 21: the pattern is empty. ${patternRemedy}`},
    {
      line: 'type=semver,pattern={version}',
      message:
        'column 21: { is outside of an expression. Write {{version}}, with two braces on each side and without quotes.',
    },
    {line: 'type=ref,event=brnch', message: 'column 16: unknown event "brnch". Did you mean "branch"?'},
    {line: '1.2.3,mutable=yes', message: 'column 15: unknown mutable "yes". Use one of: true, false.'},
    {
      line: 'type=sha,priority=high',
      message: 'column 19: priority "high" is not a whole number. Write a number such as priority=900.',
    },
    {
      line: 'type=sha,enable=yes',
      message: `column 17: enable is "yes", which is neither true nor false. ${enableRemedy}`,
    },
    {
      line: 'type=raw,value=x,enable={{sha}}',
      message: `column 25: enable is "860c190", which is neither true nor false. ${enableRemedy}`,
    },
    {
      line: 'type=ref,event={{branch}}',
      message:
        'column 16: event takes no expression. Only value, prefix, suffix and enable take expressions; write the text itself.',
    },
    {
      line: 'type=sha,prefix=a,prefix=b',
      message: 'column 19: prefix is set twice (columns 10 and 19). Keep one of them.',
    },
    {
      line: 'type=raw,value=a,b',
      message:
        'column 18: "b" has no name, so it is a second value (columns 10 and 18). Write each tag on its own line. Quote an attribute that contains a comma: "value=a,b".',
    },
    {
      line: 'type=match,pattern=a{1,3}',
      message:
        'column 24: "3}" has no name. Write name=value. Quote an attribute that contains a comma: "pattern=a{1,3}".',
    },
    {line: 'type=sha,long', message: 'column 10: "long" has no name. Write name=value.'},
    {
      line: 'type=calver,pattern=YYYY.MM,tz=America/New_Yrok',
      message: 'column 32: unknown time zone "America/New_Yrok". Did you mean "America/New_York"?',
    },
    {
      line: 'a b',
      message:
        'column 2: a tag cannot contain " ". Write a valid tag, or "type=raw,value=a b" to make a valid tag from this text.',
    },
    {line: 'a # b', message: 'column 2: a tag cannot contain " ". Write the comment on its own line.'},
    {
      line: 'localhost:5000/app',
      message:
        'column 19: a whole reference needs a tag: name:tag. Write an image reference as name:tag: "localhost:5000/app:latest".',
    },
    {line: 'user/app:1 # x', message: 'column 11: a tag cannot contain " ". Write the comment on its own line.'},
    {line: 'user/äpp:1', message: `column 6: "äpp" cannot be part of an image name. ${referenceRemedy}`},
    {
      line: 'Feature/x',
      message:
        'column 10: a whole reference needs a tag: name:tag. Write an image reference as name:tag: "Feature/x:latest", or "type=raw,value=Feature/x" to make a tag from this text.',
    },
  ])('$line', ({line, message}) => {
    expect(propose(branch, [line]).problems.all.map(formatProblem)).toEqual([`tags, line 1, ${message}`])
  })

  test('a build that the tag would not contain', () => {
    expect(
      propose(fork, ['type=semver,pattern={{major}}.{{minor}}.{{patch}}']).problems.all.map(formatProblem),
    ).toEqual([
      'tags, line 1, column 21: the tag would lack "+fork.1" of v1.2.3+fork.1, and another build of this version would have the same tag. Write {{version}} or {{raw}}, where a dash replaces the plus, add -{{build}}, or add mutable=true to let the tag move.',
    ])
  })
})

describe('problems of expressions', () => {
  test.each([
    {text: '{{brnch}}', message: 'column 16: unknown expression "brnch". Did you mean "branch"?'},
    {text: '{{date}}', message: `column 16: {{date}} needs a format, such as {{date 'YYYYMMDD'}}. ${expressionRemedy}`},
    {
      text: "{{date 'YYYY' zone='UTC'}}",
      message: `column 16: {{date}} takes a format and tz=, but not zone=. ${expressionRemedy}`,
    },
    {
      text: "{{date 'YYYY' 'UTC'}}",
      message: `column 16: {{date}} takes a format and tz=, but not "UTC". ${expressionRemedy}`,
    },
    {
      text: "{{date 'YYYY' tz='Mars/Base'}}",
      message: 'column 16: unknown time zone "Mars/Base". Use a name such as Europe/Berlin.',
    },
    {text: "{{branch 'x'}}", message: `column 16: {{branch}} takes no arguments. ${expressionRemedy}`},
    {
      text: '{{#if}}x{{/if}}',
      message: `column 16: {{#if}} needs one condition, such as {{#if tag}}. ${expressionRemedy}`,
    },
    {text: '{{branch}', message: `column 16: this expression is never closed: }} is missing. ${expressionRemedy}`},
    {text: "{{date 'YYYY}}", message: `column 16: a quote in this expression is never closed. ${expressionRemedy}`},
    {text: '{{#if tag}}{{}}{{/if}}', message: `column 27: this expression is empty. ${expressionRemedy}`},
    {
      text: 'a-{{#if tag}}b',
      message: `column 18: the block {{#if}} is never closed: {{/if}} is missing. ${expressionRemedy}`,
    },
    {text: 'a{{/if}}', message: `column 17: {{/if}} closes no block. ${expressionRemedy}`},
    {text: "{{date 'Y'}}{{else}}b", message: `column 28: {{else}} is outside of a block. ${expressionRemedy}`},
    {
      text: '{{#if tag}}x{{/unless}}',
      message: `column 28: {{/unless}} is found, but {{/if}} is expected. ${expressionRemedy}`,
    },
    {text: '{{date tz=}}', message: `column 16: {{date tz=}} is not an expression. ${expressionRemedy}`},
  ])('$text', ({text, message}) => {
    const {problems} = propose(branch, [`type=raw,value=${text}`])
    expect(problems.all.map(formatProblem)).toEqual([`tags, line 1, ${message}`])
  })
})

describe('problems of regular expressions', () => {
  test.each([
    {
      line: 'type=match,pattern=',
      message: 'column 20: the pattern is empty. Write a regular expression, such as pattern=v(.*).',
    },
    {
      line: 'type=match,pattern=(',
      message:
        'column 20: the pattern does not parse (Unterminated group). Escape special characters that are meant literally, such as \\( or \\+.',
    },
    {
      line: 'type=match,pattern=/v/x',
      message:
        'column 23: "x" are not flags of a regular expression. Use d, g, i, m, s, u, v and y, each once. Begin a pattern that starts with a slash with \\/.',
    },
    {
      line: 'type=match,pattern=x,group=first',
      message:
        'column 28: group "first" is not a whole number. Write the number of a group: 1 is the first, 0 the whole match.',
    },
    {
      line: 'type=semver,pattern={{raw}},match=',
      message: 'column 35: the expression is empty. Write a regular expression, such as match=v(.*).',
    },
    {
      line: 'type=semver,pattern={{raw}},match=(',
      message:
        'column 35: the expression does not parse (Unterminated group). Escape special characters that are meant literally, such as \\( or \\+.',
    },
  ])('$line', ({line, message}) => {
    expect(propose(branch, [line]).problems.all.map(formatProblem)).toEqual([`tags, line 1, ${message}`])
  })
})

describe('problems of calendar patterns', () => {
  test.each([
    {
      pattern: 'YYYY.MICR',
      message: 'unknown calendar token "MICR". Did you mean "MICRO"? Add other text with prefix= or suffix=.',
    },
    {
      pattern: 'MAJOR.MINOR',
      message: 'the pattern has no year. Begin with one of YYYY, YY and 0Y, such as YYYY.0M.MICRO.',
    },
    {pattern: 'YYYY.YYYY', message: 'the pattern has two years: YYYY is repeated. Keep one of them.'},
    {pattern: 'YYYY.MM.0M', message: 'the pattern has two months: MM and 0M are the same part. Keep one of them.'},
    {
      pattern: 'YYYYMMDD',
      message:
        'MM has a variable width, and DD follows without a separator. Write a dot between them, or use a token of fixed width: YYYY, 0Y, 0M, 0W, 0D.',
    },
    {
      pattern: 'YYYY.WW.DD',
      message: 'the pattern has both a week and a month or day. Use weeks, or months and days.',
    },
    {
      pattern: 'MODIFIER.YYYY',
      message: 'a version cannot begin with MODIFIER. Write it after a number, such as YYYY-MODIFIER.',
    },
    {pattern: '.YYYY', message: 'the pattern begins or ends with a separator. Remove it.'},
  ])('$pattern', ({pattern, message}) => {
    const parsed = parseCalverPattern(pattern)
    expect(parsed.ok ? undefined : `${parsed.reason}. ${parsed.remedy}`).toBe(message)
  })
})

describe('notices and warnings', () => {
  test.each([
    {
      name: 'capital letters in a repository name',
      context: branch,
      lines: ['User/App:RC'],
      message: 'tags, line 1, column 1: image names are lower case, so user/app:RC is used.',
    },
    {
      name: 'a build that an expression leaves out',
      context: fork,
      lines: ['type=match,pattern=v([\\d.]+),group=1'],
      message:
        'tags, line 1: "1.2.3" lacks "+fork.1" of v1.2.3+fork.1: another build of this version would have the same tag.',
    },
    {
      name: 'a build in floating tags',
      context: fork,
      lines: ['type=semver,pattern={{major}}'],
      message:
        'tags: 1, latest will point to 1.2.3+fork.1, one of the builds of 1.2.3: floating tags point to the build of the newest commit.',
    },
  ])('$name', ({context, lines, message}) => {
    const {notices, warnings} = propose(context, lines).problems
    expect([...notices, ...warnings].map(formatNotice)).toEqual([message])
  })

  test.each([
    {
      tag: 'v1.2.3+fork.1',
      message:
        'v1.2.3+fork.1 is a build of 1.2.3: it gets only its exact tag. To move latest and floating version tags too, add the rules of the default strategy to `tags`: `type=semver,pattern={{version}}`, `type=semver,pattern={{major}}.{{minor}}`',
    },
    {
      tag: 'v1.2',
      message:
        'v1.2 may be a release or a version line: its tag is treated as a version line, which floats and does not move latest. For an exact tag and latest, add `type=pep440,pattern={{version}}` to `tags`',
    },
    {
      tag: 'v1.2-fork',
      message:
        'v1.2-fork may be a release or a version line: its tag is treated as a version line, which floats and does not move latest',
    },
    {
      tag: 'release-1.2.3',
      message:
        'release-1.2.3 is published only as its own tag, without 1.2-like tags and latest: to publish version 1.2.3 of a component, set `component` to the text before the version',
    },
    {
      tag: 'release-2026.02.0',
      message:
        'release-2026.02.0 is published only as its own tag, without latest: to publish version 2026.02.0 of a component, set `component` to the text before the version',
    },
  ])('the default strategy for the Git tag $tag', ({tag, message}) => {
    expect(defaultStrategyNotice(pushOf(`refs/tags/${tag}`))).toBe(message)
  })
})
