import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The import-direction rule of docs/architecture.md: what a folder must not import. */
const mayNotImport = (folder, patterns) => ({
  files: [`${folder}/**/*.ts`],
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const not = (name, message) => ({ regex: `^(\\.\\./)+${name}/`, message });
/** Only the entry point of another part may be imported, none of its inner files. */
const onlyEntrance = (name) => ({
  regex: `^(\\.\\./)+${name}/(?!index\\.js$)`,
  message: `import ${name} through its entry point, ${name}/index.js`,
});
const effects = {
  regex:
    '^(node:)?(fs|net|tls|http|https|dgram|child_process|timers|crypto|worker_threads|perf_hooks)(/.*)?$',
  message: 'this folder is pure: no sockets, files, clocks, randomness or timers',
};

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'fixtures/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
    },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-exports': 'off' } },
  mayNotImport('protocol', [
    not('target', 'protocol imports nothing of ours'),
    not('initiator', 'protocol imports nothing of ours'),
    not('harness', 'protocol imports nothing of ours'),
    effects,
  ]),
  mayNotImport('target', [
    not('initiator', 'target and initiator never import each other'),
    not('harness', 'nothing imports harness'),
    onlyEntrance('protocol'),
  ]),
  mayNotImport('initiator', [
    not('target', 'target and initiator never import each other'),
    not('harness', 'nothing imports harness'),
    onlyEntrance('protocol'),
  ]),
  mayNotImport('harness', [onlyEntrance('protocol'), onlyEntrance('target'), onlyEntrance('initiator')]),
  ...['target/reservations', 'target/commands'].map((folder) =>
    mayNotImport(folder, [
      effects,
      not('initiator', 'target and initiator never import each other'),
      not('harness', 'nothing imports harness'),
      onlyEntrance('protocol'),
    ]),
  ),
  ...['harness/oracle', 'harness/cluster', 'harness/from-log'].map((folder) =>
    mayNotImport(folder, [
      effects,
      onlyEntrance('protocol'),
      onlyEntrance('target'),
      onlyEntrance('initiator'),
    ]),
  ),
);
