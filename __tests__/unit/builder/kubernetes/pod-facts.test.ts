import {describe, expect, test} from '@jest/globals'
import {errorsOf, podFacts} from '../../../../src/builder/kubernetes/pod-facts.ts'

const name = 'tagboat-7-1-0000abcd0'
const pod = `${name}-5464f94fb5-fqr5b`

interface Parts {
  readonly conditions?: readonly unknown[]
  readonly container?: unknown
  readonly phase?: string
}

function podOf({conditions = [], container, phase = 'Pending'}: Parts): unknown {
  const containerStatuses = container === undefined ? [] : [container]
  return {metadata: {name: pod, namespace: 'builds'}, status: {phase, conditions, containerStatuses}}
}

function eventOf(about: string, message: string): unknown {
  return {involvedObject: {name: about}, reason: 'Failed', message}
}

describe('the facts about pods that are not ready', () => {
  const full = '0/3 nodes are available: 3 Insufficient memory.'
  const unscheduled = {type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: full}
  const unpulled = {state: {waiting: {reason: 'ErrImagePull', message: 'no such host'}}}
  const crashed = {
    state: {waiting: {reason: 'CrashLoopBackOff', message: 'back-off'}},
    lastState: {terminated: {exitCode: 1}},
  }
  const refused = {type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'violates PodSecurity'}
  const facts = (given: {
    readonly pods?: readonly unknown[]
    readonly events?: readonly unknown[]
  }): readonly string[] => podFacts({name, deployment: undefined, pods: [], events: [], ...given}).lines

  test.each([
    {
      name: 'a pod without a node',
      given: {pods: [podOf({conditions: [unscheduled]})]},
      expected: [`pod ${pod}: Unschedulable: ${full}`],
    },
    {
      name: 'an image that cannot be pulled',
      given: {pods: [podOf({container: unpulled})]},
      expected: [`pod ${pod}: ErrImagePull: no such host`],
    },
    {
      name: 'a container that ended',
      given: {pods: [podOf({container: crashed})]},
      expected: [`pod ${pod}: CrashLoopBackOff: back-off (exit code 1)`],
    },
    {
      name: 'a pod that only starts',
      given: {pods: [podOf({phase: 'Running', container: {state: {running: {}}}})]},
      expected: [`pod ${pod}: Running`],
    },
    {
      name: 'warnings of the pod, its replica set and its deployment, but not of others',
      given: {
        events: [
          eventOf(pod, 'a'),
          eventOf(`${name}-5464f94fb5`, 'b'),
          eventOf(name, 'c'),
          eventOf(`${name}1`, 'd'),
          eventOf('other', 'e'),
        ],
      },
      expected: ['event: Failed: a', 'event: Failed: b', 'event: Failed: c'],
    },
    {
      name: 'a warning whose message the pod has, too, once',
      given: {
        pods: [podOf({container: unpulled})],
        events: [eventOf(pod, 'no such host'), eventOf(pod, 'no such host')],
      },
      expected: [`pod ${pod}: ErrImagePull: no such host`],
    },
    {name: 'nothing that can be read', given: {pods: [null, 'text', {}]}, expected: ['pod : ']},
  ])('$name', ({given, expected}) => {
    expect(facts(given)).toEqual(expected)
  })

  test('a deployment whose pods are refused', () => {
    const deployment = {status: {conditions: [{type: 'Available', status: 'False'}, refused]}}
    const {lines} = podFacts({name, deployment, pods: [], events: []})
    expect(lines).toEqual([`deployment ${name}: FailedCreate: violates PodSecurity`])
  })

  test('the pods whose log is worth reading are those with a container that ended', () => {
    const pods = [podOf({container: crashed}), podOf({container: unpulled})]
    const {crashed: found} = podFacts({name, deployment: undefined, pods, events: []})
    expect(found).toEqual([{namespace: 'builds', name: pod}])
  })
})

describe('the errors in a log', () => {
  test.each([
    {
      name: 'before the usage',
      log: 'Incorrect Usage: no flag -x\n\n--help  show help\n',
      expected: ['Incorrect Usage: no flag -x'],
    },
    {
      name: 'at its end',
      log: 'level=info msg=start\nbuildkitd: failed to load config\n',
      expected: ['buildkitd: failed to load config'],
    },
    {name: 'or else its last lines', log: 'a\nb\nc\nd\n', expected: ['b', 'c', 'd']},
  ])('$name', ({log, expected}) => {
    expect(errorsOf(log)).toEqual(expected)
  })
})
