/**
 * A closed queueing network in product form: customers go round all stations for ever. A station is `{ demand, servers }`, the demand of
 * one customer's round in any unit of time; one server is a queue, several are a queue with as many places, Infinity is a delay.
 */

/** Terms that are smaller than the largest by this factor (e^40) add nothing to a double. */
const NEGLIGIBLE = 40;

function check({ demand, servers }) {
  if (!(demand >= 0 && demand < Infinity)) throw new RangeError(`A demand must be 0 or more, and one is ${demand}.`);
  if (!(servers === Infinity || (Number.isInteger(servers) && servers > 0)))
    throw new RangeError(`A station must have 1, 2, 3 … or Infinity servers, and one has ${servers}.`);
}

function logSum(terms) {
  const largest = Math.max(...terms);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (const term of terms) if (largest - term < NEGLIGIBLE) sum += Math.exp(term - largest);
  return largest + Math.log(sum);
}

/** One more queue: g(n) += demand * g(n - 1). */
function withQueue(logs, demand) {
  const result = [...logs];
  for (let n = 1; n < result.length; n++) result[n] = logSum([result[n], Math.log(demand) + result[n - 1]]);
  return result;
}

/** Logarithms of the weights of 0, 1, 2 … customers at a station alone. */
function weightsOf({ demand, servers }, customers) {
  const weights = [0];
  for (let n = 1; n <= customers; n++) weights.push(weights[n - 1] + Math.log(demand / Math.min(n, servers)));
  return weights;
}

function convolved(logs, weights) {
  return logs.map((_, n) => logSum(weights.slice(0, n + 1).map((weight, here) => weight + logs[n - here])));
}

/**
 * Rounds per unit of time with 1, 2 … `customers`: Buzen's convolution, exact for product form. It adds only what is positive, in
 * logarithms, so it holds where mean value analysis with many servers cancels digits out.
 */
export function throughputs(stations, customers) {
  stations.forEach(check);
  if (!(Number.isInteger(customers) && customers > 0))
    throw new RangeError(`There must be 1, 2, 3 … customers, and there are ${customers}.`);
  const used = stations.filter(({ demand }) => demand > 0);
  if (used.length === 0) throw new RangeError('A network in which nothing takes time has no throughput.');
  let logs = [0, ...Array.from({ length: customers }, () => -Infinity)];
  for (const station of used.filter(({ servers }) => servers > 1)) {
    // The first station stands alone: the weights themselves.
    const weights = weightsOf(station, customers);
    logs = logs[1] === -Infinity ? weights : convolved(logs, weights);
  }
  for (const { demand } of used.filter(({ servers }) => servers === 1)) logs = withQueue(logs, demand);
  return logs.slice(1).map((log, index) => Math.exp(logs[index] - log));
}
