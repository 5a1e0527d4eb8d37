// Chooses by host and path what a response goes through:
//   sluice -s examples/routes.js
export function routes(route, { replace }) {
  route("*").get("/", () => replace("foobar", "sluice"));
  route("*.example.com").get("/api/:version/*", (_flow, { params }) => {
    if (params.version === "v1") return [replace("http://", "https://"), replace("foo", "bar")];
  });
}
