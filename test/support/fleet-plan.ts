import type { Simulator } from "../../runner/simulator/server.ts";

/**
 * A plan file that gives the devices that `filter` takes product 4. `more`: whatever else it says, of its pace say; whole keys.
 */
export const fleetPlan = (simulator: Simulator, filter: string, more: string): string => `rollcall: 1
name: fleet
service: simulator
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: ${simulator.rootPartner}
  fields: [device_id, device_name, device_name_alias, partner_id, product_id, used_storage]
  title: device_name
filter: ${filter}
change:
  set:
    product_id: 4
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      ProductId: \${{ set.product_id }}
${more}`;
