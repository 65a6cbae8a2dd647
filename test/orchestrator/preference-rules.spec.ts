import { readPreference } from '../../src/orchestrator/workflows/preference.rules.js';

it.each([
  [undefined, 240, ''],
  ['', 240, ''],
  ['respond-async', 0, 'respond-async'],
  ['Respond-Async; x=1', 0, 'respond-async'],
  ['wait=5', 5, 'wait=5'],
  ['wait = "5"; x', 5, 'wait=5'],
  ['wait=0', 0, 'wait=0'],
  ['respond-async, wait=10', 10, 'respond-async, wait=10'],
  ['wait=10, respond-async', 10, 'respond-async, wait=10'],
  ['wait=5, wait=9', 5, 'wait=5'],
  ['wait=9999', 600, 'wait=600'],
  ['wait=99999999999999999999', 600, 'wait=600'],
  ['wait=-1', 240, ''],
  ['wait=1.5', 240, ''],
  ['wait="5', 240, ''],
  ['wait', 240, ''],
  ['handling=lenient, wait=7', 7, 'wait=7'],
])('reads Prefer: %s as a wait of %i seconds', (header, waitSeconds, applied) => {
  expect(readPreference(header)).toEqual({ waitSeconds, applied });
});
