export { ConfigurationError } from './errors.js';
export type { TextOf } from './given-files.js';
export type * from './model.js';
export { placeText } from './model.js';
export { parseConfiguration, type ConfigurationFiles } from './read-configuration.js';
export { ClusterSchema } from './schema.js';
