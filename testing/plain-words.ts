import {globSync, readFileSync, statSync} from 'node:fs'
import path from 'node:path'

/** A phrase that may not appear in the repository, and its replacement. */
interface Phrase {
  /** Source of a regular expression without regard to case, bounded by words. A space also matches a line break in a comment. */
  readonly pattern: string
  readonly better: string
}

/**
 * Phrases to avoid: private idiom, people in place of things, and everyday verbs in place of technical terms. To forbid
 * another phrase, add a row.
 */
const phrases: readonly Phrase[] = [
  // Grammar.
  {pattern: '(?<!\\bthere )(?:is|are|was|were|be) no(?! (?:longer|more|less|later|earlier))', better: 'is not a …'},
  {
    pattern: 'one an? (?:line|call|host|image|job|label|node|platform|registry|repository|run|step|tag)',
    better: 'one per …',
  },
  {pattern: 'without it:', better: 'Default: …'},
  {pattern: '(?:is|are|was|were) (?:not |already |still )?there(?! (?:is|are|was|were))', better: 'exists'},
  {pattern: 'not there(?! (?:is|are))', better: 'does not exist'},
  {pattern: 'what (?:is|was) to be', better: 'a noun: "the image to promote"'},
  {pattern: 'goes without', better: 'has no …'},
  {pattern: 'in one go', better: 'together, at once'},
  {pattern: 'all the same(?! (?:to|for))', better: 'anyway'},
  {pattern: 'shall', better: 'must, will'},
  {pattern: 'upon', better: 'on'},
  {pattern: 'anew', better: 'again'},
  {pattern: '(?:whence|thence|thereby|thereof|wherein|whither)', better: 'a plain conjunction'},
  {pattern: '(?:further|more) tr(?:y|ies)', better: 'retry, retries'},
  // People in place of things.
  {pattern: '(?:nobody|no one|somebody|anybody)', better: 'name the thing; "anonymous"'},
  {pattern: '(?:whoever|whomever)', better: 'name the thing'},
  {
    pattern: 'who (?:builds?|may|asks?|is|are|pushes|sets?|has|can|does|reads?|writes?|says?)',
    better: 'name the thing',
  },
  {pattern: '(?:ours|theirs)', better: 'that of this run, that of …'},
  // Everyday verbs.
  {pattern: '(?:told|tells?|telling)', better: 'report, log, distinguish'},
  {pattern: '(?:lent|lends?|lending)', better: 'private, temporary'},
  {pattern: '(?:gives?|gave|given|giving) back', better: 'return, restore, remove'},
  {pattern: '(?:takes?|took|taken|taking) back', better: 'roll back'},
  {pattern: '(?:giveBack|takeBack|takenBack|tellRows)', better: 'a technical verb'},
  {pattern: 'hand(?:s|ed|ing)? (?:in|over|on|out|down|back)', better: 'pass, return'},
  {pattern: '(?:stands?|stood|standing)(?!-in|-alone)', better: 'is, is written, exists'},
  {pattern: '(?:lies?|lain)', better: 'is, is located'},
  {pattern: '(?:puts?|putting) (?:right|down|aside|together|in order)', better: 'fix, write, combine'},
  {pattern: '(?:is|are|was|were) put', better: 'is written, is set'},
  {pattern: 'knock(?:s|ed|ing)?', better: 'send a request'},
  {pattern: '(?:is|are|was|were|be) asked(?! for)', better: 'is requested, is queried'},
  {pattern: '(?:says?|said) (?:of|so|none|nothing)', better: 'states, reports, names'},
  {pattern: '(?:has|have|had) a say', better: 'decides'},
  {pattern: 'tags? (?:holds?|held)', better: 'tag points to'},
  {pattern: 'mend(?:s|ed|ing)?', better: 'fix'},
  {pattern: 'spoil(?:s|t|ed|ing)?', better: 'break, corrupt'},
  {pattern: 'hiccups?', better: 'temporary failure'},
  {pattern: "anyone's guess", better: 'unknown'},
  // Private vocabulary.
  {pattern: 'deaf\\w*', better: 'ignored'},
  {pattern: 'worldly', better: 'with side effects'},
  {pattern: 'the house', better: 'the repository'},
  {pattern: 'rooms', better: 'folder, module'},
]

/** First words of a doc comment that are neither a noun nor a verb in the third person. */
const openings =
  'What|Who|Whoever|Whose|How|Where|When|Why|Which|Of|As|For|By|With|Without|From|In|To|Those|That|These|It|Its|They|Undefined|Nothing|Not|No|None|Nobody|More|Further|Also|Another|Here|The same|But'

interface Rule {
  readonly expression: RegExp
  readonly better: string
}

const rules: readonly Rule[] = [
  ...phrases.map(({pattern, better}) => ({
    expression: new RegExp(`(?<![\\w-])${pattern.replaceAll(' ', gap())}(?![\\w-])`, 'gi'),
    better,
  })),
  {
    expression: new RegExp(`(?<=/\\*\\*\\s(?:\\s*\\* )?)(?:${openings.replaceAll(' ', gap())})(?=\\W)`, 'g'),
    better: 'begin with a noun, or with a verb in the third person',
  },
]

/** Whitespace between two words, also across the lines of a comment. */
function gap(): string {
  return '\\s+(?:(?:\\*|//|#|>) )?'
}

/** A phrase to avoid, and where it is. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly phrase: string
  readonly better: string
}

/** Lists the phrases to avoid in a text, by line. */
export function findPhrases(file: string, text: string): readonly Finding[] {
  return rules
    .flatMap(({expression, better}) =>
      [...text.matchAll(expression)].map(({0: match, index}) => ({match, index, better})),
    )
    .toSorted((a, b) => a.index - b.index)
    .map(({match, index, better}) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      phrase: match.replaceAll(/\s+(?:(?:\*|\/\/|#|>) )?/g, ' '),
      better,
    }))
}

const written = /\.(?:ts|mjs|md|ya?ml|sh|html)$|(?:^|\/)[^./]+$/
const unread =
  /(?:^|\/)(?:node_modules|dist|fixtures|golden|coverage|build|images)\/|(?:^|\/)LICENSE$|plain-words\.ts$|words\.test\.ts$/

/** Lists the phrases to avoid in a file, or in all files of a folder. Paths are relative to the root. */
export function findPhrasesIn(root: string, place: string): readonly Finding[] {
  const isFile = (file: string): boolean => statSync(path.join(root, file)).isFile()
  const files = isFile(place) ? [place] : globSync(`${place}/**/*`, {cwd: root})
  return files
    .filter((file) => written.test(file) && !unread.test(file) && isFile(file))
    .sort()
    .flatMap((file) => findPhrases(file, readFileSync(path.join(root, file), 'utf8')))
}
