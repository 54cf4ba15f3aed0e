// Makes types from the OpenAPI document given as argument, and compiles a client that uses them, strictly.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
writeFileSync("api.ts", astToString(await openapiTS(document)));
writeFileSync("client.ts", `
import type { components, paths } from "./api.js";
type Schemas = components["schemas"];
const order: Schemas["PlaceOrderRequest"] = { symbol: "ES", side: "buy", type: "limit", quantity: 1, limitPrice: 5000 };
type Account = paths["/api/v1/accounts/{id}"]["get"]["responses"]["200"]["content"]["application/json"];
export const worth = (account: Account): number => account.balance + account.positions.reduce((sum, held) => sum + held.quantity * held.averagePrice, 0);
type Signals = paths["/api/v1/recorders/{id}/signals"]["get"]["responses"]["200"]["content"]["application/json"];
export const reasons = (signals: Signals): (string | null | undefined)[] => signals.items.map(signal => signal.reason);
// @ts-expect-error A quantity is a number.
export const wrong: Schemas["PlaceOrderRequest"] = { ...order, quantity: "one" };
`);
const tsc = spawnSync("node", ["node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "client.ts", "api.ts"],
  { encoding: "utf8" });
process.stdout.write(tsc.stdout + tsc.stderr);
process.exit(tsc.status ?? 1);
