/** The principal the guard let in; throws on routes that are open to all. */
export function principalOf(request) {
    const { user } = request;
    if (!user)
        throw new Error('This route is open to all and has no principal.');
    return user;
}
//# sourceMappingURL=principal.js.map