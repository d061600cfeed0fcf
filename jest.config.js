/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/rules', '<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['babel-jest', { presets: [['@babel/preset-typescript', { onlyRemoveTypeImports: true }]] }] },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  maxWorkers: 2,
  collectCoverageFrom: ['src/**/*.ts', 'rules/**/*.ts'],
  coverageProvider: 'babel',
};
