/** Failures of a registry while a repository is read. A few manifests may be damaged; many show that it is not available. */
export class FailureLimit {
  #count = 0

  /**
   * Counts a failure, which each request has after all its retries.
   * @throws the failure if there are too many.
   */
  add(failure: Error | undefined): void {
    if (failure === undefined) return
    this.#count += 1
    if (this.#count > maxFailures) throw failure
  }
}

const maxFailures = 16
