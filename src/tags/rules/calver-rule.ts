import {calendarDate, timeZoneRemedy} from '../versions/calendar-date.ts'
import {calverTag} from '../versions/calver.ts'
import {parseCalverPattern} from '../versions/calver-pattern.ts'
import type {RuleAttributes} from './rule-attributes.ts'
import type {Common, Rules} from './rule-reader.ts'

/**
 * Reads a rule of `type=calver`. Problems are reported. Loaded only for lines with such a rule, and with it the code that
 * evaluates the rule.
 */
export function readCalver(attributes: RuleAttributes, common: Common): Rules {
  const attribute = attributes.required('pattern', 'Write a pattern of calver.org, such as pattern=YYYY.0M.MICRO.')
  const pattern =
    attribute === undefined ? undefined : attributes.parsed(attribute, parseCalverPattern(attribute.value))
  const zone = attributes.find('tz')
  if (zone !== undefined && calendarDate(new Date(0), zone.value) === undefined) {
    return attributes.reject(zone.valueColumn, `unknown time zone "${zone.value}"`, timeZoneRemedy(zone.value))
  }
  if (pattern === undefined) return []
  const value = attributes.find('value')?.value
  return [{...common, kind: 'calver', pattern, value, timeZone: zone?.value ?? 'UTC', tagOf: calverTag}]
}
