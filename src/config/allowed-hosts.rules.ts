const HOST =
  /^(\*|(\*\.)?([a-z0-9]([a-z0-9-]{0,62})\.)*[a-z0-9]([a-z0-9-]{0,62})(:\d{1,5})?|\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?)$/;

/** `host`, `host:port`, `*.domain`, or `*`, in lower case. */
export const isAllowedHost = (host: string): boolean => HOST.test(host);
