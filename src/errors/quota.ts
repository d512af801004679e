/**
 * How registries say that a project, a user or the registry itself may hold no more. Harbor: "adding 151.7 MiB of storage
 * resource, which … will exceed the configured upper limit of 100.0 GiB"; Quay: "Quota has been exceeded on namespace";
 * Artifactory: "Datastore disk usage is too high"; DigitalOcean: "registry contains 1 repositories, limit is 1"; ECR:
 * "LimitExceededException"; Azure: "AccountSizeOverQuota". A repository may be named `quota`.
 */
const full =
  /(?<![/\w.-])quotas?(?![/\w-])|quota_?exceeded|over[ _]?quota|exceed\w{0,20} [^\n]{0,80}\blimit\b|\blimit\w{0,20} [^\n]{0,40}\bexceeded|limit is \d|limitexceeded|insufficient[ _-]?storage|storage limit|disk usage is too high|no space left|not enough (?:disk |storage )?space|(?:disk|storage) (?:is )?full\b/i

/** Limits of a rate pass by themselves, and limits of one request are met by another one. */
const other =
  /too ?many ?requests|rate[ -]?limit|per[ -](?:second|minute|hour|day)|(?:request|pull)s? (?:limit|quota)|(?:payload|body|request|manifest|layer|blob|chunk|file|entity) (?:size|exceeds|(?:is )?too large)|maximum (?:allowed )?\w* ?size/i

/** Whether a registry says by this that nothing more can be stored. */
export function saysFull(text: string): boolean {
  const words = text.replace(/https?:\/\/\S+/g, '')
  return full.test(words) && !other.test(words)
}
