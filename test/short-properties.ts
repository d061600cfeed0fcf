import fc from 'fast-check';

// While mutants are tested every test runs once for each of them: a property gets a moment, not all its runs.
fc.configureGlobal({ interruptAfterTimeLimit: 50, markInterruptAsFailure: false });
