/** Bytes of one uploaded file. */
export const MAX_UPLOAD_BYTES = 25 * 1024 * 1024;

/** Express compares paths without regard to case. */
const UPLOAD_PATH = /^\/api\/v1\/tools\/files\/./i;

/** Whether the body of a request is a file, which is read as it is and as it comes, and not JSON. */
export const isUpload = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === 'PUT' && UPLOAD_PATH.test(path);
