// Follows one account through the hub with the client library that pages use, and counts. Says what it does in JSON lines on stdout; a line with a
// number on stdin tells up to which sequence it follows.
import { createInterface } from "node:readline";
import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";

const [address, account] = process.argv.slice(2);
const topic = `account:${account}`;
const seen = { first: null, last: null, events: 0, resets: 0, quotes: 0, reconnects: 0, stops: 0 };
let until = Infinity;

const say = (what) => console.log(JSON.stringify(what));

const fail = (error) => {
  say({ failed: String(error) });
  process.exit(1);
};

const connection = new HubConnectionBuilder()
  .withUrl(`${address}/hubs/live`, { accessTokenFactory: () => process.env.LIVE_TOKEN })
  .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 200 })
  .configureLogging(LogLevel.None)
  .build();

const subscribe = async () => {
  const last = seen.last; // The first push may come before the answer.
  const after = last === null ? {} : { [topic]: last };
  const reply = await connection.invoke("Subscribe", { accounts: [account], symbols: ["ES"], after });
  say({ subscribed: reply.symbols.ES, after: last });
};

const endIfDone = async () => {
  if (seen.last >= until) {
    until = Infinity;
    await connection.stop();
    say(seen);
    process.exit(0);
  }
};

connection.on("reset", async ({ topic: of, seq, snapshot }) => {
  if (of !== topic || snapshot.id !== account) {
    fail(`a reset of ${of} with ${JSON.stringify(snapshot)}`);
  }

  seen.first ??= seq;
  seen.last = seq;
  seen.resets++;
  await endIfDone();
});

connection.on("event", async ({ topic: of, seq, type }) => {
  if (of !== topic || seq !== seen.last + 1) {
    fail(`${type} ${seq} of ${of} behind ${seen.last}`);
  }

  seen.last = seq;
  seen.events++;
  if (seen.events === 20) {
    await connection.stop(); // Leaves by itself, and comes back.
    seen.stops++;
    await connection.start();
    await subscribe();
  }

  await endIfDone();
});

connection.on("quote", () => seen.quotes++);

connection.onreconnected(async () => {
  seen.reconnects++;
  say({ reconnected: seen.reconnects });
  await subscribe();
});

connection.onclose((error) => error && fail(error));
createInterface({ input: process.stdin }).on("line", async (line) => {
  until = Number(line);
  await endIfDone();
});

try {
  await connection.start();
  await connection.invoke("Subscribe", { accounts: ["nobodysaccount"] }).then(
    () => fail("a foreign account was subscribed"),
    (error) => say({ refused: error.message }),
  );
  await subscribe();
} catch (error) {
  fail(error);
}
