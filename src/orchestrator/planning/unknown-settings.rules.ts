import { cutTo } from '../../database/cut.rules.js';
import { isJson } from './inputs/content-parts.rules.js';
import type { Json } from './input-fields.rules.js';

/** The members of `execution_context` that bind, each with those that are read of it. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  resource_limits: [
    'max_concurrent_agents',
    'max_subtasks',
    'max_cost_usd',
    'max_execution_time_minutes',
    'max_recursion_depth',
  ],
  quality_settings: [
    'validation_level',
    'require_human_review',
    'require_council_consensus',
    'enable_self_validation',
    'validation_rules',
    'output_fields',
  ],
  execution_preferences: [
    'strategy',
    'parallelization',
    'failure_tolerance',
    'optimization_focus',
    'caching_strategy',
    'model',
    'tools',
  ],
};

/** Of one request that are named. */
const MOST_NAMED = 10;
const LONGEST_NAME = 60;

/**
 * Warnings about what looks like a limit or setting and changes nothing: an unknown member where they stand, and a known one outside of
 * its place. Other members of `execution_context` are the caller's own.
 */
export function unknownSettings(context: Json): string[] {
  const misplaced = Object.keys(context).flatMap((name) => {
    const place = Object.keys(SETTINGS).find((each) => SETTINGS[each]?.includes(name));
    return place === undefined ? [] : [`execution_context.${name} changes nothing: it belongs into ${place}.`];
  });
  const unknown = Object.entries(SETTINGS).flatMap(([place, known]) => {
    const given = context[place];
    const names = isJson(given) ? Object.keys(given).filter((name) => !known.includes(name)) : [];
    return names.map((name) => `execution_context.${place}.${shown(name)} is not known and changes nothing.`);
  });
  const warnings = [...misplaced, ...unknown];
  const more = warnings.length - MOST_NAMED;
  return more > 0
    ? [...warnings.slice(0, MOST_NAMED), `${more} more members of execution_context change nothing.`]
    : warnings;
}

const shown = (name: string): string => cutTo(name, LONGEST_NAME);
