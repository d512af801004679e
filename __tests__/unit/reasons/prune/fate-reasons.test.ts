import {expect, test} from '@jest/globals'
import {fateReasons, type FateReason, type FateReasons} from '../../../../src/reasons/prune/fate-reasons.ts'
import {formatWith} from '../../../../src/reasons/reason-table.ts'

/** Sentence of a reason of each code. */
const sentences: {readonly [Code in keyof FateReasons]: readonly [Extract<FateReason, {code: Code}>, string]} = {
  'shares-image': [{code: 'shares-image', tags: ['1.2', 'latest']}, 'its image also has the tags 1.2, latest'],
  'needed-by': [{code: 'needed-by', reference: 'r.example/a:1.2.3'}, 'r.example/a:1.2.3 needs it'],
  'not-listed': [{code: 'not-listed'}, 'the registry removes untagged images by itself, and lists none'],
  'cannot-be-read': [{code: 'cannot-be-read'}, 'the registry does not return its manifest'],
  'contains-itself': [{code: 'contains-itself'}, 'its manifest contains itself'],
  protected: [{code: 'protected'}, '`protect` names it, or something that needs it'],
  changed: [{code: 'changed'}, 'it changed after it was read'],
  spared: [{code: 'spared'}, 'something that stays needs it'],
  remaining: [{code: 'remaining'}, 'the next run deletes it'],
  untried: [{code: 'untried', cause: 'denied'}, 'the registry denied other deletions, so this one was not tried'],
  refused: [{code: 'refused'}, 'this run deletes nothing in its repository'],
  'registry-locked': [{code: 'registry-locked', answer: '412'}, 'the registry protects it: 412'],
  'registry-last-version': [{code: 'registry-last-version'}, 'GitHub keeps the last tagged version of a package'],
  'registry-downloads': [{code: 'registry-downloads'}, 'GitHub keeps public versions with more than 5,000 downloads'],
  'registry-needed': [
    {code: 'registry-needed', answer: 'DENIED'},
    'the registry says that another image contains it: DENIED',
  ],
  'registry-denied': [{code: 'registry-denied', answer: '403'}, 'the registry denied the deletion: 403'],
  'registry-unsupported': [
    {code: 'registry-unsupported', answer: '405'},
    'the registry does not support the deletion: 405',
  ],
  'registry-failed': [{code: 'registry-failed', answer: '500'}, 'the deletion failed: 500'],
}

test.each(Object.entries(sentences))('%s', (_, [reason, sentence]) => {
  expect(formatWith(fateReasons, reason)).toBe(sentence)
})
