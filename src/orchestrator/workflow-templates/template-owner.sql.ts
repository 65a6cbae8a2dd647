/** A condition for `ofOwner` on workflow_templates as t. What an admin made has no owner: all read and run it, admins change it. */
export const READABLE_TEMPLATE = '(t.principal_id = ? OR t.principal_id IS NULL)';

/** Whether the principal $2 may read the template $1, and whether it is theirs to change. */
export const SEEN_TEMPLATE =
  'SELECT FROM workflow_templates WHERE id = $1 AND (principal_id = $2 OR principal_id IS NULL)';
export const OWN_TEMPLATE = 'SELECT FROM workflow_templates WHERE id = $1 AND principal_id = $2';
