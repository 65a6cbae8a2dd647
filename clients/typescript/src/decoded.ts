/** By what the answer says that it is; where there is nothing, it says nothing. */
export async function decoded(answer: Response): Promise<unknown> {
  const type = answer.headers.get('content-type');
  if (type === null) return undefined;
  if (/^application\/(problem\+)?json/.test(type)) return answer.json();
  return type.startsWith('text/') ? answer.text() : answer.blob();
}
