/** Address of the script of the worker, which the build fills in. */
declare const WORKER_URL: string
