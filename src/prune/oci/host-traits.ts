import type {HostClient} from '../../registry/host-client.ts'
import {limiter, type Limiter} from '../../registry/limit.ts'
import type {Deletion} from '../image-store.ts'

/** Refusal of a registry that does not have a kind of deletion. */
export type Unsupported = Extract<Deletion, {readonly kind: 'unsupported'}>

/** Deletions that a registry has, as its answers have shown. Undefined: it is not known yet. */
export interface HostTraits {
  /** Whether the deletion of a tag removes the tag alone. */
  deletesTags: boolean | undefined
  /** Whether manifests are deleted by digest; the refusal if they are not. */
  deletesDigests: true | Unsupported | undefined
  /** Runs removals of tags one after another, until `deletesTags` is known. */
  readonly trial: Limiter
}

const traits = new WeakMap<HostClient, HostTraits>()

/** Traits of a host, which all its repositories share. */
export function traitsOf(host: HostClient): HostTraits {
  const known = traits.get(host)
  if (known !== undefined) return known
  const unknown = {deletesTags: undefined, deletesDigests: undefined, trial: limiter(1)}
  traits.set(host, unknown)
  return unknown
}
