import {describe, expect, test} from '@jest/globals'
import {calendarDate, weeksInYear} from '../../../../src/tags/versions/calendar-date.ts'
import {isDay} from '../../../../src/tags/versions/calendar-day.ts'

describe('calendarDate', () => {
  test.each([
    {
      name: 'a day',
      at: '2024-05-06T12:00:00Z',
      zone: 'UTC',
      date: {year: 2024, month: 5, day: 6, week: 19, weekYear: 2024},
    },
    {
      name: 'a week of the year before',
      at: '2021-01-01T00:00:00Z',
      zone: 'UTC',
      date: {year: 2021, month: 1, day: 1, week: 53, weekYear: 2020},
    },
    {
      name: 'a week of the year after',
      at: '2024-12-30T00:00:00Z',
      zone: 'UTC',
      date: {year: 2024, month: 12, day: 30, week: 1, weekYear: 2025},
    },
    {
      name: 'a leap day',
      at: '2024-02-29T23:59:59Z',
      zone: 'UTC',
      date: {year: 2024, month: 2, day: 29, week: 9, weekYear: 2024},
    },
    {
      name: 'the next day further east',
      at: '2024-12-31T23:30:00Z',
      zone: 'Europe/Berlin',
      date: {year: 2025, month: 1, day: 1, week: 1, weekYear: 2025},
    },
    {
      name: 'the day before further west',
      at: '2025-01-01T03:00:00Z',
      zone: 'America/New_York',
      date: {year: 2024, month: 12, day: 31, week: 1, weekYear: 2025},
    },
    {
      name: 'a zone with another calendar at home',
      at: '2024-05-06T12:00:00Z',
      zone: 'Asia/Bangkok',
      date: {year: 2024, month: 5, day: 6, week: 19, weekYear: 2024},
    },
  ])('$name', ({at, zone, date}) => {
    expect(calendarDate(new Date(at), zone)).toEqual(date)
  })

  test.each(['Europe/Berlim', '', 'utc+1', '../etc'])('knows no zone %j', (zone) => {
    expect(calendarDate(new Date('2024-05-06T12:00:00Z'), zone)).toBeUndefined()
  })
})

test.each([
  {year: 2015, weeks: 53},
  {year: 2020, weeks: 53},
  {year: 2021, weeks: 52},
  {year: 2024, weeks: 52},
  {year: 2026, weeks: 53},
])('$year has $weeks weeks', ({year, weeks}) => {
  expect(weeksInYear(year)).toBe(weeks)
})

test.each([
  {day: [2024, 2, 29], is: true},
  {day: [2023, 2, 29], is: false},
  {day: [1900, 2, 29], is: false},
  {day: [2024, 4, 31], is: false},
  {day: [2024, 1, 0], is: false},
  {day: [50, 12, 31], is: true},
] as const)('$day is a day: $is', ({day: [year, month, day], is}) => {
  expect(isDay(year, month, day)).toBe(is)
})
