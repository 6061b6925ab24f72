import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { productsFor } from "./products.ts";
import { listInstant, wholeList } from "./reads.ts";
import { assertInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

/** EnumerateProducts: those that a partner may use, or only its own. */
export function enumerateProducts(world: World, members: Members, bend: Bend): Done {
  const params = new Params(members);
  const partnerId = params.integer("partnerId");
  assertInScope(world, partnerId);
  const ownOnly = params.optionalFlag("currentPartnerOnly") ?? false;
  const offers = productsFor(world.fleet.partners, partnerId, { ownOnly });
  const rows = offers.map(({ id, name, partnerId: owner }) => ({
    Id: id,
    Name: name,
    PartnerId: owner,
    Features: null,
  }));
  return wholeList(rows, listInstant(world, bend), bend);
}
