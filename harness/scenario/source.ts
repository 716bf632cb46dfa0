import { SourceError, YamlSource, type Path } from '../source/yaml-source.js';

export type { Path };

/** A scenario that cannot be played: `file:line:column: what was wrong, what was expected`. */
export class ScenarioError extends SourceError {
  override readonly name = 'ScenarioError';
}

/** The text of a scenario. */
export class ScenarioSource extends YamlSource<ScenarioError> {
  /** Throws ScenarioError where the text is no YAML. */
  constructor(text: string, file: string) {
    super(text, file, ScenarioError);
  }
}
