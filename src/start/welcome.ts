import type { FirstAdmin } from '../auth/first-start.service.js';

const WORKFLOW = {
  input_type: 'user_prompt',
  content: { prompt: 'Compare three ways to brew coffee and recommend one for a beginner.' },
};

/** What the first start tells whoever started it: how to sign in, and one command that runs a workflow. */
export function welcome(url: string, admin: FirstAdmin): string {
  const password = admin.isGenerated ? admin.password : 'as set in NYX_ADMIN_PASSWORD';
  return [
    '',
    'This is the first start, and an admin was made:',
    `  name      ${admin.username}`,
    `  password  ${password}`,
    ...(admin.isGenerated ? ['It is shown only now: keep it.'] : []),
    '',
    'Paste this into another terminal to run a workflow:',
    '',
    curl(url, admin),
    '',
    `Try the rest at ${url}/docs`,
    '',
  ].join('\n');
}

function curl(url: string, admin: FirstAdmin): string {
  const json = `-H 'Content-Type: application/json'`;
  const credentials = admin.isGenerated
    ? `'${JSON.stringify({ username: admin.username, password: admin.password })}'`
    : `"{\\"username\\":\\"${admin.username}\\",\\"password\\":\\"$NYX_ADMIN_PASSWORD\\"}"`;
  const token = `$(curl -s ${url}/api/v1/auth/login ${json} -d ${credentials} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`;
  const body = JSON.stringify(WORKFLOW);
  return `curl -s ${url}/api/v1/orchestrator/workflows/execute ${json} -H "Authorization: Bearer ${token}" -d '${body}'`;
}

export const OFFLINE_LINE =
  'ANTHROPIC_API_KEY is not set: the offline provider answers by fixed rules, costs nothing, and is for trying NYX.';
