/** The members of a DTO, in all its depth, as plain objects: what a service answers with, where the class only describes the wire. */
export type Plain<Dto> = Dto extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : Dto extends object
    ? { [Member in keyof Dto]: Plain<Dto[Member]> }
    : Dto;
