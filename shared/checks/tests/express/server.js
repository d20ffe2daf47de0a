// What lesson 02 asks, in Express with express-session, as the tutorials have it. The
// lesson's checks judge it by its address (../express.rs): they are about behaviour, not
// about Rust. Settings and signals, which an address does not show, are left out, but
// for `PORT`, `SESSION_TTL_SECS` and `BEER_API_URL`.

import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { env } from "node:process";
import express from "express";
import session from "express-session";

const beers = env.BEER_API_URL ?? (await brewery());
const ttl = Number(env.SESSION_TTL_SECS ?? 60);

// In memory: without `store`, that is what one gets.
const sessions = session({
  name: "beer.sid",
  secret: "not a secret, for an app on loopback",
  // As long as the course's own, and as random.
  genid: () => randomBytes(16).toString("base64url"),
  resave: false,
  // The page shows the ID on the first visit.
  saveUninitialized: true,
  cookie: { httpOnly: true, sameSite: "lax", secure: false, maxAge: ttl * 1000 },
});

const app = express();
app.disable("etag");
app.disable("x-powered-by");

// Before the sessions, and so without one.
app.get("/style.css", (request, response) => {
  response.type("css").send("body { font-family: sans-serif }");
});

app
  .route("/")
  .get(sessions, (request, response) => {
    response.send(page(request.session));
  })
  .post(sessions, async (request, response) => {
    const beer = await pour();
    const { session } = request;
    session.beers = (session.beers ?? 0) + 1;
    // A change gives it the full time again.
    session.touch();
    response.send(page(session, beer));
  })
  .all((request, response) => {
    response.set("Allow", "GET, HEAD, POST");
    response.status(405).send(error("This page takes GET and POST."));
  });

const form = express.urlencoded({ extended: false });
app.post("/name", form, sessions, (request, response) => {
  if (!request.is("application/x-www-form-urlencoded")) {
    return response.status(415).send(error("The form is not the one this site sends."));
  }
  const { name } = request.body;
  if (typeof name !== "string") {
    return response.status(422).send(error("The form is not the one this site sends."));
  }
  const trimmed = name.trim();
  const characters = [...trimmed].length;
  if (characters === 0 || characters > 64) {
    return response.status(422).send(error("A name has 1 to 64 characters."));
  }
  request.session.name = trimmed;
  request.session.touch();
  response.redirect(303, "/");
});

app.get("/count", sessions, (request, response) => {
  request.session.views = (request.session.views ?? 0) + 1;
  response.type("text/plain").send(`Views: ${request.session.views}`);
});

app.use((request, response) => {
  response.status(404).send(error("There is no such page."));
});

app.use((problem, request, response, next) => {
  console.error(problem.message);
  const status = problem.status ?? 502;
  response.status(status).send(error("Error, please try again"));
});

const server = app.listen(Number(env.PORT ?? 3000), "127.0.0.1");
await once(server, "listening");
console.log(`listening on http://127.0.0.1:${server.address().port}`);

// One beer of the API, which has three seconds.
async function pour() {
  const signal = AbortSignal.timeout(3000);
  const answer = await fetch(beers, { signal, redirect: "error" });
  const { status, data } = await answer.json();
  if (!answer.ok || status !== 200 || !data.name || !data.style) {
    throw new Error("the beer API failed");
  }
  return data;
}

// A beer API of our own, on a free port.
async function brewery() {
  const firsts = ["Copper", "Foggy", "Idle", "Lucky", "Midnight", "Rusty", "Silver"];
  const lasts = ["Anchor", "Badger", "Harbour", "Lantern", "Meadow", "Orchard", "Piper"];
  const styles = ["Kölsch", "Mild", "Porter", "Saison", "Stout"];
  const one = (words) => words[randomInt(words.length)];
  const api = createServer((request, response) => {
    const data = { name: `${one(firsts)} ${one(lasts)}`, style: one(styles) };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: 200, data }));
  });
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  return `http://127.0.0.1:${api.address().port}/`;
}

// The page, with the panel Session Info. It may write, so it is made before the answer
// is sent.
function page(session, beer) {
  session.name ??= "John Doe";
  const left = Math.ceil(session.cookie.maxAge / 1000);
  const viewed = session.beers
    ? `Beers viewed in this session: ${session.beers}`
    : "No beers viewed yet in this session.";
  const poured = beer ? `<p>${escape(beer.name)} ( ${escape(beer.style)} )</p>` : "";
  return layout(`<h1>Hello, ${escape(session.name)}!</h1>
<form method="post" action="/"><button>Pour Another</button></form>
${poured}
<h2>Session Info</h2>
<p>Session ID: ${escape(session.id)}</p>
<p>Session expires in ${left} seconds</p>
<p>${viewed}</p>
<form method="post" action="/name">
<label>Your name <input name="name" required></label> <button>Greet me</button>
</form>`);
}

function error(sentence) {
  return layout(`<h1>${escape(sentence)}</h1>`);
}

function layout(main) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Beers</title><link rel="stylesheet" href="/style.css"></head>
<body><main>
${main}
</main></body>
</html>`;
}

function escape(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}
