// A real process that applies or resumes a run and dies by SIGKILL at the k-th interesting moment: before and after every ledger
// write, every sync, every mark, every send and every answer. Uses the compiled product; the moments come through its ports.
//   node killable.mjs '{"verb":"apply","plan":"…","config":"…","cwd":"…","inputs":["partner=1"],"killAt":7}'
// `durable`: a file that is told up to which record the ledger is on disk.
// Prints the number of moments it passed when it was not killed, and exits as the run says.
import { writeFileSync } from "node:fs";
import { openWith } from "../../dist/workspace/open.js";

const order = JSON.parse(process.argv[2]);
let moments = 0;

function moment() {
  moments += 1;
  if (moments === order.killAt) process.kill(process.pid, "SIGKILL");
}

const seams = {
  journal: (journal) => {
    let last = 0;
    return {
      note(facts) {
        moment();
        const seq = journal.note(facts);
        last = seq + facts.length - 1;
        moment();
        return seq;
      },
      async sync() {
        moment();
        const upTo = last;
        await journal.sync();
        if (order.durable !== undefined) writeFileSync(order.durable, String(upTo));
        moment();
      },
    };
  },
  connection: (connection) => ({
    login: connection.login,
    skewMs: connection.skewMs,
    pages: (list, signal) => connection.pages(list, signal),
    ask: (request, signal) => connection.ask(request, signal),
    read: (list, id, names, signal) => connection.read(list, id, names, signal),
    async write(request, options) {
      moment();
      const answer = connection.write(request, {
        ...options,
        ready: async () => {
          const go = await options.ready();
          moment();
          // The bytes leave right after `ready`: a moment later they have.
          setImmediate(moment);
          return go;
        },
      });
      const got = await answer;
      moment();
      return got;
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }),
};

/** No method that the simulator knows may be sent once only: the order can say so of any. */
function withRepeat(loaded) {
  if (order.repeat === undefined) return loaded;
  const { plan } = loaded;
  return { ...loaded, plan: { ...plan, change: { ...plan.change, repeat: order.repeat } } };
}

const workspace = await openWith({ cwd: order.cwd, config: order.config, env: process.env }, seams);
let exit = 0;
try {
  const inputs = { set: order.inputs, service: "simulator" };
  const events =
    order.verb === "apply"
      ? workspace.apply(withRepeat(await workspace.loadPlan(order.plan, inputs)), {
          consent: () => Promise.resolve({ given: true, how: "library" }),
        })
      : workspace.resume(order.run ?? "latest", { inputs: {} });
  for await (const event of events) if (event.type === "end") exit = event.exit;
} catch (error) {
  console.error(error);
  exit = error.exitCode ?? 1;
} finally {
  await workspace[Symbol.asyncDispose]();
}
console.log(moments);
process.exitCode = exit;
