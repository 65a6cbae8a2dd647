/** Whether the workflow $1 is the principal's $2. */
export const OWN_WORKFLOW = 'SELECT FROM workflows WHERE id = $1 AND principal_id = $2';

/** The same of what stands in the tree of a workflow. */
export const OWN_THOUGHT = `SELECT FROM thought_trees t JOIN workflows w ON w.id = t.root_id WHERE t.id = $1 AND w.principal_id = $2`;
export const OWN_AGENT = `SELECT FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id JOIN workflows w ON w.id = t.root_id
  WHERE a.id = $1 AND w.principal_id = $2`;

/** A condition for `ofOwner`: that the workflow `id` is the owner's. */
export const isOfOwner = (id: string): string => `${id} IN (SELECT id FROM workflows WHERE principal_id = ?)`;
