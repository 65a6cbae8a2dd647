import { contentsOf, elementsOf, MATERIAL, subjectOf, withoutElements } from './elements.rules.js';
import { named, type Facts } from './facts.rules.js';
import { BY_RULES, OFFLINE_HEADER } from './offline-header.js';
import { isVoteName, optionsOf, stanceMembers, type Option } from './options.rules.js';
import { stepsOf } from './plan-steps.rules.js';
import { memberTypes, type Schema } from './schema.rules.js';
import { pointsOf, shorten } from './text.rules.js';
import { fold, overlap, termsOf } from './words.rules.js';

type Role = 'engineer' | 'strategist' | 'dissenter' | 'analyst' | 'facilitator';

/** What a role looks at first. */
const CARES_ABOUT: Readonly<Record<Role, ReadonlySet<string>>> = {
  engineer: new Set(
    termsOf(
      'build test simple code maintain maintenance performance reliable reliability technical implement tool safe security run one server bauen einfach wartung sicher',
    ),
  ),
  strategist: new Set(
    termsOf(
      'goal cost long market value growth benefit time future team customer price cheap ziel kosten markt wert wachstum kunde',
    ),
  ),
  analyst: new Set(
    termsOf(
      'data measure measured evidence compare number figure percent known statistic query report daten messen beleg zahl vergleich',
    ),
  ),
  facilitator: new Set(
    termsOf('agree common combine both compromise all together shared gemeinsam einigen beide zusammen'),
  ),
  dissenter: new Set<string>(),
};
const ROLE_WORDS: readonly (readonly [RegExp, Role])[] = [
  [/engineer|ingenieur/i, 'engineer'],
  [/strateg/i, 'strategist'],
  [/dissent|devil['’]s advocate|critic|kritiker|skepti/i, 'dissenter'],
  [/analyst/i, 'analyst'],
  [/facilitat|moderator/i, 'facilitator'],
];
const YOUR_ROLE =
  /(?<![\p{L}\p{N}])(?:you are|act as|role:|your role is|as|du bist|sie sind|als)\s+(?:(?:the|an?|der|die|das|eine?)\s+)?(?:council(?:['’]s)?\s+)?([\p{L}'’]{3,20}(?:\s[\p{L}'’]{3,20})?)/giu;
const VIEWS = ['view', 'perspective', 'opinion', 'statement', 'position', 'vote', 'member', 'contribution'];
const RISKY =
  /(?<![\p{L}\p{N}])(?:risk\w*|fail\w*|cost\w*|delay\w*|depend\w*|unclear|danger\w*|loss|lose|loses|problem\w*|slow\w*|expensive|hard|complex\w*|more work|riski\p{L}*|gefahr\p{L}*|ausfall\p{L}*|teuer|langsam\p{L}*|kosten)(?![\p{L}\p{N}])/iu;
const MOST_LISTED = 5;

interface Ballot {
  readonly role: Role | undefined;
  readonly chosen: Option | undefined;
  /** What a dissenter argues against. */
  readonly against: Option | undefined;
  /** 0..1: how far the choice is ahead of the others. */
  readonly confidence: number;
  /** Whether anything but their order tells the options apart. */
  readonly isAhead: boolean;
  /** Members of the schema that ask for or against. */
  readonly stances: readonly string[];
  readonly agreements: readonly string[];
  readonly disagreements: readonly string[];
  readonly risks: readonly string[];
  /** Share of the views that name the choice; 1 without views. */
  readonly consensus: number;
}

/** Whether the schema asks for a vote or a view of a council. */
export function asksForVote(schema: Schema): boolean {
  const names = [...memberTypes(schema).keys()];
  const weighs = names.filter((name) =>
    /^(?:confidence|agreements?|disagreements?|risks?|perspectives?|consensus(?:_level)?|rationale|reason(?:ing|s)?|arguments?|concerns?)$/.test(
      name,
    ),
  );
  const isBalance = weighs.filter((name) => /^(?:agreements?|disagreements?|risks?)$/.test(name)).length > 1;
  return isBalance || (names.some(isVoteName) && weighs.length > 0);
}

/** The role that the request gives: said to "you" in the prompt's own words or in the system's, else the first that the system names. */
function roleIn(system: string, prompt: string): Role | undefined {
  const own = withoutElements([...MATERIAL, ...VIEWS], prompt);
  for (const text of [own, system]) {
    for (const [, words = ''] of text.matchAll(YOUR_ROLE)) {
      const role = ROLE_WORDS.find(([word]) => word.test(words))?.[1];
      if (role !== undefined) return role;
    }
  }
  const places = ROLE_WORDS.map(([word, role]) => ({ at: system.search(word), role })).filter(({ at }) => at >= 0);
  return places.toSorted((a, b) => a.at - b.at)[0]?.role;
}

/** Weighs the options by the words they share with the task, with what the role cares about, and with the views of the others. */
export function voteOn(schema: Schema, prompt: string, system = ''): Ballot {
  const role = roleIn(system, prompt);
  const options = optionsOf(schema, prompt);
  const views = elementsOf(VIEWS, prompt).map(({ attributes, content }) => `${attributes} ${content}`);
  const task = new Set(termsOf(shorten(withoutElements(MATERIAL, subjectOf(prompt)), 50_000)));
  const cares = role === undefined ? new Set<string>() : CARES_ABOUT[role];
  const viewWeight = role === 'facilitator' ? 10 : 2;
  const weights = options.map(({ name, text }) => {
    const terms = new Set(termsOf(text));
    return overlap(terms, task) + 3 * overlap(terms, cares) + viewWeight * namedIn(name, views);
  });
  const { chosen, confidence, isAhead } = choose(options, weights, role);
  const against = role === 'dissenter' ? options[0] : undefined;
  return {
    role,
    chosen,
    against,
    confidence,
    isAhead,
    stances: stanceMembers(schema),
    ...balance(options, views, chosen),
    risks: risksIn(prompt, against),
  };
}

/** The heaviest option, the first of equals; a dissenter takes the heaviest of those that are not the first. */
function choose(options: readonly Option[], weights: readonly number[], role: Role | undefined) {
  const candidates = options.map((option, index) => ({ option, weight: weights[index] ?? 0, index }));
  const open = role === 'dissenter' ? candidates.slice(1) : candidates;
  const ranked = (open.length > 0 ? open : candidates).toSorted((a, b) => b.weight - a.weight || a.index - b.index);
  const [best, next] = ranked;
  const second = next?.weight ?? 0;
  const ahead = best === undefined ? 0 : Math.max(0, best.weight - second) / (best.weight + second + 1);
  return { chosen: best?.option, confidence: Math.round((0.5 + ahead * 0.4) * 100) / 100, isAhead: ahead > 0 };
}

const namedIn = (name: string, views: readonly string[]): number => {
  const plain = fold(name).replaceAll('_', ' ');
  return views.filter((view) => fold(view).replaceAll('_', ' ').includes(plain)).length;
};

/** What more than one view speaks for, and what only some do. */
function balance(options: readonly Option[], views: readonly string[], chosen: Option | undefined) {
  const counts = options.map(({ name }) => ({ name, count: namedIn(name, views) })).filter(({ count }) => count > 0);
  const said = ({ name, count }: { name: string; count: number }): string =>
    `${count} of ${views.length} views name "${shorten(name, 120)}".`;
  const isShared = ({ count }: { count: number }): boolean => views.length > 1 && count === views.length;
  const own = counts.find(({ name }) => name === chosen?.name)?.count ?? 0;
  return {
    agreements: counts.filter(isShared).map(said).slice(0, MOST_LISTED),
    disagreements: counts
      .filter((each) => !isShared(each))
      .map(said)
      .slice(0, MOST_LISTED),
    consensus: views.length === 0 ? 1 : Math.round((own / views.length) * 100) / 100,
  };
}

/** Sentences of the prompt that speak of a risk; a dissenter names one in any case. */
function risksIn(prompt: string, against: Option | undefined): string[] {
  const own = [
    subjectOf(prompt),
    ...contentsOf([...MATERIAL, ...VIEWS], prompt),
    ...contentsOf(['option', 'proposal'], prompt),
  ];
  const sentences = own.flatMap((text) => pointsOf(text.replaceAll(OFFLINE_HEADER, '')).map((point) => point.text));
  const found = [
    ...new Set(sentences.filter((sentence) => RISKY.test(sentence)).map((sentence) => shorten(sentence, 300))),
  ];
  const dissent =
    against === undefined ? [] : [`Nothing here says what happens when "${shorten(against.name, 120)}" goes wrong.`];
  return [...dissent, ...found].slice(0, MOST_LISTED);
}

/** The vote as what is known about the places of an answer. */
export function voteFacts(ballot: Ballot, prompt: string): Facts {
  const { role, chosen, against, confidence, agreements, disagreements, risks, consensus } = ballot;
  const name = chosen?.name ?? 'no option';
  const objection =
    against === undefined || against === chosen ? '' : ` The dissenter speaks against "${shorten(against.name, 200)}".`;
  const as = role === undefined ? '' : ` as ${role}`;
  const why = ballot.isAhead ? 'shares most words with the task' : 'is the first of those that rules cannot tell apart';
  const rationale = `${BY_RULES}${as} "${name}" ${why}.${objection}`;
  const refusal = against !== undefined && against === chosen ? `Not without a second option: ${name}` : name;
  return new Map([
    ...named(
      'recommendation vote choice decision preferred preferred_option preference selected_option selection winner position stance option',
      refusal,
    ),
    ...ballot.stances.map((member): [string, string] => [member, role === 'dissenter' ? 'fail' : 'pass']),
    ...named('confidence certainty strength', confidence),
    ...named(
      'rationale reason reasoning explanation justification argument perspective view summary opinion',
      rationale,
    ),
    ...named('reasons arguments perspectives views', [textFacts(rationale, role)]),
    ...named(
      'agreements agreement common_ground',
      agreements.map((text) => textFacts(text)),
    ),
    ...named(
      'disagreements disagreement objections conflicts',
      disagreementsOf(disagreements, objection).map((text) => textFacts(text)),
    ),
    ...named(
      'risks risk concerns caveats',
      risks.map((text) => textFacts(text)),
    ),
    ...named(
      'steps next_steps',
      stepsOf(prompt)
        .slice(0, MOST_LISTED)
        .map(({ text }) => textFacts(text)),
    ),
    ...named('consensus consensus_level agreement_level level', consensus),
    ...named(
      'consensus_reached has_consensus agrees agree support supports approved',
      role !== 'dissenter' && consensus > 0.5,
    ),
    ...(role === undefined ? [] : named('role member', role)),
  ]);
}

const disagreementsOf = (found: readonly string[], objection: string): string[] =>
  objection === '' ? [...found] : [objection.trim(), ...found];

const textFacts = (text: string, role?: Role): Facts =>
  new Map([
    ...named('text description message statement summary view perspective position risk title point name', text),
    ...named('severity level likelihood impact', 'warning'),
    ...(role === undefined ? [] : named('role member', role)),
    ['', text],
  ]);
