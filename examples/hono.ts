/** Hono: a middleware that changes what the handlers behind it answer. */
import { Hono } from "hono";
import { transformResponse } from "sluice";
import { replace } from "sluice/transforms";

/** An application whose answers are changed. */
export const app: Hono = new Hono();

app.use(async (context, next) => {
  await next();
  const changed = transformResponse(context.res, [replace("foobar", "BAZ")]);
  // Hono puts the fields of a response that is there onto the one that takes its place.
  context.res = undefined;
  context.res = changed;
});

app.get("/", (context) => context.text("foobar", 200, { "ETag": '"1"', "Content-Length": "6" }));
app.get("/empty", (context) => context.body(null, 204));
