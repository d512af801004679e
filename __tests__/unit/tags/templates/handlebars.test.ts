import {expect, test} from '@jest/globals'
import {handlebarsEngine} from '../../../../src/tags/templates/handlebars.ts'
import type {ExpressionFunction, TemplateValues} from '../../../../src/tags/templates/template.ts'

const values: TemplateValues = new Map<string, string | ExpressionFunction>([
  ['branch', 'main'],
  ['tag', ''],
  ['base_ref', ''],
  ['date', (positional) => positional.join('-')],
])

/** `filled` has an `x` for each empty value that the text shows, and takes the same branches as `text`. */
test.each([
  {template: '{{branch}}-{{tag}}', text: 'main-', emptyNames: ['tag'], filled: 'main-x'},
  {template: "{{date 'Y' 'M'}}-{{tag}}", text: 'Y-M-', emptyNames: ['tag'], filled: 'Y-M-x'},
  {template: '{{date tag}}.{{base_ref}}', text: '.', emptyNames: ['date', 'base_ref'], filled: 'x.x'},
  {template: 'v{{#if tag}}-{{tag}}{{/if}}', text: 'v', emptyNames: ['tag'], filled: 'vx'},
  {template: 'v{{#if tag}}-{{tag}}{{else}}-{{branch}}{{/if}}', text: 'v-main', emptyNames: [], filled: 'v-main'},
  {template: 'v{{#if branch}}-{{tag}}{{/if}}', text: 'v-', emptyNames: ['tag'], filled: 'v-x'},
  {template: '{{#unless tag}}{{branch}}{{/unless}}', text: 'main', emptyNames: [], filled: 'main'},
  {template: '{{#if (date tag)}}a{{/if}}{{{branch}}}', text: 'main', emptyNames: [], filled: 'main'},
])('$template', ({template, text, emptyNames, filled}) => {
  expect(handlebarsEngine.render(template, values)).toEqual({text, emptyNames, filled})
})

test.each(["{{shown 'tag' tag}}", '{{shown}}', '{{#if shown}}x{{/if}}'])('%s is unknown to users', (template) => {
  expect(() => handlebarsEngine.render(template, values)).toThrow(expect.objectContaining({unknownName: 'shown'}))
})
