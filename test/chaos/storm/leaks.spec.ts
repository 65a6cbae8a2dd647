import { heldConnections } from './leaks.js';

const metrics = (applicationIdle: number, durableIdle: number): string =>
  [
    '# TYPE nyx_database_pool_connections gauge',
    'nyx_database_pool_connections{pool="application",state="total"} 4',
    `nyx_database_pool_connections{pool="application",state="idle"} ${applicationIdle}`,
    'nyx_database_pool_connections{pool="durable",state="total"} 3',
    `nyx_database_pool_connections{pool="durable",state="idle"} ${durableIdle}`,
  ].join('\n');

it('a connection that is not given back is seen, of either pool', () => {
  expect(heldConnections('one', metrics(4, 2))).toEqual([]);
  expect(heldConnections('one', metrics(3, 2))).toEqual(['one holds 1 connections of its pool application, idle 0']);
  expect(heldConnections('one', metrics(4, 1))).toEqual(['one holds 2 connections of its pool durable, idle 1']);
});

it('who does not say holds some', () => {
  expect(heldConnections('one', '')).toHaveLength(2);
});
