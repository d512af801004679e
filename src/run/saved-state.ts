/** Names of the state that a run saves for its post step, which cleans up after a killed run. */
export const configState = 'config'
export const markerState = 'marker'
export const bakeState = 'bake'
export const scanState = 'scan'
export const builderState = 'builder'
export const testImagesState = 'test-images'

/** Prefixes of the paths that a run creates in the temporary directory of the runner; a UUID follows. */
export const configPrefix = 'tagboat-'
export const bakePrefix = 'tagboat-bake-'
export const scanPrefix = 'tagboat-scan-'
/** Directory in the temporary directory of the runner with the builders that steps of this job share. */
export const jobBuildersName = 'tagboat-builders'
