interface Place {
  readonly id: string;
  readonly name: string;
  readonly kind: "museum" | "park" | "food" | "view";
}

interface CallContext {
  /** The same for every attempt of one step. */
  readonly idempotencyKey: string;
}

const register: Readonly<Record<string, readonly Place[]>> = {
  lisbon: [
    { id: "tile-museum", name: "National Tile Museum", kind: "museum" },
    { id: "castle-gardens", name: "Castle gardens", kind: "park" },
    { id: "river-market", name: "Market by the river", kind: "food" },
    { id: "upper-terrace", name: "Upper terrace", kind: "view" },
    { id: "tram-depot", name: "Tram depot", kind: "museum" },
  ],
};

const callsByKey = new Map<string, number>();

/** Looks a city up. The first call of a step is refused, as a busy service would. */
export function findPlaces(
  { city }: { readonly city: string },
  { idempotencyKey }: CallContext,
): readonly Place[] {
  const calls = (callsByKey.get(idempotencyKey) ?? 0) + 1;
  callsByKey.set(idempotencyKey, calls);
  if (calls === 1) throw Object.assign(new Error("the register is busy"), { code: "unavailable" });
  return register[city.toLowerCase()] ?? placesOfAnyTown(city);
}

/** Every town has these. */
function placesOfAnyTown(city: string): readonly Place[] {
  return [
    { id: "town-museum", name: `Museum of ${city}`, kind: "museum" },
    { id: "central-park", name: "Central park", kind: "park" },
    { id: "old-market", name: "Old market", kind: "food" },
    { id: "church-tower", name: "Church tower", kind: "view" },
  ];
}
