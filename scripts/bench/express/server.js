// GET /count with a session in Redis, as step 03 has it, in Express. `cargo course
// bench` runs it. `REDIS_URL`, `SESSION_SECRET`, `SESSION_TTL_SECS`, `HOST` and `PORT`
// are what they are for the steps; `PROCESSES` is how many answer, 1 without it.
//
// How it is set up, so that the comparison is fair:
//
// - NODE_ENV=production comes from the bench. Express' documentation asks for it, and
//   for one process a core, by node:cluster: the bench measures one and all.
// - resave: false, as connect-redis requires and express-session recommends: a session
//   is written when it has changed, as in the steps. saveUninitialized: false, as both
//   recommend; here each visit writes, so it changes nothing.
// - The cookie is signed, HttpOnly, SameSite=Lax and not Secure, and with a maxAge it
//   goes out with each change: all as in step 03. It is the record's TTL as well.
// - One connection of node-redis a process, which sends together what is asked in one
//   turn of its loop. This is its default and what it is fastest with.
// - No ETag: none of the others makes one, and it costs a hash an answer.

import cluster from "node:cluster";
import { once } from "node:events";
import { env } from "node:process";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";

const processes = Number(env.PROCESSES ?? 1);

if (processes === 1) {
  ready(await serve());
} else if (cluster.isPrimary) {
  // Each of them listens on the same address, and says when it does.
  const workers = Array.from({ length: processes }, () => cluster.fork());
  const told = await Promise.all(workers.map((worker) => once(worker, "message")));
  ready(told[0][0]);
} else {
  process.send(await serve());
}

// Serves, and returns the address.
async function serve() {
  const client = createClient({ url: env.REDIS_URL });
  client.on("error", (error) => console.error(`Redis: ${error.message}`));
  await client.connect();

  const app = express();
  app.disable("etag");
  app.disable("x-powered-by");
  app.use(
    session({
      name: "beer.sid",
      secret: env.SESSION_SECRET,
      store: new RedisStore({ client }),
      resave: false,
      saveUninitialized: false,
      cookie: {
        httpOnly: true,
        sameSite: "lax",
        secure: false,
        maxAge: Number(env.SESSION_TTL_SECS) * 1000,
      },
    }),
  );
  app.get("/count", (request, response) => {
    request.session.views = (request.session.views ?? 0) + 1;
    response.type("text/plain").send(`Views: ${request.session.views}`);
  });

  const server = app.listen(Number(env.PORT), env.HOST);
  await once(server, "listening");
  const { address, port } = server.address();
  return `${address}:${port}`;
}

function ready(address) {
  console.log(`listening on http://${address}`);
}
