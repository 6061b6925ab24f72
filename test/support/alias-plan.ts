/**
 * A plan file that gives devices product 4, and an alias with secret inputs in it. `alias`: a template over `inputs`, all of which
 * are secret but those of `more`; `filter`: besides the product, one clause.
 */
export const aliasPlan = (
  partner: number,
  {
    secrets,
    alias,
    more = "",
    filter,
    errors = 9,
  }: {
    readonly secrets: readonly string[];
    readonly alias: string;
    readonly more?: string;
    readonly filter?: string;
    readonly errors?: number;
  },
): string => `rollcall: 1
name: aliases
service: simulator
inputs:
${secrets.map((name) => `  ${name}: { type: secret }\n`).join("")}${more}enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: ${partner} } }
  fields: [device_id, device_name, product_id, device_name_alias]
  title: device_name
filter:
  - item.product_id in [3, 4]
${filter === undefined ? "" : `  - ${filter}\n`}change:
  set: { product_id: 4 }
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      ProductId: \${{ set.product_id }}
      NameAlias: ${JSON.stringify(alias)}
stop: { errors: ${errors}, consecutive: 9, unknown: 9 }
verify: { within: 3s, every: 200ms }
`;
