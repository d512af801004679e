/**
 * Message of a registry about an exhausted quota or full storage. Harbor: "adding 151.7 MiB of storage resource, which …
 * will exceed the configured upper limit of 100.0 GiB"; Quay: "Quota has been exceeded on namespace"; Artifactory:
 * "Datastore disk usage is too high"; DigitalOcean: "registry contains 1 repositories, limit is 1"; ECR:
 * "LimitExceededException"; Azure: "AccountSizeOverQuota"; IBM: "You have exceeded your storage quota"; GitLab: "the
 * namespace storage limit has been reached". It does not match a repository that is named `quota`.
 */
const full =
  /(?<![/\w.-])quotas?(?![/\w-])|quota_?exceeded|over[ _]?quota|exceed\w{0,20} [^\n]{0,80}\blimit\b|\blimit\w{0,20} [^\n]{0,40}\bexceeded|limit is \d|limitexceeded|insufficient[ _-]?storage|storage limit|disk usage is too high|no space left|not enough (?:disk |storage )?space|(?:disk|storage) (?:is )?full\b/i

/** Message about another limit: a rate limit, or the maximum size of a request. */
const other =
  /too ?many ?requests|rate[ -]?limit|per[ -](?:second|minute|hour|day)|(?:request|pull)s? (?:limit|quota)|(?:payload|body|request|manifest|layer|blob|chunk|file|entity) (?:size|exceeds|(?:is )?too large)|maximum (?:allowed )?\w* ?size/i

/** Reports whether the message of a registry means that its storage or quota is exhausted. */
export function saysFull(text: string): boolean {
  const message = text.replace(/https?:\/\/\S+/g, '')
  return full.test(message) && !other.test(message)
}
