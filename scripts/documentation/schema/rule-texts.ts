import type {WrittenKind} from '../../../src/tags/rules/rule.ts'

/** Facts about an attribute that the table of rules does not have. A test compares them with the reader of rules. */
export interface AttributeText {
  readonly description: string
  readonly required?: true
  /** Default in words or as it would be written. */
  readonly default?: string
  /** All values that it accepts. */
  readonly values?: readonly string[]
  /** A value to start from. */
  readonly example?: string
}

/** Attributes that every rule has. */
export const commonTexts: Readonly<Record<'enable' | 'priority' | 'prefix' | 'suffix', AttributeText>> = {
  enable: {
    description: 'Whether the rule counts, or an expression that gives `true` or `false`.',
    default: 'true',
    example: '{{is_default_branch}}',
  },
  priority: {description: 'Rules with a higher priority come first. The first tag is the version of the image.'},
  prefix: {description: 'Text before the tag, in place of the prefix of `flavor`.'},
  suffix: {description: 'Text after the tag, in place of the suffix of `flavor`.'},
}

const mutable: AttributeText = {
  description: 'Whether a full version that the rule gives is a floating tag.',
  default: 'false',
  values: ['true', 'false'],
}

const versionPattern = {
  description: 'Form of the tag, with `{{version}}`, `{{major}}`, `{{minor}}` and the other parts of a version.',
  example: '{{version}}',
}

const version: AttributeText = {description: 'Version to use in place of that of the run.'}
const match: AttributeText = {description: 'Regular expression that finds the version in the Git tag.'}

interface RuleText {
  readonly description: string
  readonly attributes: Readonly<Record<string, AttributeText>>
}

/** Descriptions of each type of rule and its own attributes. */
export const ruleTexts: Readonly<Record<WrittenKind, RuleText>> = {
  schedule: {
    description: 'The pattern, on the event `schedule`.',
    attributes: {
      pattern: {description: 'The tag, with or without expressions.', default: 'nightly', example: 'nightly'},
      mutable,
    },
  },
  semver: {
    description: 'A semantic version in the form of the pattern.',
    attributes: {pattern: {...versionPattern, required: true}, value: version, match, mutable},
  },
  pep440: {
    description: 'A Python version (PEP 440) in the form of the pattern.',
    attributes: {pattern: {...versionPattern, required: true}, value: version, match, mutable},
  },
  match: {
    description: 'The match of a regular expression in the Git tag.',
    attributes: {
      pattern: {description: 'JavaScript regular expression.', required: true, example: 'v(.*)'},
      group: {description: 'Number of the group that is the tag; 0 is the whole match.', default: '0', example: '1'},
      value: {description: 'Text to search in place of the Git tag.'},
      mutable,
    },
  },
  calver: {
    description: 'A version in the tokens of calver.org: the Git tag if it matches the pattern, otherwise the date.',
    attributes: {
      pattern: {description: 'Tokens such as `YYYY`, `0M` and `MICRO`.', required: true, example: 'YYYY.0M.MICRO'},
      value: version,
      tz: {description: 'Time zone of the date.', default: 'UTC', example: 'Europe/Berlin'},
      mutable,
    },
  },
  file: {
    description: 'The version in a file of the checkout.',
    attributes: {
      path: {
        description: 'Path of the file, or `PATH#REGEX` for a file without a known format.',
        required: true,
        example: 'package.json',
      },
      pattern: {...versionPattern, default: '{{version}}'},
      mutable,
    },
  },
  edge: {
    description: '`edge`, on one branch.',
    attributes: {branch: {description: 'The branch.', default: 'the default branch', example: 'main'}},
  },
  ref: {
    description: 'The name of the branch or Git tag; `pr-12` for a pull request.',
    attributes: {
      event: {description: 'Kind of ref that gives the tag.', required: true, values: ['branch', 'tag', 'pr']},
      mutable,
    },
  },
  raw: {
    description: 'The value.',
    attributes: {
      value: {description: 'The tag, with or without expressions.', required: true, example: 'stable'},
      mutable,
    },
  },
  sha: {
    description: 'The commit, such as `sha-860c190`.',
    attributes: {
      format: {description: 'Seven digits or all.', default: 'short', values: ['short', 'long']},
    },
  },
  env: {description: 'The name of the `environment`.', attributes: {}},
}

/** Descriptions of the expressions that every value, prefix, suffix and condition may contain. */
export const expressionTexts: Readonly<Record<string, string>> = {
  branch: 'name of the branch',
  tag: 'name of the Git tag',
  sha: 'first seven digits of the commit',
  base_ref: 'target branch of a pull request or merge queue',
  is_default_branch: '`true` on the default branch',
  is_not_default_branch: '`false` on the default branch',
  env: 'the input `environment`',
  pr: 'number of the pull request',
  run: 'number of the workflow run',
  short_ref_hash: 'short hash of the whole ref',
  date: "time of the run in a format: `{{date 'YYYYMMDD' tz='UTC'}}`",
  commit_date: "time of the commit in a format: `{{commit_date 'YYYYMMDD'}}`",
}
